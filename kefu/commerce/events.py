"""The kinds that `signals.order_changed` carries, past tense."""

ORDER_CANCELLED = "commerce.order_cancelled"  # facts: order, reason, refunds (ids), refunded_minor, currency
RETURN_OPENED = "commerce.return_opened"  # facts: order, return, line, quantity, reason, refund_minor, currency
RETURN_CANCELLED = "commerce.return_cancelled"  # facts: order, return
RETURN_RECEIVED = "commerce.return_received"  # facts: order, return, is_fit
REFUND_MADE = "commerce.refund_made"  # facts: order, refunds (ids), amount_minor, currency, rule, reason
REMEDY_GIVEN = "commerce.remedy_given"  # facts: order, line, remedy, cause, quantity, amount_minor, currency, rule
REFUND_SETTLED = "commerce.refund_settled"  # facts: order, refund, state
ORDER_CHANGED = (
    "commerce.order_changed"  # facts: order, change, was, became (not of an address), difference_minor, currency, rule
)
EXCHANGE_OPENED = (
    "commerce.exchange_opened"  # facts: order, return, lines [{line, sku, quantity}], difference_minor, currency
)
PAYMENT_SETTLED = "commerce.payment_settled"  # facts: order, payment, state
PAYMENT_MISSING = "commerce.payment_missing"  # facts: order, amount_minor, currency; what could not be taken
