"""How long goods may come back, where law, marketplace and shop meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from kefu.commerce.rules import SATURDAY, return_days
from kefu.commerce.tables.shapes import Row, Tables

#: the policy rule that stands for the shop's own promise
SHOP_RULE = "return.within_window"
#: terms["marketplace_returns"]: whose promise counts above the law
BETTER, MARKETPLACE, SHOP = "better", "marketplace", "shop"


@dataclass(frozen=True, slots=True)
class ReturnPromise:
    """legal_days: what the law gives, 0 where it gives nothing; promised_days: what shop or marketplace promise.

    rule: whose days decide: the row or the policy rule of the longer of the two, the law where they are equal.
    """

    legal_days: int
    promised_days: int
    legal_rule: str
    promised_rule: str
    is_off_weekend: bool = False

    @property
    def days(self) -> int:
        return max(self.legal_days, self.promised_days)

    @property
    def rule(self) -> str:
        return self.legal_rule if self.legal_rule and self.legal_days >= self.promised_days else self.promised_rule

    def legal_until(self, delivered_on: date) -> date | None:
        """The last day of the law, None where it gives no days."""
        if not self.legal_rule:
            return None
        last = delivered_on + timedelta(days=self.legal_days)
        if self.is_off_weekend and last.weekday() >= SATURDAY:
            last += timedelta(days=7 - last.weekday())
        return last

    def last_day(self, delivered_on: date) -> date:
        promised = delivered_on + timedelta(days=self.promised_days)
        legal = self.legal_until(delivered_on)
        return max(promised, legal) if legal else promised

    def rule_of(self, delivered_on: date) -> str:
        """Who gives the last day: a weekend may carry the law beyond an equal promise."""
        legal = self.legal_until(delivered_on)
        is_law = legal is not None and legal >= delivered_on + timedelta(days=self.promised_days)
        return self.legal_rule if is_law else self.promised_rule


def return_promise(
    tables: Tables,
    country: str,
    terms: Mapping[str, int | str],
    *,
    marketplace: str = "",
    on: date,
    faulty: bool = False,
) -> ReturnPromise:
    """What holds for goods sent to a country and bought on a marketplace ("" = the shop's own).

    The law is the floor. Above it the better promise of shop and marketplace counts, unless the shop's terms say
    otherwise: terms["marketplace_returns"] "marketplace" (its rule takes the shop's place) or "shop". The shop's days
    are those of its own row (floor: shop), else of terms["return_days"]. faulty: for goods that are not as they should
    be; a marketplace's guarantee of that kind counts then as well.
    """
    stated = _longest(tables, country, on, floor="shop", marketplace="", faulty=faulty)
    shop_days = stated["days"] if stated is not None else return_days(country, terms)
    law = _longest(tables, country, on, floor="law", marketplace="", faulty=False)
    if law is not None and law["shop_may_differ"] and (stated is not None or _says(terms, country)):
        law = None
    own = (
        _longest(tables, country, on, floor="marketplace", marketplace=marketplace, faulty=faulty)
        if marketplace
        else None
    )
    days, rule = shop_days, SHOP_RULE
    whose = str(terms.get("marketplace_returns", BETTER))
    if own is not None and (whose == MARKETPLACE or (whose != SHOP and own["days"] > shop_days)):
        days, rule = own["days"], own.id
    return ReturnPromise(
        legal_days=law["days"] if law else 0, promised_days=days, legal_rule=law.id if law else "", promised_rule=rule,
        is_off_weekend=bool(law and law["off_weekend"]),
    )  # fmt: skip


def return_window(
    tables: Tables, delivered_at: datetime, country: str, terms: Mapping[str, int | str], zone: tzinfo, *,
    marketplace: str = "",
) -> tuple[date, str]:  # fmt: skip
    """The last day on which a return may be opened, and the rule that gives it. delivered_at: aware; the day of
    delivery itself is not counted."""
    delivered_on = delivered_at.astimezone(zone).date()
    promise = return_promise(tables, country, terms, marketplace=marketplace, on=delivered_on)
    return promise.last_day(delivered_on), promise.rule_of(delivered_on)


def _says(terms: Mapping[str, int | str], country: str) -> bool:
    return "return_days" in terms or f"return_days_{country}" in terms


def _longest(tables: Tables, country: str, on: date, *, floor: str, marketplace: str, faulty: bool) -> Row | None:
    kinds = ("any", "faulty") if faulty else ("any",)
    fitting = [
        row
        for row in tables.table("returns", on=on)
        if row["floor"] == floor and row["marketplace"] == marketplace and row["for"] in kinds and row.is_for(country)
        and (row["days"] > 0 or floor == "shop")
    ]  # fmt: skip
    # two places of one marketplace: what it says of this country goes before what it says of all
    named = [row for row in fitting if country in row["countries"]]
    return max(named or fitting, key=lambda row: row["days"], default=None)
