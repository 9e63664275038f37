"""Whether a line may come back, how many pieces, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.assistant.checks import values
from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts, LineFact, OrderFact
from kefu.assistant.policy.variables import DEFAULT_TERMS
from kefu.commerce import rules
from kefu.commerce.tables.fees import way_out_refund
from kefu.commerce.tables.windows import return_promise, return_window
from kefu.kernel.money import Money

#: days to hand the parcel in, when terms["return_parcel_days"] is silent; as commerce.services.returning has it
PARCEL_DAYS = 14
#: reasons for which the seller answers, window or not
FAULTY = frozenset({"damaged", "wrong_item", "not_as_described"})
_LINE = frozenset({"item", "order_number", "pieces_left"})


def allowed(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether a piece of the line may come back today; the window runs from the order's last parcel."""
    line = facts.line(str(args["line"]))
    order = facts.order_of_line(line.ref) if line else None
    if line is None or order is None:
        return CheckResult("gone")
    rows = (order.row, line.row)
    left = line.quantity - line.returned
    told: dict[str, Json] = {
        "item": {"text": dict(line.titles)}, "order_number": order.number, "pieces_left": line.unsettled
    }  # fmt: skip
    if order.state == "cancelled":
        return CheckResult("cancelled", told, rows)
    if left <= 0:
        return CheckResult("already_returned", told, rows)
    if line.unsettled <= 0:  # new goods or the money went out for it already: a return would pay twice
        return CheckResult("made_good", told, rows)
    expected = [parcel for parcel in order.shipments if parcel.state not in ("lost", "returned")]
    carrying = [parcel for parcel in expected if line.ref in parcel.line_refs]
    if not any(parcel.delivered_at for parcel in carrying):
        return CheckResult(_not_here(order, line), told, rows)
    terms = {**DEFAULT_TERMS, **facts.terms}
    tables = facts.tables
    promise = return_promise(tables, order.country, terms, marketplace=order.marketplace, on=facts.today)
    told["return_days"] = promise.days
    if not line.is_returnable:
        return CheckResult("not_returnable", told, rows, "return.hygiene")
    arrived = rules.arrived_at([parcel.delivered_at for parcel in expected])
    if arrived is None:  # another parcel is still under way: the window has not begun to run
        return CheckResult("allowed_open", told, rows, promise.rule)
    last_day, rule = return_window(tables, arrived, order.country, terms, facts.zone, marketplace=order.marketplace)
    told["last_day"] = values.day(last_day)
    return CheckResult("allowed" if facts.today <= last_day else "too_late", told, rows, rule)


def _not_here(order: OrderFact, line: LineFact) -> str:
    """Why the customer doesn't have a line: it is on its way, lost, on its way back to us, or still here."""
    carrying = [parcel for parcel in order.shipments if line.ref in parcel.line_refs]
    states = {parcel.state for parcel in carrying}
    if any(parcel.shipped_at and parcel.state not in ("lost", "returned") for parcel in carrying):
        return "on_its_way"
    return "lost" if "lost" in states else "sent_back" if "returned" in states else "not_shipped"


def pieces(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether one must ask how many pieces come back."""
    line = facts.line(str(args["line"]))
    left = line.unsettled if line else 0
    return CheckResult("several" if left > 1 else "one", {"pieces_left": left}, (line.row,) if line else ())


def worth(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """What goes back for the pieces: their worth after the order's discount, with the way out where the law gives it
    back, less what went back for the order before.

    Without a quantity: all that are left, as commerce.open_return takes it too.
    """
    line = facts.line(str(args["line"]))
    order = facts.order_of_line(line.ref) if line else None
    if line is None or order is None:
        return CheckResult("gone")
    left = line.unsettled
    wanted = args.get("quantity")
    count = int(wanted) if wanted is not None else left
    rows = (order.row, line.row)
    told: dict[str, Json] = {"pieces_left": left, "item": {"text": dict(line.titles)}}
    if not 1 <= count <= left:
        return CheckResult("too_many", told, rows)
    worth, back = _worth(facts, order, line, count)
    told |= {
        "refund": values.money(back),
        "given_note": values.given_note(worth - back),
        "pieces": count,
        "method": values.method(order.payment_method),
        "refund_days": values.term(facts, "refund_days", 5),
        "parcel_days": values.term(facts, "return_parcel_days", PARCEL_DAYS),
    }
    return CheckResult("priced", told, rows, "promise.payment_provider")


def _worth(facts: Facts, order: OrderFact, line: LineFact, count: int) -> tuple[Money, Money]:
    """What the pieces are worth, and what of it goes back; as commerce.services.returning counts it."""
    priced = [rules.PricedLine(_position(one), one.quantity, one.unit_price.minor) for one in order.lines]
    goods = rules.line_refund(
        priced, order.discount_minor, position=_position(line), quantity=count, already=line.returned
    )
    kept = sum(one.quantity - one.returned for one in order.lines) - count
    way_out = way_out_refund(
        facts.tables, order.shipping_minor, country=order.country, is_whole_order=kept == 0, on=facts.today
    )
    held = [_held(one, order, back=count if one is line else 0) for one in order.lines]
    back = rules.back_for_goods(
        goods + way_out, paid=order.paid.minor, refunded=order.refunded.minor, promised=order.promised_minor,
        kept=rules.kept_worth(priced, order.discount_minor, held) + order.shipping_minor - way_out,
    )  # fmt: skip
    return Money(goods + way_out, order.total.currency), Money(back, order.total.currency)


def _held(line: LineFact, order: OrderFact, *, back: int) -> rules.Held:
    carrying = [parcel for parcel in order.shipments if line.ref in parcel.line_refs]
    is_gone = bool(carrying) and all(parcel.state in ("lost", "returned") for parcel in carrying)
    already = line.returned + back
    return rules.Held(_position(line), 0 if is_gone else line.quantity - already, already, line.given_minor)


def _position(line: LineFact) -> int:
    return int(line.ref.rpartition("/")[2])


def faulty(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether the reason is the seller's: then a person looks at it, window or not."""
    reason = args.get("reason")
    if reason is None:
        return CheckResult("untold")
    return CheckResult("faulty" if reason in FAULTY else "other")


def condition(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Trying on is a customer's right; what was used may be worth less, and a person decides how much."""
    return CheckResult("used" if args["condition"] == "used" else "as_new")


RETURN_CONDITION = CheckSpec(
    "returns.condition", condition, passes="as_new", args={"condition": "choice"},
    outcomes={"as_new": frozenset(), "used": frozenset()},
)  # fmt: skip
RETURN_ALLOWED = CheckSpec(
    "returns.allowed", allowed, passes="allowed", args={"line": "order_line"},
    outcomes={
        "gone": frozenset(),
        "cancelled": _LINE,
        "already_returned": _LINE,
        "made_good": _LINE,
        "not_shipped": _LINE,
        "on_its_way": _LINE,
        "lost": _LINE,
        "sent_back": _LINE,
        "not_returnable": _LINE | {"return_days"},
        "allowed": _LINE | {"return_days", "last_day"},
        "allowed_open": _LINE | {"return_days"},
        "too_late": _LINE | {"return_days", "last_day"},
    },
)  # fmt: skip
RETURN_PIECES = CheckSpec(
    "returns.pieces", pieces, passes="one", args={"line": "order_line"},
    outcomes={"one": frozenset({"pieces_left"}), "several": frozenset({"pieces_left"})},
)  # fmt: skip
RETURN_WORTH = CheckSpec(
    "returns.worth", worth, passes="priced", args={"line": "order_line", "quantity": "quantity"},
    optional=frozenset({"quantity"}),
    outcomes={"gone": frozenset(), "too_many": frozenset({"pieces_left", "item"}),
              "priced": frozenset({"pieces_left", "item", "refund", "given_note", "pieces", "method", "refund_days",
                                   "parcel_days"})},
)  # fmt: skip
RETURN_FAULTY = CheckSpec(
    "returns.faulty", faulty, passes="faulty", args={"reason": "choice"}, optional=frozenset({"reason"}),
    outcomes={"faulty": frozenset(), "other": frozenset(), "untold": frozenset()},
)  # fmt: skip


def several(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether several lines of one order are meant."""
    return CheckResult("several" if args.get("lines") else "one")


RETURN_SEVERAL = CheckSpec(
    "returns.several", several, passes="one", args={"lines": "order_lines"}, optional=frozenset({"lines"}),
    outcomes={"one": frozenset(), "several": frozenset()},
)  # fmt: skip
