"""What may be changed about an order that has not left, and where parcels go from now on."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.assistant.actions.arguments import OrderRef
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.errors import NotVerified
from kefu.assistant.actions.orders import refund_days
from kefu.assistant.actions.registry import WRITES, action
from kefu.assistant.actions.several import Address, Changes, PaymentRef, item_changes, method_of
from kefu.commerce import errors, services
from kefu.commerce.models import OrderChange, PaymentState
from kefu.desk.models import Verification
from kefu.kernel.money import Money
from kefu.people.services import change_address as change_home

NOT_NOW = (errors.NotChangeable.code, errors.AmountChanged.code)
NOT_OTHERWISE = (errors.OtherProduct.code, errors.SameVariant.code, errors.NotInStock.code, errors.WrongCurrency.code,
                 errors.NoSuchMethod.code, errors.NotEnoughBalance.code)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AddressChanged:
    order_number: str


@dataclass(frozen=True, slots=True)
class ItemsChanged:
    """difference: above nothing what the customer pays more, below nothing what goes back. total: of the order now.

    way: taken (it is on the customer's method), waiting (the provider has yet to confirm), link (they get a way to
    pay), given_back, unpaid (the order is yet to be paid), or none.
    """

    order_number: str
    difference: Money
    total: Money
    method: str
    way: str
    refund_days: int


@dataclass(frozen=True, slots=True)
class PaymentChanged:
    order_number: str
    method: str
    refund_days: int


@dataclass(frozen=True, slots=True)
class DefaultAddressChanged:
    street: str
    city: str


@action(
    name="commerce.change_address", kind=WRITES, verification=Verification.ORDER, confirm=True,
    undo="commerce.change_address", refusals=(errors.NotChangeable.code, errors.NothingChanges.code),
)  # fmt: skip
def change_address(call: ActionCall, *, order: OrderRef, address: Address) -> AddressChanged:
    """Send an order that is not being packed yet to another address.

    Raises NotChangeable (packing, gone, cancelled) and NothingChanges.
    """
    own = order.resolve(call)
    services.change_address(
        own, address=address.lines, postcode=address.postcode, country=address.country or own.country,
        by=call.actor, key=call.key, rule=call.rule,
    )  # fmt: skip
    return AddressChanged(own.number)


def _quote(
    call: ActionCall, order: OrderRef, changes: Changes, payment: PaymentRef | None
) -> services.ChangeQuote | None:
    """None when the order is not paid yet: then nothing moves."""
    own = order.resolve(call)
    quote = services.quote_items_change(own, item_changes(call, order, changes), pay_with=method_of(call, payment, own))
    return None if own.state == "unpaid" else quote


def _given_back(
    call: ActionCall, *, order: OrderRef, changes: Changes, payment: PaymentRef | None = None
) -> Money | None:
    quote = _quote(call, order, changes, payment)
    return Money(-quote.difference.minor, quote.difference.currency) if quote and quote.difference.minor < 0 else None


def _taken(call: ActionCall, *, order: OrderRef, changes: Changes, payment: PaymentRef | None = None) -> Money | None:
    quote = _quote(call, order, changes, payment)
    return quote.difference if quote and quote.difference.minor > 0 else None


@action(
    name="commerce.change_items", kind=WRITES, verification=Verification.ORDER, confirm=True, pays=_given_back,
    charges=_taken, undo="commerce.change_items", refusals=(*NOT_NOW, *NOT_OTHERWISE),
)  # fmt: skip
def change_items(
    call: ActionCall, *, order: OrderRef, changes: Changes, payment: PaymentRef | None = None
) -> ItemsChanged:
    """Put other variants of the same products in the place of lines of an order that is not being packed yet, all or
    none. The price difference is taken with `payment` (or goes back to it), else with what the order was paid with.

    Raises NotChangeable, OtherProduct, SameVariant, NotInStock, WrongCurrency, NoSuchMethod, NotEnoughBalance.
    """
    own = order.resolve(call)
    method = method_of(call, payment, own)
    change = services.change_items(
        own, item_changes(call, order, changes), pay_with=method, by=call.actor, key=call.key, rule=call.rule
    )
    own.refresh_from_db()
    difference = Money(change.difference_minor, own.currency)
    way, paid_by = _way(change, call.key)
    if own.state != "unpaid":
        call.agreed_or_refused("refund", Money(-difference.minor, difference.currency))
        call.agreed_or_refused("charge", difference)
    name = method.kind if method else paid_by
    return ItemsChanged(own.number, difference, own.total, name, way, refund_days(call))


def _way(change: OrderChange, key: str) -> tuple[str, str]:
    if change.difference_minor == 0:
        return "none", ""
    if change.order.state == "unpaid":
        return "unpaid", ""
    if change.difference_minor < 0:
        return "given_back", ""
    payment = change.order.payments.get(external_id=f"kefu:{key}")
    if payment.paid_with_id is None:
        return "link", ""
    return ("taken" if payment.state == PaymentState.PAID else "waiting"), payment.method


def _to_pay(call: ActionCall, *, order: OrderRef, payment: PaymentRef) -> Money | None:
    return services.to_be_paid(order.resolve(call))


@action(
    name="commerce.change_payment", kind=WRITES, verification=Verification.ORDER, confirm=True, charges=_to_pay,
    undo="commerce.change_payment",
    refusals=(errors.NotChangeable.code, errors.SameMethod.code, errors.NothingToPay.code, errors.NoSuchMethod.code,
              errors.NotEnoughBalance.code, errors.WrongCurrency.code),
)  # fmt: skip
def change_payment(call: ActionCall, *, order: OrderRef, payment: PaymentRef) -> PaymentChanged:
    """Pay for an order that is not being packed yet with another of the buyer's kept methods; what was paid goes back
    where it came from.

    Raises NotChangeable, SameMethod, NothingToPay, NoSuchMethod, NotEnoughBalance, WrongCurrency.
    """
    own = order.resolve(call)
    method = method_of(call, payment, own)
    if method is None:
        raise errors.NoSuchMethod()
    services.change_payment(own, pay_with=method, by=call.actor, key=call.key, rule=call.rule)
    taken = own.payments.get(external_id=f"kefu:{call.key}")
    call.agreed_or_refused("charge", taken.amount)
    return PaymentChanged(own.number, method.kind, refund_days(call))


@action(
    name="commerce.change_default_address", kind=WRITES, verification=Verification.CUSTOMER, confirm=True,
    undo="commerce.change_default_address",
)  # fmt: skip
def change_default_address(call: ActionCall, *, address: Address) -> DefaultAddressChanged:
    """Where the customer's parcels go from now on; orders that are placed already stay as they are."""
    if call.customer is None:
        raise NotVerified(action="commerce.change_default_address")
    home = {"country": address.country or call.customer.country}
    change_home(call.customer, address={**dict(address.parts), **home}, by=call.actor)
    return DefaultAddressChanged(address.lines["street"], address.lines["city"])
