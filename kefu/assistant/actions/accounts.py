"""What the assistant may do about somebody's account: thin doors to the verbs of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kefu.assistant.actions.arguments import Proof
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.registry import WRITES, action
from kefu.assistant.checks import values
from kefu.assistant.checks.accounts import data_right, due_on
from kefu.desk.models import Verification
from kefu.kernel.errors import Refused
from kefu.people.contact import normal_email, normal_phone
from kefu.people.models import Customer
from kefu.people.own_data import MARKETING, ask_for_own_data, record_consent

#: customers that may share one address
MOST_ALIKE = 5
#: the day within which a change of contact data is made, working days
CHANGE_DAYS, CHANGE_RULE = 2, "promise.reply"


class NotAnAddress(Refused):
    """What was given is no e-mail address and no phone number. Ask for it once more."""

    code = "account.no_contact"
    tells_customer = "account.no_contact"


class NobodyKnown(Refused):
    """We aren't sure who writes. Let them sign in, or write from their own address."""

    code = "account.nobody_known"
    tells_customer = "account.sign_in_first"


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    unsubscribed: bool


@dataclass(frozen=True, slots=True)
class Subscribed:
    subscribed: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """request_number: the receipt; request_by: the day by which it is done."""

    request_number: str
    request_by: date


@action(name="account.unsubscribe", kind=WRITES)
def unsubscribe(call: ActionCall, *, address: Proof | None = None) -> Unsubscribed:
    """No more advertising from this moment: for whoever writes, and for the customers of the e-mail address they name.
    No proof is asked for, and the answer is the same whether anybody has that address."""
    source = f"conversation:{call.conversation.number}"
    found = [call.customer] if call.customer else []
    if address is not None and address.of == "email":
        found += Customer.objects.filter(brand=call.brand, email=_email(address.value)).order_by("pk")[:MOST_ALIKE]
    for customer in {one.pk: one for one in found}.values():
        record_consent(customer, MARKETING, is_given=False, source=source, by=call.actor)
    return Unsubscribed(unsubscribed=True)


@action(name="account.resubscribe", kind=WRITES, verification=Verification.CUSTOMER, refusals=(NobodyKnown.code,))
def resubscribe(call: ActionCall) -> Subscribed:
    """Advertising again, asked for by the customer themselves."""
    source = f"conversation:{call.conversation.number}"
    record_consent(_customer(call), MARKETING, is_given=True, source=source, by=call.actor)
    return Subscribed(subscribed=True)


@action(name="account.ask_export", kind=WRITES, verification=Verification.CUSTOMER, refusals=(NobodyKnown.code,))
def ask_export(call: ActionCall) -> Asked:
    """Take up a request for a copy of one's own data; a person sends it by the day of the law."""
    return _ask(call, "export")


@action(
    name="account.ask_erasure", kind=WRITES, verification=Verification.CUSTOMER, confirm=True,
    refusals=(NobodyKnown.code,),
)  # fmt: skip
def ask_erasure(call: ActionCall) -> Asked:
    """Take up a request for erasure; a person erases what need not be kept, by the day of the law."""
    return _ask(call, "erasure")


@action(
    name="account.ask_change", kind=WRITES, verification=Verification.CUSTOMER, confirm=True,
    refusals=(NotAnAddress.code, NobodyKnown.code),
)  # fmt: skip
def ask_change(call: ActionCall, *, contact: Proof) -> Asked:
    """Take up a change of e-mail address or phone number; it is made once it is confirmed from the old and the new one.
    Raises NotAnAddress."""
    customer = _customer(call)
    value = _email(contact.value) if contact.of == "email" else _phone(contact.value, call.brand.country)
    if contact.of == "postcode" or not value:
        raise NotAnAddress()
    due = values.working_days_after(call.facts.today, CHANGE_DAYS)
    made = ask_for_own_data(
        customer, "contact_change", due_on=due, rule=CHANGE_RULE, wanted={contact.of: value}, by=call.actor,
        source=f"conversation:{call.conversation.number}", key=call.key,
    )  # fmt: skip
    return Asked(made.number, made.due_on)


def _ask(call: ActionCall, kind: str) -> Asked:
    row = data_right(call.facts)
    made = ask_for_own_data(
        _customer(call), kind, due_on=due_on(row, call.facts.today), rule=row.id, by=call.actor,
        source=f"conversation:{call.conversation.number}", key=call.key,
    )  # fmt: skip
    return Asked(made.number, made.due_on)


def _customer(call: ActionCall) -> Customer:
    if call.customer is None:
        raise NobodyKnown()
    return call.customer


def _email(said: str) -> str:
    try:
        return normal_email(said)
    except ValueError:
        return ""


def _phone(said: str, country: str) -> str:
    try:
        return normal_phone(said, country)
    except ValueError:
        return ""
