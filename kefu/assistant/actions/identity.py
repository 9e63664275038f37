"""Proving that an order is one's own. Guesses are counted, and the answer never tells what exists."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Q

from kefu.assistant.actions.arguments import LONGEST_NUMBER, OrderNumber, Proof
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.errors import RefusedButKept
from kefu.assistant.actions.registry import WRITES, action
from kefu.assistant.models import ProofAttempt
from kefu.commerce.models import Order
from kefu.commerce.queries import matches_proof
from kefu.desk import events
from kefu.desk.models import Verification
from kefu.kernel import crypto
from kefu.kernel.errors import Refused

#: failed tries after which nobody gets another, and for how long they are remembered
PER_CONVERSATION = 5
PER_IDENTITY = 10  # the same address over all its conversations
PER_ORDER = 10  # the same order number, whoever asks
PER_PROOF = 10  # the same e-mail, phone or postcode, for whatever orders: many customers share a postcode
REMEMBERED = timedelta(days=1)


class NoMatch(RefusedButKept):
    """Order number and proof do not belong together, or there is no such order; which of the two is never told."""

    code = "identity.no_match"
    tells_customer = "policy.no_match"


class TooManyTries(Refused):
    """Too many wrong proofs from here, or for this order, within a day. A person must look at it."""

    code = "identity.too_many_tries"
    tells_customer = "policy.too_many_tries"


@dataclass(frozen=True, slots=True)
class Proved:
    order_number: str


@action(name="identity.prove", kind=WRITES, refusals=(NoMatch.code, TooManyTries.code))
def prove(call: ActionCall, *, order_number: OrderNumber, proof: Proof) -> Proved:
    """Check that the customer knows an order's e-mail, phone or postcode; from then on this conversation sees that
    order, and no other.

    Sets the conversation's verification to ORDER (never lower than it was) and remembers the order's number; it links
    no customer: knowing one parcel's address does not make somebody its buyer. Raises NoMatch (wrong number and wrong
    proof alike, after the same two reads) or TooManyTries (nothing was compared).
    """
    numbers, counted = _asked_for(call, order_number.value)
    subjects = {
        "identity": _subject("identity", str(call.conversation.identity)),
        "order": _subject("order", counted),
        "proof": _subject("proof", _unreadable(proof)),
    }
    _one_guess_at_a_time(call, subjects)
    if _is_exhausted(call, subjects):
        raise TooManyTries()
    order = _order(call, numbers)
    is_right = matches_proof(order or _nobodys_order(call), proof.value) and order is not None
    ProofAttempt.objects.bulk_create(
        ProofAttempt(brand=call.brand, conversation=call.conversation, subject=subject, ok=is_right, at=call.now)
        for subject in subjects.values()
    )
    if order is None or not is_right:
        raise NoMatch()
    conversation = call.conversation
    conversation.verification = max(conversation.verification, Verification.ORDER)
    conversation.memory["proved_orders"] = [*dict.fromkeys([*call.proved_orders, order.number])]
    conversation.save(update_fields=["verification", "memory"])
    events.record(events.IDENTITY_PROVEN, conversation, by=call.actor, case=call.case,
                  order=order.number, of=proof.of, verification=int(conversation.verification))  # fmt: skip
    return Proved(order_number=order.number)


def guard_guesses(call: ActionCall, proof: str) -> dict[str, str]:
    """What a guess is counted against, held until the transaction ends. Raises TooManyTries."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", proof).casefold() if letter.isalnum())
    subjects = {
        "identity": _subject("identity", str(call.conversation.identity)),
        "proof": _subject("proof", crypto.mac(letters, purpose="proof-counted", length=16).hex()),
    }
    subjects["order"] = subjects["proof"]
    _one_guess_at_a_time(call, subjects)
    if _is_exhausted(call, subjects):
        raise TooManyTries()
    return subjects


def keep_guess(call: ActionCall, subjects: dict[str, str], *, is_right: bool) -> None:
    ProofAttempt.objects.bulk_create(
        ProofAttempt(brand=call.brand, conversation=call.conversation, subject=subject, ok=is_right, at=call.now)
        for subject in dict.fromkeys(subjects.values())
    )


def _subject(kind: str, value: str) -> str:
    return f"{kind}:{value}"[:120]


def _unreadable(proof: Proof) -> str:
    """The proof as a keyed hash: what is counted need not be kept. "10 115" is "10115"."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", proof.value).casefold() if letter.isalnum())
    return crypto.mac(letters, purpose="proof-counted", length=16).hex()


def _one_guess_at_a_time(call: ActionCall, subjects: dict[str, str]) -> None:
    """Two conversations that guess at the same order wait for each other, so that no guess goes uncounted."""
    with connection.cursor() as cursor:
        for subject in sorted(subjects.values()):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"proof:{subject}", call.brand.pk]
            )


def _is_exhausted(call: ActionCall, subjects: dict[str, str]) -> bool:
    since = call.now - REMEMBERED
    failed = ProofAttempt.objects.filter(brand=call.brand, ok=False, at__gt=since)
    counted = (
        (failed.filter(conversation=call.conversation, subject=subjects["identity"]), PER_CONVERSATION),
        (failed.filter(subject=subjects["identity"]), PER_IDENTITY),
        (failed.filter(subject=subjects["order"]), PER_ORDER),
        (failed.filter(subject=subjects["proof"]), PER_PROOF),
    )
    full = [tries[:most].count() >= most for tries, most in counted]  # a list: always as many reads
    return any(full)


def _asked_for(call: ActionCall, number: str) -> tuple[list[str], str]:
    """The numbers that may be meant, as the shop writes them, and the one that guesses are counted against.

    Spaces, case, full-width digits and "#" don't matter; bare digits also mean the brand's own beginning:
    "1042" is "KF-1042" where settings["order_prefix"] is "KF-".
    """
    said = re.sub(r"\s+", "", unicodedata.normalize("NFKC", number)).lstrip("#").upper()[:LONGEST_NUMBER]
    prefix = str(call.brand.settings.get("order_prefix", "")).upper()
    if prefix and said.isdigit():
        return [said, prefix + said], prefix + said
    return [said], said


def _order(call: ActionCall, numbers: list[str]) -> Order | None:
    """One read, whether it finds something or not; of two readings the exact one goes first."""
    meant = Q()
    for number in numbers:
        meant |= Q(number__iexact=number)
    found = Order.objects.filter(meant, brand=call.brand).select_related("brand")[: len(numbers)]
    by_number = {order.number.upper(): order for order in found}
    return next((by_number[number] for number in numbers if number in by_number), None)


def _nobodys_order(call: ActionCall) -> Order:
    """Compared with when there is no such order, so that the answer takes as long."""
    return Order(brand=call.brand, number="", email="nobody@invalid", phone="+10000000000", postcode="\x00",
                 country=call.brand.country)  # fmt: skip
