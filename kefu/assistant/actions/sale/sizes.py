"""Which size to take, by the product's own chart; where the chart does not tell, that is what is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kefu.assistant.actions.answers import NOTHING, Answered, answered
from kefu.assistant.actions.arguments import Question, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.asking import asking_of
from kefu.assistant.actions.catalog.phrases import fold
from kefu.assistant.actions.catalog.saying import Saying, Wanted, say_size_chart, stock_of
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.sale.refusals import BodyNeeded, FootNeeded
from kefu.assistant.actions.sale.subject import Subject, remember_variant, subject_of
from kefu.assistant.actions.told import FootLength, Height, Ordinal, SizeName, Weight
from kefu.commerce.models import Product
from kefu.commerce.sizing import Advice, ByMeasure, advise, measurable, sizes_of

Json = Any
#: what a customer tells of themselves -> the column of a chart, in its unit
COLUMNS = {"height": "height", "weight": "weight", "foot_length": "foot"}
_NUMBER = r"(\d{2,3}(?:[.,]\d)?)"


@action(
    name="catalog.size_advice", kind=READS,
    refusals=("sale.product_needed", "sale.body_needed", "sale.foot_needed"),
)  # fmt: skip
def size_advice(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None,
    height: Height | None = None, weight: Weight | None = None, foot_length: FootLength | None = None,
    size: SizeName | None = None,
) -> Answered:  # fmt: skip
    """The size of one product for a body, from its size chart: the size that fits, the two it lies between, or that
    the body is beyond the chart. Raises ProductNeeded, BodyNeeded, FootNeeded; not found where there is no chart."""
    subject = subject_of(call, question, which, ordinal)
    chart = subject.product.attributes.get("size_chart")
    if not isinstance(chart, dict) or not sizes_of(chart):
        return NOTHING
    body = body_of(call, height, weight, foot_length)
    advice = advice_for(chart, body, subject.text, usual=size.value if size else "")
    if advice.verdict == "unknown":
        columns = measurable(chart)
        if "foot" in columns:
            raise FootNeeded()
        if {"height", "weight"} & set(columns):
            raise BodyNeeded()
        stated = say_size_chart(subject.product, Wanted())
        return answered(call, [(subject.product, [stated])]) if stated else NOTHING
    if advice.verdict in ("fits", "usual"):
        remember_variant(call, subject, Wanted(size=advice.size))
    return answered(call, [(subject.product, sayings_of(call, subject.product, chart, advice, subject.text))])


@action(name="catalog.size_chart", kind=READS, refusals=("sale.product_needed",))
def size_chart(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None
) -> Answered:
    """The size chart of one product as it stands, for who gives no measures. Raises ProductNeeded."""
    subject: Subject = subject_of(call, question, which, ordinal)
    stated = say_size_chart(subject.product, Wanted())
    return answered(call, [(subject.product, [stated])]) if stated else NOTHING


def body_of(
    call: ActionCall, height: Height | None, weight: Weight | None, foot_length: FootLength | None
) -> dict[str, float]:
    """By column: what was told now, beside what was told earlier in the talk."""
    before = (call.conversation.memory.get("about") or {}).get("body") or {}
    given = {"height": height, "weight": weight, "foot_length": foot_length}
    told = {name: one.value for name, one in given.items() if one is not None}
    if told:
        about = dict(call.conversation.memory.get("about") or {})
        about["body"] = {**before, **told}
        call.conversation.memory["about"] = about
    return {
        COLUMNS[name]: float(value)
        for name, value in {**before, **told}.items()
        if name in COLUMNS and isinstance(value, int | float)
    }


def advice_for(chart: Mapping[str, Any], body: Mapping[str, float], text: str, *, usual: str = "") -> Advice:
    """By all that is known: the body, and measures that the text gives by the names of the chart's columns."""
    measures = _named_measures(chart, text)
    measures |= {column: value for column, value in body.items() if column in measurable(chart)}
    if not measures and usual.isdigit() and "shoe" in measurable(chart):
        measures["shoe"] = float(usual)
    return advise(chart, measures, usual)


def _named_measures(chart: Mapping[str, Any], text: str) -> dict[str, float]:
    """ "chest 96", "胸围96", "96 cm Brustumfang": what the customer calls by the chart's own words."""
    found: dict[str, float] = {}
    folded = fold(text)
    for column, names in (chart.get("columns") or {}).items():
        if column not in measurable(chart):
            continue
        words = {fold(str(word)) for key, word in names.items() if len(key) == 2} | {column}
        shape = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        hit = re.search(rf"(?:{shape})\D{{0,16}}{_NUMBER}", folded) or re.search(
            rf"{_NUMBER}\s*(?:cm|厘米|センチ|센티)?\W{{0,3}}(?:de |of )?(?:{shape})", folded
        )
        if hit:
            found[column] = float(hit[1].replace(",", "."))
    return found


def sayings_of(call: ActionCall, product: Product, chart: Mapping[str, Any], advice: Advice, text: str) -> list[Saying]:
    """The advice, how the product turns out where it is stated, and whether the size is there."""
    asking = asking_of(call.brand.pack)
    told: list[Saying] = []
    measures = [_measure(chart, one) for one in advice.used]
    if advice.verdict == "fits":
        told.append(Saying("sale.size_fits", {"measures": measures, "size": advice.size}))
    elif advice.verdict == "between":
        likes = "_loose" if asking.loose.in_text(text) else "_tight" if asking.tight.in_text(text) else ""
        facts = {"measures": measures, "size": advice.size, "larger": advice.larger}
        told.append(Saying(f"sale.size_between{likes}", facts))
    elif advice.verdict == "usual":
        told.append(Saying("sale.size_usual", {"size": advice.size}))
        if stated := say_size_chart(product, Wanted(size=advice.size)):
            told.append(stated)
    elif advice.limit is not None:
        column, value = advice.limit
        limit = _measure(chart, ByMeasure(column, value, ()))
        told.append(Saying(f"sale.size_{advice.verdict}", {"size": advice.size, "limit": limit}))
        return told
    if product.attributes.get("fit") in ("small", "large", "true"):
        told.append(Saying(f"sale.fit_{product.attributes['fit']}", {}))
    for size in dict.fromkeys(one for one in (advice.size, advice.larger) if one):
        if stock := stock_of(product, Wanted(size=size)):
            told.append(stock)
    return told


def _measure(chart: Mapping[str, Any], one: ByMeasure) -> Json:
    names = (chart.get("columns") or {}).get(one.column) or {}
    words = {key: word for key, word in names.items() if len(key) == 2} or {"en": one.column}
    value = int(one.value) if one.value == int(one.value) else one.value
    return {
        "key": "sale.measure",
        "facts": {"name": {"text": words}, "value": value, "unit": names.get("unit") or chart.get("unit", "")},
    }
