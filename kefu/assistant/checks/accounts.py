"""What a customer may ask about their own account, and what of it is urgent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from kefu.assistant.checks import places, values
from kefu.assistant.checks.losses import service_days
from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts
from kefu.commerce.tables import Row
from kefu.commerce.tables.phrases import named_in
from kefu.kernel.money import Money


def standing(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether we are sure who writes: signed in, or from the customer's own address."""
    if facts.customer is None:
        return CheckResult("unknown", rule="verification.customer")
    return CheckResult("known", rows=(facts.customer.row,))


def link(term: str) -> CheckSpec:
    """Whether the brand has told an address of its own site (terms[term])."""

    def run(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
        address = str(facts.terms.get(term, ""))
        return CheckResult("there", {"link": address}) if address.startswith("https://") else CheckResult("none")

    return CheckSpec(
        f"account.{term}", run, passes="there", outcomes={"there": frozenset({"link"}), "none": frozenset()}
    )


def _asked(facts: Facts, about: str, text: Json) -> str:
    rows = [row for row in facts.tables.table("asked") if row["about"] == about]
    named = named_in(str(text or ""), rows)
    return str(named["value"]) if named else ""


def consent_kind(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Out or in again."""
    return CheckResult(_asked(facts, "consent", args.get("question")) or "untold", rule="consent.at_once")


def data_kind(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """A copy of the data, or their erasure."""
    return CheckResult(_asked(facts, "data", args.get("question")) or "untold")


def contact_kind(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """What about the customer has changed. What can't be proved by an answer is for a person."""
    said = str(args.get("question") or "")
    rows = [row for row in facts.tables.table("asked") if row["about"] == "contact"]
    # "my email address" names an address, and yet the e-mail is meant
    proved_by_answer = named_in(said, [row for row in rows if row["value"] != "other"])
    return CheckResult("other" if proved_by_answer is None and named_in(said, rows) is not None else "contact")


def urgent_kind(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether somebody may be harmed by going on: then they are told to stop using it, and nothing else."""
    kind = _asked(facts, "urgent", args.get("question"))
    return CheckResult("harm" if kind else "other", rule="urgent.at_once")


def data_deadline(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """By when a request about somebody's own data is answered: the law of their country."""
    row = data_right(facts)
    return CheckResult("known", {"law": row["law"], "due_on": values.day(due_on(row, facts.today))}, rule=row.id)


def data_right(facts: Facts) -> Row:
    """The row that holds for this customer; raises LookupError when the pack has none for everybody else."""
    country = facts.customer.country if facts.customer else ""
    row = facts.tables.nearest("data_rights", country, on=facts.today)
    if row is None:
        raise LookupError("data_rights needs a row for countries: ['*']")
    return row


def due_on(row: Row, today: date) -> date:
    """The last day, counted from today; a month ends on the same day of the next one, or on its last day."""
    if row["months"]:
        month = today.month - 1 + row["months"]
        first = date(today.year + month // 12, month % 12 + 1, 1)
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return min(first + timedelta(days=today.day - 1), after - timedelta(days=1))
    if row["working"]:
        return values.working_days_after(today, row["days"])
    return today + timedelta(days=row["days"])


def loyalty(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """How many points the customer has, what they are worth and how long they last."""
    if str(facts.terms.get("loyalty", "off")) != "on":
        return CheckResult("off")
    if facts.customer is None:
        return CheckResult("unknown", rule="verification.customer")
    if facts.customer.loyalty_points is None:
        return CheckResult("untold", rows=(facts.customer.row,))
    rules = {row["rule"]: row for row in facts.tables.table("loyalty", on=facts.today)}
    points = facts.customer.loyalty_points
    if not {"spend", "expire"} <= set(rules):
        return CheckResult("untold", rows=(facts.customer.row,))
    told: dict[str, Json] = {
        "points": points,
        "worth": values.money(Money(points * (rules["spend"]["worth_minor"] or 0), facts.currency)),
        "least_points": rules["spend"]["least_points"] or 0,
        "valid_months": rules["expire"]["valid_months"] or 0,
    }
    return CheckResult("told", told, (facts.customer.row,), rules["spend"].id)


def complaint(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """By when a supervisor answers."""
    days = service_days(facts, "complaint.answer", 2)
    return CheckResult(
        "known", {"answer_by": values.day(values.working_days_after(facts.today, days))}, rule="complaint.answer"
    )


def restricted(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether what the customer names may be sent to a country."""
    tables = facts.tables
    rows = list(tables.table("restricted", on=facts.today))
    named = named_in(str(args.get("question") or ""), rows)
    if named is None:
        return CheckResult("untold")
    country = str(args.get("country") or "")
    same = [row for row in rows if row["goods"] == named["goods"]]
    told: dict[str, Json] = {"goods": values.key(f"goods.{named['goods']}")}
    if not country and not any("*" in row["countries"] for row in same):
        return CheckResult("where", told)
    row = next(
        (one for one in same if country in one["countries"]), next((one for one in same if one.is_for(country)), None)
    )
    if row is None:
        return CheckResult("free", {**told, "country_name": places.named(country)}, rule=named.id)
    if row["decision"] == "refused":
        return CheckResult("refused", told, rule=row.id)
    return CheckResult("limited", {**told, "condition": {"text": dict(row["condition"])}}, rule=row.id)


_QUESTION = {"question": "question"}
_OPTIONAL = frozenset({"question"})


def _of_question(name: str, run: object, passes: str, *outcomes: str) -> CheckSpec:
    return CheckSpec(name, run, passes=passes, args=_QUESTION, optional=_OPTIONAL,  # type: ignore[arg-type]
                     outcomes={one: frozenset() for one in (passes, *outcomes)})  # fmt: skip


ACCOUNT_STANDING = CheckSpec(
    "account.standing", standing, passes="known", outcomes={"known": frozenset(), "unknown": frozenset()}
)
LINKS = (link("reset_link"), link("account_link"))
CONSENT_KIND = _of_question("consent.kind", consent_kind, "unsubscribe", "resubscribe", "untold")
DATA_KIND = _of_question("data.kind", data_kind, "export", "erasure", "untold")
CONTACT_KIND = _of_question("contact.kind", contact_kind, "contact", "other")
URGENT_KIND = _of_question("urgent.kind", urgent_kind, "harm", "other")
DATA_DEADLINE = CheckSpec(
    "data.deadline", data_deadline, passes="known", outcomes={"known": frozenset({"law", "due_on"})}
)
COMPLAINT_ANSWER = CheckSpec(
    "complaint.answer", complaint, passes="known", outcomes={"known": frozenset({"answer_by"})}
)
LOYALTY = CheckSpec(
    "loyalty.points", loyalty, passes="told",
    outcomes={"off": frozenset(), "unknown": frozenset(), "untold": frozenset(),
              "told": frozenset({"points", "worth", "least_points", "valid_months"})},
)  # fmt: skip
GOODS_RESTRICTED = CheckSpec(
    "goods.restricted", restricted, passes="limited", args={"question": "question", "country": "country"},
    optional=frozenset({"question", "country"}),
    outcomes={"untold": frozenset(), "where": frozenset({"goods"}), "refused": frozenset({"goods"}),
              "limited": frozenset({"goods", "condition"}), "free": frozenset({"goods", "country_name"})},
)  # fmt: skip
