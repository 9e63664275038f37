"""An order is changed before it leaves: where it goes, which variants it holds, how it is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from kefu.commerce import events, rules
from kefu.commerce.errors import (
    KeyUsedElsewhere,
    LineElsewhere,
    NotChangeable,
    NothingChanges,
    NothingToPay,
    NotInStock,
    OtherProduct,
    SameMethod,
    SameVariant,
    WrongCurrency,
)
from kefu.commerce.models import (
    ChangeKind,
    Order,
    OrderChange,
    OrderLine,
    OrderState,
    Payment,
    PaymentMethod,
    PaymentState,
    Variant,
)
from kefu.commerce.services.charging import call_off_pending, mark_paid, own_method, require_cover, take, usual_method
from kefu.commerce.services.locking import locked_order
from kefu.commerce.services.refunds import give_back
from kefu.commerce.services.stock import move
from kefu.commerce.signals import order_changed
from kefu.kernel import clock
from kefu.kernel.money import Money
from kefu.people.actors import Actor

#: stands on refunds that follow from a change, when no policy rule was named
CHANGED_BEFORE_DISPATCH = "commerce.changed_before_dispatch"
#: lines changed in one deed
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One line's new variant. quantity: pieces that change, all when None; the rest stays as a line of its own."""

    line: OrderLine
    sku: str
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class NewItem:
    """What a line becomes. unit_price_minor in the order's currency."""

    line: OrderLine
    variant: Variant
    quantity: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True)
class ChangeQuote:
    """What a change means, before anybody says yes. difference: above nothing, the customer pays it; below, it goes
    back. total: of the order afterwards."""

    items: tuple[NewItem, ...]
    difference: Money
    total: Money
    method: PaymentMethod | None


def require_changeable(order: Order) -> None:
    """Raises NotChangeable once the order is being packed, has left or is cancelled."""
    obstacle = rules.cancel_obstacle(order.state, order.shipments.values_list("state", flat=True))
    if obstacle is not None:
        raise NotChangeable(number=order.number, state=str(obstacle))


def new_items(
    order: Order, changes: Sequence[ItemChange], *, held: bool = False, again: bool = False
) -> tuple[NewItem, ...]:
    """The lines with their new variants and prices. held: lock the variants, by rising id.
    again: the same variant may take its own place, a sound piece for a faulty one.

    Raises LineElsewhere, OtherProduct, SameVariant, NotInStock, WrongCurrency; ValueError for no changes at all.
    """
    if not 0 < len(changes) <= MOST_LINES:
        raise ValueError(f"{len(changes)} changes; name 1 to {MOST_LINES}")
    lines = {line.pk: line for line in order.lines.select_related("variant__product")}
    wanted = [change.sku for change in changes]
    rows = Variant.objects.filter(brand_id=order.brand_id, sku__in=wanted).select_related("product").order_by("pk")
    variants = {one.sku: one for one in (rows.select_for_update(of=("self",)) if held else rows)}
    items: list[NewItem] = []
    taken: dict[str, int] = {}
    for change in changes:
        line = lines.pop(change.line.pk, None)  # popped: a line that stands twice is not found the second time
        if line is None:
            raise LineElsewhere(line=str(change.line.pk))
        variant = variants.get(change.sku)
        if variant is None or variant.product_id != line.variant.product_id or not variant.product.is_sold:
            raise OtherProduct(sku=change.sku)
        if variant.pk == line.variant_id and not again:
            raise SameVariant(sku=change.sku)
        if variant.currency != order.currency or line.variant.currency != order.currency:
            raise WrongCurrency()
        quantity = line.quantity if change.quantity is None else change.quantity
        if not 1 <= quantity <= line.quantity:
            raise LineElsewhere(line=f"{order.number}/{line.position}")
        taken[change.sku] = taken.get(change.sku, 0) + quantity
        if variant.stock < taken[change.sku]:
            raise NotInStock(sku=change.sku, left=variant.stock)
        price = rules.new_unit_price(line.unit_price_minor, line.variant.price_minor, variant.price_minor)
        items.append(NewItem(line, variant, quantity, price))
    return tuple(items)


def price_difference(order: Order, items: Sequence[NewItem]) -> Money:
    """What the new items cost more (above nothing) or less, after the order's discount."""
    raw = sum(item.quantity * (item.unit_price_minor - item.line.unit_price_minor) for item in items)
    goods = sum(line.quantity * line.unit_price_minor for line in order.lines.all())
    return Money(rules.share_after_discount(raw, goods, order.discount_minor), order.currency)


def quote_items_change(
    order: Order, changes: Sequence[ItemChange], *, pay_with: PaymentMethod | None = None
) -> ChangeQuote:
    """The terms of a change of items, changing nothing. Raises as change_items does."""
    require_changeable(order)
    return _quote(order, new_items(order, changes), pay_with)


def _quote(order: Order, items: tuple[NewItem, ...], pay_with: PaymentMethod | None) -> ChangeQuote:
    difference = price_difference(order, items)
    method = pay_with or usual_method(order)
    if difference.minor > 0 and order.state != OrderState.UNPAID:
        require_cover(method, difference)
    return ChangeQuote(items, difference, order.total + difference, method)


@transaction.atomic
def change_items(
    order: Order,
    changes: Sequence[ItemChange],
    *,
    pay_with: PaymentMethod | None = None,
    by: Actor,
    key: str,
    rule: str = "",
) -> OrderChange:
    """Put other variants of the same products in the place of lines, all of them or none. Stock moves with them.

    The difference is taken with `pay_with` (or given back to it), else with what the order was paid with; an order
    that is not paid yet only changes its total. Raises NotChangeable, LineElsewhere, OtherProduct, SameVariant,
    NotInStock, WrongCurrency, NoSuchMethod, NotEnoughBalance, KeyUsedElsewhere.
    """
    by.require("commerce.change", on=order)
    order = locked_order(order)
    if known := made_before(order, key, ChangeKind.ITEMS):
        return known
    require_changeable(order)
    if pay_with is not None:
        pay_with = own_method(order, pay_with)
    items = new_items(order, changes, held=True)
    quote = _quote(order, items, pay_with)
    was = [_told(item.line, item.line.variant, item.quantity, item.line.unit_price_minor) for item in items]
    became = [_told(item.line, item.variant, item.quantity, item.unit_price_minor) for item in items]

    if order.state != OrderState.UNPAID:
        if quote.difference.minor > 0:
            take(order, quote.difference, method=quote.method, key=key)
        elif quote.difference.minor < 0:
            pay_back_at_most(order, Money(-quote.difference.minor, order.currency), to=pay_with, by=by, key=key,
                               rule=rule)  # fmt: skip
    _put_in_place(order, items)
    raw = sum(item.quantity * (item.unit_price_minor - item.line.unit_price_minor) for item in items)
    order.total_minor = quote.total.minor
    order.discount_minor += raw - quote.difference.minor  # total stays lines + shipping - discount
    order.save(update_fields=["total_minor", "discount_minor"])
    pieces: dict[int, int] = {}
    for item in items:
        pieces[item.line.variant_id] = pieces.get(item.line.variant_id, 0) + item.quantity
        pieces[item.variant.pk] = pieces.get(item.variant.pk, 0) - item.quantity
    move(pieces, by=by)
    return kept_change(
        order, ChangeKind.ITEMS, was, became, difference=quote.difference.minor, by=by, key=key, rule=rule
    )


def _told(line: OrderLine, variant: Variant, quantity: int, unit_price_minor: int) -> dict[str, object]:
    return {"position": line.position, "sku": variant.sku, "quantity": quantity, "unit_price_minor": unit_price_minor}


def _put_in_place(order: Order, items: Sequence[NewItem]) -> None:
    positions = order.lines.order_by("-position").values_list("position", flat=True)
    last = positions[0]
    for item in items:
        row = OrderLine.objects.get(pk=item.line.pk)
        if item.quantity < row.quantity:
            row.quantity -= item.quantity
            row.save(update_fields=["quantity"])
            last += 1
            OrderLine.objects.create(
                brand_id=order.brand_id, order=order, position=last, variant=item.variant, titles=row.titles,
                quantity=item.quantity, unit_price_minor=item.unit_price_minor,
            )  # fmt: skip
        else:
            row.variant = item.variant
            row.unit_price_minor = item.unit_price_minor
            row.save(update_fields=["variant", "unit_price_minor"])


def pay_back_at_most(order: Order, amount: Money, *, to: PaymentMethod | None, by: Actor, key: str, rule: str) -> None:
    """What is kept of the order may be less than the difference, after a refund in goodwill."""
    left = sum((payment.refundable for payment in order.payments.all()), Money(0, order.currency))
    if amount := min(amount, left):
        give_back(order, amount, reason="items changed", by=by, key=f"change:{key}",
                  rule=rule or CHANGED_BEFORE_DISPATCH, to=to)  # fmt: skip


@transaction.atomic
def change_address(
    order: Order, *, address: Mapping[str, str], postcode: str, country: str, by: Actor, key: str, rule: str = ""
) -> OrderChange:
    """Send the order elsewhere. address: name, street, street2, city, region, as far as they are known; postcode and
    country normalised (people.contact). A name left out stays. Raises NotChangeable, NothingChanges, KeyUsedElsewhere.
    """
    by.require("commerce.change", on=order)
    order = locked_order(order)
    if known := made_before(order, key, ChangeKind.ADDRESS):
        return known
    require_changeable(order)
    was = {**order.address, "postcode": order.postcode, "country": order.country}
    kept = {"name": order.address["name"]} if order.address.get("name") else {}
    new = {**kept, **{name: value for name, value in address.items() if value}}
    became = {**new, "postcode": postcode, "country": country}
    if became == was:
        raise NothingChanges()
    order.address, order.postcode, order.country = new, postcode, country
    order.save(update_fields=["address", "postcode", "country"])
    return kept_change(order, ChangeKind.ADDRESS, was, became, by=by, key=key, rule=rule)


@transaction.atomic
def change_payment(order: Order, *, pay_with: PaymentMethod, by: Actor, key: str, rule: str = "") -> OrderChange:
    """Pay for the order with another of the buyer's methods: the new one pays all that is kept or owed, then the old
    payments go back where they came from. Raises NotChangeable, NoSuchMethod, SameMethod, NothingToPay, WrongCurrency,
    NotEnoughBalance, KeyUsedElsewhere.
    """
    by.require("commerce.change", on=order)
    order = locked_order(order)
    if known := made_before(order, key, ChangeKind.PAYMENT):
        return known
    require_changeable(order)
    pay_with = own_method(order, pay_with)
    live = _live_payments(order)
    if live and all(payment.paid_with_id == pay_with.pk for payment in live):
        raise SameMethod()
    kept = sum((payment.refundable for payment in live), Money(0, order.currency))
    amount = to_be_paid(order)
    if not amount:
        raise NothingToPay()
    call_off_pending(order)
    if kept:
        give_back(order, kept, reason="paid otherwise", by=by, key=f"change:{key}",
                  rule=rule or CHANGED_BEFORE_DISPATCH)  # fmt: skip
    take(order, amount, method=pay_with, key=key)
    mark_paid(order)
    was = [{"method": payment.method, "paid_with": payment.paid_with_id, "payment": payment.pk} for payment in live]
    became = [{"method": pay_with.kind, "paid_with": pay_with.pk}]
    return kept_change(order, ChangeKind.PAYMENT, was, became, by=by, key=key, rule=rule)


def _live_payments(order: Order) -> list[Payment]:
    payments = order.payments.exclude(state__in=(PaymentState.FAILED, PaymentState.VOID)).order_by("at", "id")
    return [payment for payment in payments if payment.refundable or payment.state == PaymentState.PENDING]


def to_be_paid(order: Order) -> Money:
    """What another payment method would have to pay: all that is kept of the order's payments or yet to come; of an
    unpaid order without payments its total."""
    live = _live_payments(order)
    pending = sum(payment.amount_minor for payment in live if payment.state == PaymentState.PENDING)
    amount = Money(pending + sum(payment.refundable.minor for payment in live), order.currency)
    return order.total if not amount and order.state == OrderState.UNPAID else amount


def made_before(order: Order, key: str, kind: ChangeKind) -> OrderChange | None:
    """The change that this key has made already. Raises KeyUsedElsewhere when it was another one."""
    known = OrderChange.objects.filter(brand_id=order.brand_id, key=key).first()
    if known is not None and (known.order_id != order.pk or known.kind != kind):
        raise KeyUsedElsewhere(key=key)
    return known


def kept_change(
    order: Order, kind: ChangeKind, was: object, became: object, *, difference: int = 0, by: Actor, key: str, rule: str
) -> OrderChange:
    change = OrderChange.objects.create(
        brand_id=order.brand_id, order=order, kind=kind, was=was, became=became, difference_minor=difference, key=key,
        actor_kind=by.kind, actor_id=by.id, rule=rule, at=clock.now(),
    )  # fmt: skip
    # events are for ever, and where somebody lives must be erasable: the row keeps it, the event doesn't
    told = {} if kind == ChangeKind.ADDRESS else {"was": was, "became": became}
    order_changed.send(
        sender=Order, order=order, kind=events.ORDER_CHANGED, by=by,
        facts={"order": order.number, "change": str(kind), **told, "difference_minor": difference,
               "currency": order.currency, "rule": rule},
    )  # fmt: skip
    return change
