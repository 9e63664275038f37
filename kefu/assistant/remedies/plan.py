"""What may be offered for one fault of one order line: the row of the table that fits, its ways and their amounts."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.editions.working_tables import remedies_for
from kefu.assistant.facts import Facts, LineFact, OrderFact
from kefu.assistant.models import Approval, ApprovalState
from kefu.assistant.remedies.table import Circumstances, Remedies, Row
from kefu.commerce import rules
from kefu.commerce.models import OrderLine, Remedy
from kefu.commerce.models.remedies import IN_FULL
from kefu.kernel.errors import Refused
from kefu.kernel.money import Money
from kefu.people.actors import ActorKind

#: claims are counted over so many days, and no more than so many of them
A_YEAR = timedelta(days=365)
MOST_CLAIMS = 50
#: what the customer asks for -> the ways that give it, the better one for them first
MEETS = {
    "resend": ("resend",),
    "exchange": ("exchange", "resend"),
    "repair": ("repair",),
    "part_refund": ("part_refund",),
    "coupon": ("coupon",),
    "refund": ("refund", "take_back"),
}


class ClaimedBefore(Refused):
    """This fault of this order line was made good before. A person looks at what was given and decides."""

    code = "remedies.claimed_before"
    tells_customer = "remedy.claimed_before"


class AwaitsApproval(Refused):
    """A remedy for this order line waits for a colleague's decision. Decide that one first."""

    code = "remedies.awaits_approval"
    tells_customer = "remedy.waiting"


class ForAPerson(Refused):
    """The table leaves this case to a person; `row` says which rule of it."""

    code = "remedies.for_a_person"
    row: str


class ProofNeeded(Refused):
    """The table wants a photo for a case of this value, and there is none."""

    code = "remedies.proof_needed"
    row: str


class NotOffered(Refused):
    """The table doesn't allow this way for this case; `row` says which rule of it."""

    code = "remedies.not_offered"
    tells_customer = "policy.not_allowed"
    row: str
    way: str


@dataclass(frozen=True, slots=True)
class Plan:
    """ways: in the table's order, those that can be done now. amounts: of those that cost money."""

    row: Row
    ways: tuple[str, ...]
    amounts: dict[str, Money]
    value: Money
    pieces: int


def circumstances(call: ActionCall, line: LineFact, order: OrderFact, *, cause: str, pieces: int) -> Circumstances:
    """Reads how often this order's customer claimed before."""
    claims = Remedy.objects.filter(
        brand=call.brand, customer__orders__number=order.number, customer__orders__brand=call.brand,
        at__gte=call.now - A_YEAR,
    )  # fmt: skip
    return Circumstances(
        cause, worth(line, order, pieces), order.country, days_since_arrival(call.facts, line, order),
        claims[:MOST_CLAIMS].count(),
    )  # fmt: skip


def plan_for(
    call: ActionCall, line: LineFact, order: OrderFact, *, cause: str, pieces: int, has_photo: bool
) -> Plan:  # fmt: skip
    """Raises ClaimedBefore, AwaitsApproval, ForAPerson, ProofNeeded."""
    is_agent = call.actor.kind is ActorKind.AGENT
    bought = bought_line(call, line)
    if not is_agent and _is_made_good(bought, cause=cause, but=call.key):
        raise ClaimedBefore(line=line.ref, cause=cause)
    if not is_agent and _waits(call, line):
        raise AwaitsApproval(line=line.ref)
    tables = remedies_for(call.brand)
    case = circumstances(call, line, order, cause=cause, pieces=pieces)
    row = tables.row_for(case)
    if row is None or row.is_for_person:
        raise ForAPerson(row=row.id if row else "")
    if row.proof == "needed" and not has_photo and not is_agent:
        raise ProofNeeded(row=row.id)
    amounts = amounts_of(row, case.value)
    left = order.paid - order.refunded
    if not is_agent and left < case.value:  # its money went back already: goods or money again would be a gift
        raise ClaimedBefore(line=line.ref, cause=cause)
    can_be_done = {
        "resend": bought.variant.stock >= pieces,
        "part_refund": Money(0, left.currency) < amounts["part_refund"] <= left,
        "refund": Money(0, left.currency) < amounts["refund"] <= left,
        "coupon": amounts["coupon"].minor > 0,
        "repair": guarantee_until(tables, bought, line, order, call.facts)[0] >= call.facts.today,
    }
    ways = tuple(way for way in row.ladder if can_be_done.get(way, True))
    if not ways:
        raise ForAPerson(row=row.id)
    return Plan(row, ways, amounts, case.value, pieces)


def _is_made_good(bought: OrderLine, *, cause: str, but: str) -> bool:
    """Whether this fault was made good before, or the line as a whole: the same mug, first broken, then missing."""
    before = bought.remedies.exclude(key=but)
    return before.filter(Q(cause=cause) | Q(kind__in=IN_FULL, quantity__gte=bought.quantity)).exists()


def bought_line(call: ActionCall, line: LineFact) -> OrderLine:
    """The row of a line that facts hold, with its product."""
    rows = OrderLine.objects.select_related("variant__product")
    return rows.get(pk=int(line.row.partition(":")[2]), brand=call.brand)


def _waits(call: ActionCall, line: LineFact) -> bool:
    return Approval.objects.filter(
        conversation__customer_id=call.conversation.customer_id, brand=call.brand, args__line=line.ref,
        state=ApprovalState.PENDING,
    ).exists()  # fmt: skip


def amounts_of(row: Row, value: Money) -> dict[str, Money]:
    return {
        "part_refund": Money(value.minor * row.part_percent // 100, value.currency),
        "coupon": Money(value.minor * row.coupon_percent // 100, value.currency),
        "refund": value,
    }


def guarantee_until(
    tables: Remedies, bought: OrderLine, line: LineFact, order: OrderFact, facts: Facts
) -> tuple[date, str]:
    """The last day on which a fault of the line is the seller's, and the id of what says so: the product's own
    warranty or, where that is longer, the law of the country it was sent to."""
    law = tables.guarantee_for(order.country)
    own = bought.variant.product.warranty_months
    months, rule = (law.months, law.id) if law is not None and law.months > own else (own, "guarantee.product")
    began = facts.today - timedelta(days=days_since_arrival(facts, line, order))
    return months_after(began, months), rule


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def wished_first(ways: tuple[str, ...], wished: str | None) -> tuple[tuple[str, ...], bool]:
    """The ways with the one asked for in front, and whether the wish can't be met."""
    if not wished:
        return ways, False
    liked = next((way for way in MEETS.get(wished, (wished,)) if way in ways), None)
    if liked is None:
        return ways, True
    return (liked, *(way for way in ways if way != liked)), False


def worth(line: LineFact, order: OrderFact, pieces: int) -> Money:
    """What so many pieces were paid for, after the order's discount; without the way."""
    priced = [rules.PricedLine(_position(one), one.quantity, one.unit_price.minor) for one in order.lines]
    position, already = _position(line), min(line.returned, line.quantity - pieces)
    minor = rules.line_refund(priced, order.discount_minor, position=position, quantity=pieces, already=already)
    return Money(minor, order.total.currency)


def _position(line: LineFact) -> int:
    return int(line.ref.rpartition("/")[2])


def days_since_arrival(facts: Facts, line: LineFact, order: OrderFact) -> int:
    """Days since the first parcel that carried pieces of the line was delivered; 0 while none was."""
    arrived = [one.delivered_at for one in order.shipments if line.ref in one.line_refs and one.delivered_at]
    return max(0, (facts.today - min(arrived).astimezone(facts.zone).date()).days) if arrived else 0
