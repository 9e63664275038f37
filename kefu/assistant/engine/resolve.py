"""From what was heard to what is meant: "the blue one" against the lines that facts know.

Pure and repeatable: the same words are read again whenever the facts change (after verification there are more
orders to mean).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kefu.assistant.engine.naming import are_of_other_kinds, is_of_kind, lines_named
from kefu.assistant.engine.playbook import Need
from kefu.assistant.engine.specs import VALUE_KINDS
from kefu.assistant.engine.state import Heard, Json
from kefu.assistant.facts import Facts, LineFact, OrderFact

#: slot kind -> the fill kinds that can tell it, besides a choice among options
ACCEPTS: Mapping[str, frozenset[str]] = {
    "order": frozenset({"order_number", "tracking_number", "ordinal", "item_words", "color", "size"}),
    "order_line": frozenset({"item_words", "color", "size", "ordinal", "order_number"}),
    "order_number": frozenset({"order_number", "lacking"}),
    "proof": frozenset({"email", "phone", "postcode"}),
    "choice": frozenset({"reason", "part", "condition", "cause", "remedy"}),
    "photo": frozenset({"photo"}),
    "quantity": frozenset({"quantity"}),
    "question": frozenset({"free_text"}),
    "text": frozenset({"free_text", "wanted"}),
    "billed_to": frozenset({"billed_to", "free_text"}),
    "wish": frozenset(),
    # several named in one message ("items"), or told by their number; one alone is an order_line's matter
    "order_lines": frozenset({"items", "all_of"}),
    # what is wanted in a line's place, in the customer's words and values
    "variant": frozenset({"size", "color", "wanted", "free_text"}),
    "address": frozenset({"name", "street", "city", "region", "postcode", "country"}),
    # worked out by an action (`gives`), never heard
    "changes": frozenset(),
    "payment_method": frozenset(),
    **{kind: frozenset({kind}) for kind in VALUE_KINDS},
    "told": frozenset(),
    "answer": frozenset({"free_text"}),
}
#: a prefix without digits, then the number proper
_DIGITS = re.compile(r"[^0-9]*([0-9]+)")
OPTIONS_AT_MOST = 6
#: why nothing is certain: what was named is of a kind that was never ordered
ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Found:
    value: Json
    origin: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing certain; `candidates` to choose from, the likelier first (may be none). `because`: the vague word that
    left only these ("it doesn't fit": too small or too large), or ABSENT."""

    candidates: tuple[str, ...] = ()
    because: str = ""


def _is_open(order: OrderFact) -> bool:
    return order.state not in ("delivered", "cancelled")


def _can_be_cancelled(order: OrderFact) -> bool:
    return order.state in ("unpaid", "paid")


def _has_arrived(order: OrderFact) -> bool:
    return order.state == "delivered"


#: which orders are meant first when the customer names none
PREFERENCES: Mapping[str, Callable[[OrderFact], bool]] = {
    "open": _is_open,
    "cancellable": _can_be_cancelled,
    "delivered": _has_arrived,
}


def resolve(need: Need, heard: Sequence[Heard], facts: Facts, *, about: str = "", within: str = "",
            before: str = "", offered: Sequence[str] = ()) -> Found | Unclear:  # fmt: skip
    """What the customer means by this slot.

    about: number of the order the talk is about. within: an order's number that a line must belong to.
    before: the line meant until the customer changed it ("no, the blue one" = the same article in blue).
    offered: values last offered for this slot, which ordinals count in.
    """
    said = {item.kind: item for item in heard}
    if need.kind == "order":
        return _order(need, said, facts, about, offered)
    if need.kind == "order_line":
        return _line(need, said, facts, about, within, before, offered)
    if need.kind == "order_number":
        return Found(said["order_number"].value, "said") if "order_number" in said else Unclear()
    if need.kind == "proof":
        for kind in ("email", "phone", "postcode"):
            if kind in said:
                return Found({"kind": kind, "value": said[kind].value}, "said")
        return Unclear()
    if need.kind == "choice":
        return _choice(need, said)
    if need.kind == "quantity":
        return _quantity(said)
    if need.kind == "order_lines":
        return lines_meant(need, said, facts, about=about, within=within, offered=offered)
    if need.kind == "variant":
        return variant_meant(said)
    if need.kind == "address":
        return address_meant(said)
    if need.kind in VALUE_KINDS:
        return Found(said[need.kind].value, "said") if need.kind in said else Unclear()
    if need.kind in ("question", "text") and "free_text" in said:
        return Found(said["free_text"].value, "said")
    if need.kind == "text" and "wanted" in said:
        return Found(said["wanted"].value, "said")
    if need.kind == "billed_to":  # asked for it, all of the answer is meant
        told = next((said[kind] for kind in ("free_text", "billed_to") if kind in said), None)
        return Found(told.value, "said") if told else Unclear()
    if need.kind == "photo":
        return Found(said["photo"].value, "said") if "photo" in said else Unclear()
    if need.kind == "wish":
        return Unclear(tuple(offered) or need.of)
    return Unclear()


def variant_meant(said: Mapping[str, Heard]) -> Found | Unclear:
    """What is wanted instead: {"size": "L", "color": "red", "words": "one size up"}, as far as it was told."""
    words = [str(said[kind].value) for kind in ("wanted", "free_text") if kind in said]
    told = {kind: said[kind].value for kind in ("size", "color") if kind in said}
    if words:
        told["words"] = " · ".join(words)[:400]
    return Found(told, "said") if told else Unclear()


#: without these a parcel finds nobody; the country is the order's unless another one is told
ADDRESS_NEEDS = ("street", "city")


def address_meant(said: Mapping[str, Heard]) -> Found | Unclear:
    """An address of the parts told so far, once street and city are among them."""
    told = {kind: str(said[kind].value) for kind in ACCEPTS["address"] if kind in said}
    return Found(dict(sorted(told.items())), "said") if all(told.get(part) for part in ADDRESS_NEEDS) else Unclear()


def lines_meant(need: Need, said: Mapping[str, Heard], facts: Facts, *, about: str, within: str,
                offered: Sequence[str]) -> Found | Unclear:  # fmt: skip
    """Several lines of one order: "the jacket and the socks", "both", "all but the hat". One alone, or lines of two
    orders, are nothing certain: then a line is asked for."""
    number = within or (str(said["order_number"].value) if "order_number" in said else "")
    named = find_order(facts, number) if number else None
    orders = [named] if named else [one for one in facts.orders if one.number == about] if about else []
    orders = orders or list(facts.orders)
    if need.prefer == "delivered":
        orders = [order for order in orders if order.state == "delivered"] or orders
    lines = [line for order in orders for line in order.lines if line.returned < line.quantity]
    items = [str(one) for one in said["items"].value] if "items" in said else []
    value = said["all_of"].value if "all_of" in said else None
    named_lines = [lines_named({"item_words": Heard("item_words", one)}, lines) for one in items]
    if value is None:
        meant = [found[0] for found in named_lines if len(found) == 1]
        meant = meant if len(meant) == len(items) else []
    else:
        meant = [line for line in lines if line.ref in offered] or lines
        if value == "all_but":
            left_out = {line.ref for found in named_lines for line in found}
            # what is to stay must be known before the rest goes
            meant = [line for line in meant if line.ref not in left_out] if items and all(named_lines) else []
        else:
            meant = _of_these(items, meant, facts) or meant
            meant = meant if not isinstance(value, int) or len(meant) == value else []
    refs = list(dict.fromkeys(line.ref for line in meant))
    of_one_order = len({ref.rpartition("/")[0] for ref in refs}) == 1
    return Found(refs, "said") if len(refs) > 1 and of_one_order else Unclear()


def _of_these(items: Sequence[str], lines: Sequence[LineFact], facts: Facts) -> list[LineFact]:
    """ "Both jackets": the lines that the words name, else those of the kind they name."""
    found = [line for one in items for line in lines_named({"item_words": Heard("item_words", one)}, lines)]
    of_kind = [line for line in lines if any(is_of_kind(one, line, facts.pack) for one in items)]
    return [line for line in lines if line in found] or of_kind


def _choice(need: Need, said: Mapping[str, Heard]) -> Found | Unclear:
    for kind in ("cause", "remedy", "reason", "part", "condition"):
        value = str(said[kind].value) if kind in said else ""
        if value in need.of:
            return Found(value, "said")
        if value in need.narrow:
            return Unclear(need.narrow[value], because=value)
    return Unclear(need.of)


def find_order(facts: Facts, number: str) -> OrderFact | None:
    """An order by its number as people write it: "kf-1042", "#1042", "1042" for KF-1042. None when several fit."""
    said = number.strip().lstrip("#").upper()
    exact = facts.order(said)
    if exact is not None or not said.isdigit():
        return exact
    fits = [order for order in facts.orders if _DIGITS.fullmatch(order.number.upper()) and _tail(order.number) == said]
    return fits[0] if len(fits) == 1 else None


def _tail(number: str) -> str:
    return _DIGITS.sub(r"\1", number.upper())


def _quantity(said: Mapping[str, Heard]) -> Found | Unclear:
    value = said["quantity"].value if "quantity" in said else None
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1000
    return Found(value, "said") if is_count else Unclear()


def _order(need: Need, said: Mapping[str, Heard], facts: Facts, about: str, offered: Sequence[str]) -> Found | Unclear:
    numbers = [order.number for order in facts.orders]
    if "order_number" in said:
        order = find_order(facts, str(said["order_number"].value))
        return Found(order.number, "said") if order else Unclear(tuple(numbers[:OPTIONS_AT_MOST]))
    if "tracking_number" in said:
        sent = str(said["tracking_number"].value)
        for order in facts.orders:
            if any(parcel.tracking_number.upper() == sent for parcel in order.shipments):
                return Found(order.number, "said")
    candidates = list(facts.orders)
    if {"item_words", "color", "size"} & set(said):
        lines = lines_named(said, [line for order in candidates for line in order.lines])
        named = {line.ref.rpartition("/")[0] for line in lines}
        candidates = [order for order in candidates if order.number in named] or candidates
        if len(candidates) == 1 and len(facts.orders) > 1:
            return Found(candidates[0].number, "said")
        if not lines and _is_absent(said, [line for order in candidates for line in order.lines], facts):
            return Unclear(tuple(numbers[:OPTIONS_AT_MOST]), because=ABSENT)
    if "ordinal" in said:
        values = list(offered) or [order.number for order in candidates]
        picked = _ordinal(said["ordinal"].value, values, newest_first=True)
        if picked:
            return Found(picked, "said")
    if "other" in said:
        candidates = [order for order in candidates if order.number != about] or candidates
    elif about and any(order.number == about for order in candidates):
        return Found(about, "about")
    return _preferred(need, candidates)


def _preferred(need: Need, candidates: Sequence[OrderFact]) -> Found | Unclear:
    if len(candidates) == 1:
        return Found(candidates[0].number, "only")
    fits = PREFERENCES.get(need.prefer)
    liked = [order for order in candidates if fits(order)] if fits else []
    if len(liked) == 1:
        return Found(liked[0].number, "preferred")
    rest = [order for order in candidates if order not in liked]
    return Unclear(tuple(order.number for order in (liked or rest))[:OPTIONS_AT_MOST])


def _line(need: Need, said: Mapping[str, Heard], facts: Facts, about: str, within: str, before: str,
          offered: Sequence[str]) -> Found | Unclear:  # fmt: skip
    orders = list(facts.orders)
    number = within or (str(said["order_number"].value) if "order_number" in said else "")
    if number:
        named = find_order(facts, number)
        orders = [named] if named else []
    elif "other" in said:
        orders = [order for order in orders if order.number != about] or orders
    elif need.prefer == "delivered":  # nobody means goods that were never sent, or are on their way back already
        orders = [order for order in orders if order.state != "cancelled"] or orders
    lines = [line for order in orders for line in order.lines]
    words, fitting = {"item_words", "color", "size"} & set(said), list[LineFact]()
    if words:
        fitting = lines_named(said, lines)
        if "all_of" in said and said["all_of"].value == "all_but":  # what is named is what stays
            rest = [line for line in lines if line not in fitting] if fitting else lines
            return Found(rest[0].ref, "said") if fitting and len(rest) == 1 else Unclear(_refs(rest))
        old = facts.line(before) if before else None
        if len(fitting) > 1 and old is not None:
            fitting = [line for line in fitting if line.titles == old.titles and line.ref != before] or fitting
        if len(fitting) == 1:
            return Found(fitting[0].ref, "said")
        if not fitting and _is_absent(said, lines, facts):
            return Unclear(_refs(lines), because=ABSENT)
        lines = fitting or lines
    elif need.prefer == "delivered":
        lines = [line for line in lines if line.returned < line.quantity] or lines
    if "ordinal" in said:
        picked = _ordinal(said["ordinal"].value, list(offered) or [line.ref for line in lines], newest_first=False)
        if picked:
            return Found(picked, "said")
    if len(lines) == 1 and (not words or not fitting):  # called by a name that isn't its own, it is still the only one
        return Found(lines[0].ref, "only")
    if not number and about and not words and "other" not in said:
        own = [line for line in lines if line.ref.rpartition("/")[0] == about]
        if len(own) == 1:
            return Found(own[0].ref, "about")
        lines = own or lines
    fits = PREFERENCES.get(need.prefer)
    liked = [line for line in lines if fits and (order := facts.order_of_line(line.ref)) and fits(order)]
    if len(liked) == 1 and not words:
        return Found(liked[0].ref, "preferred")
    return Unclear(_refs(liked or lines))


def _is_absent(said: Mapping[str, Heard], lines: Sequence[LineFact], facts: Facts) -> bool:
    """Called by a name that isn't its own a thing may still be meant; a tent is no jacket."""
    return "item_words" in said and are_of_other_kinds(str(said["item_words"].value), lines, facts.pack)


def _refs(lines: Sequence[LineFact]) -> tuple[str, ...]:
    return tuple(line.ref for line in lines)[:OPTIONS_AT_MOST]


def _ordinal(value: Json, values: Sequence[str], *, newest_first: bool) -> str:
    """The nth of the values; -1 is the newest of orders, and the last one written of anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or not values:
        return ""
    if value == -1:
        return values[0] if newest_first else values[-1]
    return values[value - 1] if 1 <= value <= len(values) else ""
