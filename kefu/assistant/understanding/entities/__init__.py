"""Stage 3: what a message names, by rules. Every expression here is bounded, so time grows with length only."""

from __future__ import annotations

from dataclasses import replace

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities import (
    addresses,
    bodies,
    codes,
    companies,
    days,
    doors,
    faults,
    numbers,
    people,
    sums,
    things,
)
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon
from kefu.assistant.understanding.normal import Text

__all__ = ["Entity", "find_entities"]

#: entities of one message that are kept; a spammer's list of thousand numbers helps nobody
MOST = 24


def find_entities(text: Text, words: Lexicon, listening: ListeningFor, language: str) -> list[Entity]:
    """In the order they stand in the message. A stretch belongs to one finder, the surest first, except that a bare
    number may be offered for two kinds when both were asked for."""
    taken = Taken()
    found: list[Entity] = []
    for finder in (companies.billed_to, addresses.emails, people.addresses, doors.told_doors, numbers.tracking_numbers,
                   numbers.named_orders, codes.coupon_codes, days.days, addresses.phones, addresses.postcodes,
                   bodies.bodies, sums.sums, people.names, things.reasons, things.sizes, numbers.quantities,
                   things.ordinals, numbers.bare_orders, things.colors, things.countries):  # fmt: skip
        found += taken.keep(finder(text, words, listening, language, taken))
    for item in things.item_words(text, words, listening, language, taken):  # may contain a colour: spans overlap
        if not any(entity.start <= item.start and item.end <= entity.end for entity in found) and not any(
            entity.kind == "billed_to" and item.start < entity.end and entity.start < item.end for entity in found
        ):
            found.append(item)
    # these say something of the rest, so they may lie over a reason or a size
    found += [*things.marks(text, words), *things.several(text, words), *things.conditions(text, words, listening)]
    told = list(faults.causes_and_remedies(text, words))
    broken = [one for one in told if one.kind == "cause"]
    found = _only_what_is_missing(found, broken)
    found = [
        one
        for one in found
        if one.kind != "quantity" or not any(one.start < cause.end and cause.start < one.end for cause in broken)
    ]  # "in three pieces"
    found += told
    found.sort(key=lambda entity: (entity.start, entity.end))
    return _with_one_reading_each(found)[:MOST]


def _only_what_is_missing(found: list[Entity], broken: list[Entity]) -> list[Entity]:
    """ "I ordered two and only one was in it": one is missing, and not two."""
    missing = [one for one in broken if one.value == "missing"]
    told = sorted({int(one.value) for one in found if one.kind == "quantity"})
    if not missing or len(told) != 2:
        return found
    less, more = told
    kept = [one for one in found if one.kind != "quantity" or one.value == more]
    return [replace(one, value=more - less) if one.kind == "quantity" else one for one in kept]


def _with_one_reading_each(found: list[Entity]) -> list[Entity]:
    """A bare number asked for as order number and as postcode is the order, which was asked for first; where the
    message has both, the named one is: in "KF-1042 10115" the order is named, in "1042 10115" it comes first."""
    postcodes = {(one.start, one.end) for one in found if one.kind == "postcode"}
    orders = [one for one in found if one.kind == "order_number"]
    either = [one for one in orders if (one.start, one.end) in postcodes]
    if not either:
        return found
    named = [one for one in orders if one not in either]
    order = named[0] if named else either[0]
    other_readings = [
        one
        for one in found
        if one in either or (one.kind == "postcode" and (one.start, one.end) == (order.start, order.end))
    ]
    return [one for one in found if one is order or one not in other_readings]
