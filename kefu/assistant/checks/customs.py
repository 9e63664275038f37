"""What is due at the border: who pays, about how much, with which papers; from the table, never from memory."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from kefu.assistant.checks import places, values
from kefu.assistant.checks.parcels import situation_of
from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts, OrderFact
from kefu.commerce.rules import EU, Situation
from kefu.commerce.tables import Row, Tables
from kefu.kernel.money import Money

_TOLD = frozenset({"country_name"})
_HELD = frozenset({"documents", "cite"})


def due(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """What a parcel to a country has to pay there.

    country: as told; else that of the one order under way. amount: what the goods are worth, as told; else that of the
    order.
    """
    order = _order_meant(facts, str(args.get("country") or ""))
    country = str(args.get("country") or (order.country if order else ""))
    if not country:
        return CheckResult("untold")
    told: dict[str, Json] = {"country_name": places.named(country)}
    rows = (order.row,) if order else ()
    home = facts.ships_from
    if country == home or (country in EU and home in EU):
        return CheckResult("inside", told, rows, "customs.inside")
    tables = facts.tables
    found = _rows(tables, facts, country)
    if not found:
        return CheckResult("unlisted", told, rows)
    if _duties(facts, country) == "ddp":
        return CheckResult("ours", told, rows, found[0].id)
    worth = _worth(args.get("amount"), order)
    sure = [row for row in found if worth is not None and _is_sure(tables, row, worth)]
    shown = sure[:1] or found[:2]
    lines = [_line(tables, row, country, worth if sure else None) for row in shown]
    newest = max(row.dated for row in shown)
    told |= {
        "parts": _chain(lines),
        "who": values.key(f"customs.who.{_who(shown)}"),
        "documents": _documents(shown),
        "cite": "; ".join(dict.fromkeys(row["cite"] for row in shown)),
        "as_of": values.date_of(newest),
    }
    return CheckResult("estimated", told, rows, shown[0].id)


def held(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether the question is about a parcel of theirs that customs holds now: it tells no sum and no other country."""
    if args.get("amount"):
        return CheckResult("none")  # what is due on so much is asked for: of the next order
    at_customs = [
        order.row
        for order in facts.orders
        if order.country == str(args.get("country") or order.country)
        and any(situation_of(parcel, facts).situation is Situation.CUSTOMS_HELD for parcel in order.shipments)
    ]
    return CheckResult("customs_held" if at_customs else "none", rows=tuple(at_customs))


def papers(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Which papers the customs office of the order's country asks for."""
    order = facts.order(str(args["order"]))
    found = _rows(facts.tables, facts, order.country) if order else []
    if order is None or not found:
        return CheckResult("unlisted")
    told = {"documents": _documents(found), "cite": "; ".join(dict.fromkeys(row["cite"] for row in found))}
    return CheckResult("listed", told, (order.row,), found[0].id)


def _order_meant(facts: Facts, country: str) -> OrderFact | None:
    under_way = [one for one in facts.orders if one.state not in ("delivered", "cancelled")]
    fitting = [one for one in under_way if not country or one.country == country]
    return fitting[0] if len(fitting) == 1 else None


def _rows(tables: Tables, facts: Facts, country: str) -> list[Row]:
    """The rows of today for this way, those that name the origin first."""
    home = facts.ships_from
    fitting = [
        row
        for row in tables.table("customs", on=facts.today)
        if row.is_for(country) and (home in row["origins"] or "*" in row["origins"])
    ]
    named = [row for row in fitting if home in row["origins"]]
    low = [row for row in named if row["up_to"]] or [row for row in fitting if row["up_to"]]
    return low[:1] + [row for row in fitting if row["above"] or not row["up_to"]][:1]


def _duties(facts: Facts, country: str) -> str:
    return str(facts.terms.get(f"duties_{country}", facts.terms.get("duties", "dap")))


def _worth(amount: Json, order: OrderFact | None) -> Money | None:
    """The value of the goods: as told with its currency, else that of the order without its delivery."""
    if isinstance(amount, Mapping) and amount.get("currency"):
        try:
            told = Decimal(str(amount["amount"]))
            return Money.of(told if told % 1 else int(told), str(amount["currency"]))
        except (InvalidOperation, ValueError):
            pass  # a sum that no money can be: the order tells more
    return Money(order.total.minor - order.shipping_minor, order.total.currency) if order else None


def _is_sure(tables: Tables, row: Row, worth: Money) -> bool:
    """Whether the goods surely lie within the row's limits, whatever the day's exchange rate."""
    below, above = row["up_to"], row["above"]
    if below is not None:
        return _compare(tables, worth, below) <= -1 or (worth.currency == below.currency and worth <= below)
    if above is not None:
        return _compare(tables, worth, above) >= 1
    return True


def _compare(tables: Tables, one: Money, other: Money) -> int:
    """-1: surely less, 1: surely more, 0: nobody can tell without today's rate."""
    if one.currency == other.currency:
        return (one > other) - (one < other)
    bounds = {row["currency"]: (row["euros_at_least"], row["euros_at_most"]) for row in tables.table("rates")}
    if one.currency not in bounds or other.currency not in bounds:
        return 0
    least, most = (float(one.amount) * bound for bound in bounds[one.currency])
    limit_least, limit_most = (float(other.amount) * bound for bound in bounds[other.currency])
    return -1 if most < limit_least else 1 if least > limit_most else 0


def _line(tables: Tables, row: Row, country: str, worth: Money | None) -> Json:
    """One row in words: up to which value, which duty, which tax."""
    limit, kind = (row["up_to"], "up_to") if row["up_to"] else (row["above"], "above")
    facts: dict[str, Json] = {"duty": _duty(row, worth), "tax": _tax(tables, row, country, worth)}
    if worth is not None:
        return values.key("customs.row_for", worth=values.money(worth), **facts)
    return values.key(f"customs.row_{kind}", limit=values.money(limit), **facts) if limit else values.key(
        "customs.row", **facts
    )  # fmt: skip


def _duty(row: Row, worth: Money | None) -> Json:
    if row["duty"] == "none":
        return values.key("customs.duty.none")
    if row["duty"] == "flat_per_item":
        return values.key("customs.duty.flat", amount=values.money(row["duty_flat"]))
    if row["duty"] == "percent":
        return values.key("customs.duty.percent", percent=_percent(row["duty_percent"][1]))
    if row["duty_percent"] is not None:
        return values.key(
            "customs.duty.range", low=_percent(row["duty_percent"][0]), high=_percent(row["duty_percent"][1])
        )
    return values.key("customs.duty.by_goods")


def _tax(tables: Tables, row: Row, country: str, worth: Money | None) -> Json:
    percent = row["tax_percent"]
    if percent is None and row["tax_name"] == "vat":
        rate = tables.nearest("vat", country, on=row.dated)
        percent = rate["percent"] if rate else None
    if percent == 0 or (percent is None and row["tax_by"] == "none"):
        return values.key("customs.tax_none")
    name = values.key(f"customs.tax.{row['tax_name']}")
    if percent is None:
        return values.key("customs.tax_open", tax_name=name)
    if worth is not None:
        amount = Money(round(worth.minor * percent / 100), worth.currency)
        return values.key("customs.tax_amount", tax_name=name, percent=_percent(percent), amount=values.money(amount))
    return values.key("customs.tax_percent", tax_name=name, percent=_percent(percent))


def _percent(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _who(rows: list[Row]) -> str:
    payers = {row["tax_by"] if row["duty"] == "none" else "importer" for row in rows} - {"none"}
    return "nobody" if not payers else "checkout" if payers == {"seller"} else "customer"


def _documents(rows: list[Row]) -> Json:
    names = list(dict.fromkeys(name for row in rows for name in row["documents"]))
    return [values.key(f"customs.doc.{name}") for name in names]


def _chain(lines: list[Json]) -> Json:
    told = lines[-1]
    for earlier in reversed(lines[:-1]):
        told = values.key("parcel.and_next", first=earlier, rest=told)
    return told


CUSTOMS_DUE = CheckSpec(
    "customs.due", due, passes="estimated", args={"country": "country", "amount": "amount"},
    optional=frozenset({"country", "amount"}),
    outcomes={"untold": frozenset(), "inside": _TOLD, "ours": _TOLD, "unlisted": _TOLD,
              "estimated": _TOLD | {"parts", "who", "documents", "cite", "as_of"}},
)  # fmt: skip
CUSTOMS_HELD = CheckSpec(
    "customs.held", held, passes="none", args={"amount": "amount", "country": "country"},
    optional=frozenset({"amount", "country"}),
    outcomes={"customs_held": frozenset(), "none": frozenset()},
)  # fmt: skip
CUSTOMS_PAPERS = CheckSpec(
    "customs.papers", papers, passes="listed", args={"order": "order"},
    outcomes={"listed": _HELD, "unlisted": frozenset()},
)  # fmt: skip
