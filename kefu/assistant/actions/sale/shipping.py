"""What delivery costs and how long it takes, from the shop's own table: the brand's settings, `shipping`.

docs/reference/shipping-table.md tells its fields. A shop without one answers from its help articles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kefu.assistant.actions.answers import NOTHING, Answered, asked_before
from kefu.assistant.actions.arguments import Question
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.answering import wordings
from kefu.assistant.actions.catalog.phrases import labelled
from kefu.assistant.actions.delivery import CUSTOMS, country_question
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.sale.refusals import CountryNeeded
from kefu.assistant.actions.told import CountryCode, Told
from kefu.assistant.actions.values import Localised, as_fact
from kefu.kernel.money import Money
from kefu.knowledge.places import countries_in, country_name
from kefu.people.models import Brand

Json = Any
#: countries told at once
MOST = 3


@action(name="commerce.shipping", kind=READS, refusals=("sale.country_needed",))
def shipping(
    call: ActionCall, *, question: Question, country: CountryCode | None = None, amount: Told | None = None
) -> Answered:
    """Cost, time, carriers, Saturdays and the threshold of free delivery, by country. Raises CountryNeeded when the
    answer depends on the country and none is known; not found where there is no table or it doesn't tell."""
    table = call.brand.settings.get("shipping")
    if not isinstance(table, Mapping) or not isinstance(table.get("countries"), Mapping):
        return NOTHING
    asked = country_question(call.brand, question.value, before=asked_before(call))
    if asked is not None and (asked.goes_back or CUSTOMS in asked.topics):
        return NOTHING
    topics = _topics(call.brand.pack, question.value)
    countries = sorted(asked.countries if asked else countries_in(question.value)) or (
        [country.value] if country else []
    )
    if not countries:
        if topics and topics <= {"free", "carriers"} and (lines := _of_all(call.brand, table, topics)):
            return _told(call, lines)
        if country is None and (home := _own_country(call)):
            countries = [home]
        else:
            raise CountryNeeded()
    lines = []
    for code in countries[:MOST]:
        lines += _of_country(call.brand, table, code, topics, amount)
    return _told(call, lines)


def _topics(pack: str, text: str) -> set[str]:
    return {hit.label for hit in labelled(pack, "shipping_topics").hits(text)}


def _own_country(call: ActionCall) -> str:
    """Where a customer who has proved who they are lives."""
    return call.facts.customer.country if call.facts.customer else ""


def _of_country(
    brand: Brand, table: Mapping[str, Any], code: str, topics: set[str], amount: Told | None
) -> list[tuple[str, dict[str, Json]]]:
    row = table["countries"].get(code)
    where: dict[str, Json] = {"country": {"text": {}}, "code": code}
    if not isinstance(row, Mapping):
        return [("sale.ship_not_there", where)]
    currency = str(table.get("currency") or brand.currency)
    cost = Money.of(str(row["cost"]), currency)
    least, most = (int(day) for day in row["days"])
    facts = {**where, "cost": as_fact(cost), "least": least, "most": most}
    lines: list[tuple[str, dict[str, Json]]] = [("sale.ship", facts)]
    free = row.get("free_from", table.get("free_from"))
    if free:
        threshold = Money.of(str(free), currency)
        if amount is not None and amount.currency in ("", currency):
            reached = amount.amount >= threshold.amount
            lines.append(("sale.ship_free_now" if reached else "sale.ship_not_free", {"amount": as_fact(threshold)}))
        else:
            lines.append(("sale.ship_free_from", {"amount": as_fact(threshold)}))
    if "saturday" in topics:
        says = row.get("saturday", table.get("saturday"))
        key = "sale.ship_saturday_unknown" if says is None else f"sale.ship_saturday_{'yes' if says else 'no'}"
        lines.append((key, {}))
    if "express" in topics:
        express = row.get("express")
        if isinstance(express, Mapping):
            days = [int(day) for day in express["days"]]
            fast = {"cost": as_fact(Money.of(str(express["cost"]), currency)), "least": days[0], "most": days[1]}
            lines.append(("sale.ship_express", fast))
        else:
            lines.append(("sale.ship_no_express", {}))
    if carriers := [str(one) for one in row.get("carriers", ())]:
        lines.append(("sale.ship_carriers", {"carriers": carriers}))
    return lines


def _of_all(brand: Brand, table: Mapping[str, Any], topics: set[str]) -> list[tuple[str, dict[str, Json]]]:
    """What holds for every country alike, as far as the table says so."""
    rows = [row for row in table["countries"].values() if isinstance(row, Mapping)]
    lines: list[tuple[str, dict[str, Json]]] = []
    if "free" in topics and table.get("free_from") and not any("free_from" in row for row in rows):
        threshold = Money.of(str(table["free_from"]), str(table.get("currency") or brand.currency))
        lines.append(("sale.ship_free_from", {"amount": as_fact(threshold)}))
    if "carriers" in topics:
        names = list(dict.fromkeys(str(one) for row in rows for one in row.get("carriers", ())))
        if names:
            lines.append(("sale.ship_carriers", {"carriers": names}))
    return lines


def _told(call: ActionCall, lines: list[tuple[str, dict[str, Json]]]) -> Answered:
    text = {}
    for language, wording in wordings(call.brand).items():
        said = []
        for key, facts in lines:
            code = str(facts.get("code", ""))
            own = {**facts, "country": country_name(code, language, with_article=True)} if code else facts
            said.append(wording.text(key, own))
        text[language] = ("" if language in ("zh", "ja") else " ").join(said)
    return Answered(True, Localised(text), Localised(dict.fromkeys(text, "")), "shipping", [f"brand:{call.brand.pk}"])
