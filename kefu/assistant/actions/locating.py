"""Finding out who writes from what they tell of themselves, where the shop's policy lets that be enough."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.identity import NoMatch, TooManyTries, guard_guesses, keep_guess
from kefu.assistant.actions.plans.reading import plain, spans
from kefu.assistant.actions.registry import WRITES, action
from kefu.assistant.actions.several import Told
from kefu.desk import events
from kefu.desk.models import Verification
from kefu.kernel.errors import Refused
from kefu.people.models import Customer

_EMAIL = re.compile(r"[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}")
_POSTCODE = re.compile(
    r"(?<![a-z0-9.@-])(?:\d{3,8}(?:-\d{3,4})?|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z] ?\d[a-z]\d)"
    r"(?![a-z0-9@])"
)
#: people who share a postcode, looked at; more than this and the name alone can't tell
MOST_NEIGHBOURS = 200


class NothingGiven(Refused):
    """Neither an e-mail address nor a name with its postcode was told. Ask for them."""

    code = "identity.nothing_given"


@dataclass(frozen=True, slots=True)
class Located:
    customer_name: str


@action(name="identity.find_customer", kind=WRITES,
        refusals=(NoMatch.code, TooManyTries.code, NothingGiven.code))  # fmt: skip
def find_customer(call: ActionCall, *, told: Told | None = None) -> Located:
    """Know the customer by their e-mail address, or by their name and the postcode of their default address; from then
    on the conversation is theirs.

    How much proof that is, the shop decides: no rule, no access. Guesses are counted as identity.prove counts them.
    Raises NothingGiven (nothing was compared), NoMatch, TooManyTries.
    """
    texts = [plain(text) for text in (told.texts if told else ())]
    emails = [hit for text in texts for hit in _EMAIL.findall(text)]
    postcodes = [hit.upper() for text in texts for hit in _POSTCODE.findall(text)]
    if not emails and not postcodes:
        raise NothingGiven()
    subjects = guard_guesses(call, emails[-1] if emails else postcodes[-1])
    customer = _by_email(call, emails) or _by_name(call, texts, postcodes)
    keep_guess(call, subjects, is_right=customer is not None)
    if customer is None:
        raise NoMatch()
    conversation = call.conversation
    conversation.customer = customer
    conversation.verification = max(conversation.verification, Verification.CUSTOMER)
    conversation.save(update_fields=["customer", "verification"])
    events.record(events.IDENTITY_PROVEN, conversation, by=call.actor, case=call.case,
                  of="email" if emails else "name", verification=int(conversation.verification))  # fmt: skip
    return Located(customer.name)


def _by_email(call: ActionCall, emails: list[str]) -> Customer | None:
    found = list(Customer.objects.filter(brand=call.brand, email__in=emails[-3:], external_id__isnull=False)[:2])
    return found[0] if len(found) == 1 else None


def _by_name(call: ActionCall, texts: list[str], postcodes: list[str]) -> Customer | None:
    if not postcodes:
        return None
    near = Customer.objects.filter(
        brand=call.brand, address__postcode__in=postcodes[-3:], external_id__isnull=False
    ).exclude(name="")[:MOST_NEIGHBOURS]
    said = " ".join(texts)
    found = [one for one in near if all(spans(said, part) for part in plain(one.name).split())]
    return found[0] if len(found) == 1 else None
