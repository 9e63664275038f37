"""The words for keys that come out of the database: channels, queues, playbooks, dispositions, reasons.

A key the catalogue does not know yet (a new playbook, a company's own queue) is shown as readable words, never as code.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from kefu.desk.models import Conversation

_CHANNELS = {"chat": noop("Chat"), "email": noop("E-mail"), "hello": noop("Hello")}
_QUEUES = {
    "support": noop("Support"), "returns": noop("Returns"), "logistics": noop("Logistics"),
    "payments": noop("Payments"), "warehouse": noop("Warehouse"), "vip": noop("VIP"),
}  # fmt: skip
_PLAYBOOKS = {
    "order_status": noop("Order status"), "where_is_my_parcel": noop("Where is the parcel"),
    "track_parcel": noop("Where is the parcel"), "cancel_order": noop("Cancel an order"),
    "return_item": noop("Return an item"), "product_question": noop("Product question"),
    "change_order": noop("Change an order"), "exchange_item": noop("Exchange an item"),
    "item_problem": noop("Something wrong with an item"), "payment_question": noop("Question about a payment"),
    "policy_question": noop("Question about terms"), "refund_status": noop("Where is the refund"),
    "shipping_question": noop("Question about shipping"), "human": noop("Talk to a person"),
    "talk_to_person": noop("Talk to a person"), "verify_customer": noop("Verify the customer"),
    "hand_over": noop("Hand over"), "clarify": noop("Clarify"), "small_talk": noop("Small talk"),
}  # fmt: skip
_DISPOSITIONS = {
    "solved": noop("Solved"), "answered": noop("Answered"), "no_reply": noop("No reply came"),
    "duplicate": noop("Duplicate"), "spam": noop("Spam"), "refused": noop("Refused by policy"),
    "automatic": noop("Automatic mail"), "return_opened": noop("Return opened"),
    "cancelled": noop("Order cancelled"), "handed_over": noop("Handed over"), "stopped": noop("Dropped by customer"),
}  # fmt: skip
_REASONS = {
    "asked": noop("asked for a person"), "unsure": noop("the assistant was unsure"),
    "angry": noop("the customer is angry"), "refused": noop("policy refused"), "failed": noop("an action failed"),
    "urgent": noop("urgent"),
}  # fmt: skip


def words(key: str) -> str:
    """ "return_opened" -> "Return opened", for keys without a translation."""
    plain = key.rpartition(".")[2].replace("_", " ").replace("-", " ").strip()
    return plain[:1].upper() + plain[1:]


def _said(known: dict[str, str], key: str) -> str:
    return _(known[key]) if key in known else words(key)


def channel(kind: str) -> str:
    return _said(_CHANNELS, kind)


def queue(key: str) -> str:
    return _said(_QUEUES, key) if key else ""


def playbook(key: str) -> str:
    return _said(_PLAYBOOKS, key)


def disposition(key: str) -> str:
    return _said(_DISPOSITIONS, key) if key else ""


def reason(key: str) -> str:
    return _said(_REASONS, key) if key else ""


def visitor(conversation: Conversation) -> str:
    """Who writes, when no name is known: the address for e-mail, else a visitor with the conversation's number."""
    address = conversation.identity.address
    return address if "@" in address else _("Visitor %(number)s") % {"number": conversation.number}


_TASKS = {
    "expect_return": noop("Expect a return"), "receive_return": noop("Expect a return"),
    "trace_parcel": noop("Trace a parcel"), "search_parcel": noop("Trace a parcel"),
    "refund": noop("Pay a refund"), "customs": noop("Clear customs"),
}  # fmt: skip
_ORDER_STATES = {
    "unpaid": noop("Unpaid"), "paid": noop("Paid"), "packing": noop("Packing"), "shipped": noop("Shipped"),
    "delivered": noop("Delivered"), "cancelled": noop("Cancelled"),
}  # fmt: skip
_SHIPMENT_STATES = {
    "preparing": noop("Preparing"), "in_transit": noop("In transit"), "customs_held": noop("Held at customs"),
    "out_for_delivery": noop("Out for delivery"), "delivered": noop("Delivered"), "lost": noop("Lost"),
    "returned": noop("Coming back"),
}  # fmt: skip
_TRACKING = {
    "label_created": noop("Label printed"), "picked_up": noop("Picked up by the carrier"),
    "in_transit": noop("In transit"), "arrived_country": noop("Arrived in the country"),
    "customs_in": noop("With customs"), "customs_held": noop("Held at customs"),
    "customs_released": noop("Released by customs"), "out_for_delivery": noop("Out for delivery"),
    "delivery_failed": noop("Delivery tried in vain"), "delivered": noop("Delivered"),
    "exception_damaged": noop("Damaged on the way"), "lost": noop("Lost"), "returning": noop("Coming back"),
}  # fmt: skip
_RETURN_STATES = {
    "open": noop("Return open"), "received": noop("Return received"), "refunded": noop("Return refunded"),
    "cancelled": noop("Return called off"), "rejected": noop("Return rejected"),
}  # fmt: skip
_ROOT_CAUSES = {
    "late": noop("Late delivery"), "lost": noop("Lost parcel"), "customs": noop("Customs"), "damaged": noop("Damaged"),
    "wrong_item": noop("Wrong item"), "size": noop("Size or fit"), "changed_mind": noop("Change of mind"),
    "payment": noop("Payment"), "information": noop("Information was missing"), "other": noop("Something else"),
}  # fmt: skip


def task(kind: str) -> str:
    return _said(_TASKS, kind)


def order_state(state: str) -> str:
    return _said(_ORDER_STATES, state)


def shipment_state(state: str) -> str:
    return _said(_SHIPMENT_STATES, state)


def tracking(code: str) -> str:
    return _said(_TRACKING, code)


def return_state(state: str) -> str:
    return _said(_RETURN_STATES, state)


def root_causes() -> list[tuple[str, str]]:
    """(key, word) for the form that closes a conversation."""
    return [(key, _(word)) for key, word in _ROOT_CAUSES.items()]
