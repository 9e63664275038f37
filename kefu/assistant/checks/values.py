"""JSON facts for texts, as kefu/assistant/replies words them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kefu.assistant.engine.specs import Json
from kefu.assistant.facts import Facts, OrderFact
from kefu.assistant.policy.variables import DEFAULT_TERMS
from kefu.kernel.money import Money

#: payment methods that have a text method.<name>
METHODS = frozenset({"card", "paypal", "alipay", "wechat_pay", "bank_transfer", "invoice", "klarna", "apple_pay"})
#: items named one by one in a text; the rest is counted
ITEMS_NAMED = 3


def money(amount: Money) -> Json:
    return {"minor": amount.minor, "currency": amount.currency}


def day(value: date) -> Json:
    return {"date": value.isoformat()}


def date_of(value: date) -> Json:
    """When a source was read: its year matters, the day of the week doesn't."""
    return {"date_of": value.isoformat()}


def moment(value: datetime) -> Json:
    return {"at": value.isoformat()}


def key(name: str, **facts: Json) -> Json:
    """A text of the pack within a text."""
    return {"key": name, "facts": facts} if facts else {"key": name}


def method(name: str) -> Json:
    return key(f"method.{name}" if name in METHODS else "method.other")


def given_note(taken_off: Money) -> Json:
    """What a customer is told when less goes back because some went back before; "" when nothing did."""
    return key("return.given_before", amount=money(taken_off)) if taken_off.minor > 0 else ""


def items(order: OrderFact) -> Json:
    """What is in the order: up to three titles, then a count."""
    named: list[Json] = [{"text": dict(line.titles)} for line in order.lines[:ITEMS_NAMED]]
    rest = len(order.lines) - ITEMS_NAMED
    return [*named, key("order.more_items", count=rest)] if rest > 0 else named


def term(facts: Facts, name: str, default: int) -> int:
    """A number from the brand's terms, else the house's default, else `default`."""
    value = facts.terms.get(name, DEFAULT_TERMS.get(name, default))
    return int(value) if str(value).isdigit() else default


def working_days_after(start: date, days: int) -> date:
    """Saturdays and Sundays don't count; public holidays are not known here."""
    current = start
    while days > 0:
        current += timedelta(days=1)
        days -= current.weekday() < 5
    return current


def working_days_between(start: date, end: date) -> int:
    """Working days after `start` up to and with `end`; 0 when end is not later. Counts at most 60."""
    span = min((end - start).days, 84)
    return sum(1 for ahead in range(1, span + 1) if (start + timedelta(days=ahead)).weekday() < 5)
