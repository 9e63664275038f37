"""Which variant is meant by "one size up", "the blue one", "clicky": read against the product's own variants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.conf import settings

from kefu.assistant.actions.arguments import LineRef
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.answering import color_words
from kefu.assistant.actions.catalog.phrases import Phrases, by_language, fold, knowledge_file
from kefu.assistant.actions.plans.preferring import choices_told, extreme_told
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.several import Lines
from kefu.assistant.actions.values import Json, Localised
from kefu.assistant.replies.texts import Texts, load_texts
from kefu.commerce.models import OrderLine, Variant
from kefu.desk.models import Verification

LETTERS = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL", "3XL", "4XL", "5XL")
CHOICES_AT_MOST = 6
MOST_VARIANTS = 300
#: lines that may change together
LINES_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted in a line's place, as it was told: {"size": "L", "color": "red", "words": "one size up"}."""

    size: str = ""
    color: str = ""
    words: str = ""

    kind = "variant"

    @classmethod
    def read(cls, raw: object) -> Self:
        if not isinstance(raw, dict) or not set(raw) <= {"size", "color", "words"}:
            raise ValueError('must be {"size": "L", "color": "red", "words": "…"}')
        if not all(isinstance(value, str) and len(value) <= 500 and "\x00" not in value for value in raw.values()):
            raise ValueError("each part must be text")
        return cls(**raw)


@dataclass(frozen=True, slots=True)
class VariantFound:
    """found: exactly one other variant is meant, and a piece of it is there. changes: as change_items takes it.

    why: text when it is not found; choices: what is there instead, in words.
    """

    found: bool
    order: str
    changes: list[Json]
    item: Json
    new: str
    why: Json
    choices: list[str]


@action(name="commerce.find_variant", kind=READS, verification=Verification.ORDER)
def find_variant(call: ActionCall, *, line: LineRef, wanted: Wanted) -> VariantFound:
    """The variant of the line's product that is wanted instead; options that nobody spoke of stay as they are.

    Not found, with what is there instead: when nothing or several things fit, or the one that fits is sold out.
    """
    own = line.resolve(call)
    texts = load_texts(Path(settings.PACKS_DIR) / call.brand.pack / "replies")
    new, is_there, choices = _other(call, own, wanted, texts)
    reason = "sold_out" if new is not None else "unclear"
    return VariantFound(
        found=is_there,
        order=own.order.number,
        changes=[{"line": line.fact(call).ref, "sku": new.sku}] if new is not None and is_there else [],
        item=_title(own),
        new=_label(new, texts, call.language) if new is not None else "",
        why=None if is_there else _why(reason, new, choices, texts, call.language),
        choices=choices,
    )


@dataclass(frozen=True, slots=True)
class VariantsFound:
    """found: each of the lines has its other variant there, or is of it already. changes: as change_items takes them.

    item, new: the things and what takes their places, in words. why: text when one is not found.
    """

    found: bool
    order: str
    changes: list[Json]
    item: list[Json]
    new: list[Json]
    why: Json


@action(name="commerce.find_variants", kind=READS, verification=Verification.ORDER)
def find_variants(call: ActionCall, *, lines: Lines, wanted: Wanted) -> VariantsFound:
    """As find_variant, for several lines that are all to have the same: "both jackets in L". All of them or none."""
    texts = load_texts(Path(settings.PACKS_DIR) / call.brand.pack / "replies")
    order, changes, items, news = "", list[Json](), list[Json](), list[Json]()
    for one in lines.items[:LINES_AT_MOST]:
        own = one.ref.resolve(call)
        order = own.order.number
        new, is_there, choices = _other(call, own, wanted, texts)
        if new is not None and is_there:
            changes.append({"line": one.ref.fact(call).ref, "sku": new.sku})
            items.append(_title(own))
            named = {"item": _title(own), "new": _label(new, texts, call.language)}
            news.append({"key": "variant.named", "facts": named})
        elif not _is_of_it(own, wanted):
            why = _why("sold_out" if new is not None else "unclear", new, choices, texts, call.language)
            return VariantsFound(False, order, [], [_title(own)], [], why)
    why = None if changes else {"key": "variant.none_there"}
    return VariantsFound(bool(changes), order, changes, items, news, why)


def _is_of_it(own: OrderLine, wanted: Wanted) -> bool:
    """Whether the line is what is wanted already: one of the two jackets is an L."""
    told = [(wanted.size, own.variant.size), (wanted.color, own.variant.color)]
    return bool(wanted.size or wanted.color) and all(fold(had) == fold(said) for said, had in told if said)


def _title(own: OrderLine) -> Json:
    return Localised(own.titles or own.variant.product.titles)


def _other(call: ActionCall, own: OrderLine, wanted: Wanted, texts: Texts) -> tuple[Variant | None, bool, list[str]]:
    """The other variant that is meant, whether enough of it is there, and what is there instead, in words."""
    rows = Variant.objects.filter(brand=call.brand, product_id=own.variant.product_id, currency=own.order.currency)
    sisters = list(rows.select_related("product").order_by("pk")[:MOST_VARIANTS])
    colors = color_words(texts, call.brand.pack)
    fitting: list[Variant] = []
    for choice in _choices(wanted):
        found = meant(own.variant, sisters, choice, colors=colors, pack=call.brand.pack)
        fitting = fitting or found
        if len(found) == 1 and found[0].stock >= own.quantity:
            fitting = found
            break
    there = [one for one in sisters if one.stock > 0 and one.pk != own.variant_id]
    new = fitting[0] if len(fitting) == 1 and fitting[0].pk != own.variant_id else None
    is_there = new is not None and new.stock >= own.quantity
    return new, is_there, [_label(one, texts, call.language) for one in there[:CHOICES_AT_MOST]]


def _why(reason: str, new: Variant | None, choices: list[str], texts: Texts, language: str) -> Json:
    if not choices:
        return {"key": "variant.none_there"}
    facts: dict[str, Json] = {"choices": list(choices)}
    if new is not None:
        facts["new"] = _label(new, texts, language)
    return {"key": f"variant.{reason}", "facts": facts}


def _choices(wanted: Wanted) -> list[Wanted]:
    """What is wanted, and what is told for when that is not there: "blue, or else black"."""
    told = choices_told(wanted.words)
    return [wanted] if len(told) < 2 else [Wanted(words=one) for one in told]


def meant(
    old: Variant, sisters: Sequence[Variant], wanted: Wanted, *, colors: Mapping[str, Sequence[str]], pack: str
) -> list[Variant]:
    """The variants that what was told fits, or the cheapest or dearest of them that is there, where that is wanted; []
    when nothing was told that any of them has. Of several that fit, the one
    that is otherwise like the old one."""
    told = _told(old, sisters, wanted, colors, pack)
    if extreme := extreme_told(fold(wanted.words)):
        others = [one for one in sisters if one.stock > 0 and one.pk != old.pk
                  and all(fold(one.all_options.get(name, "")) == told[name] for name in told)]  # fmt: skip
        ranked = sorted(others, key=lambda one: one.price_minor, reverse=extreme == "dearest")
        return [one for one in ranked if one.price_minor == ranked[0].price_minor]
    if not told:
        return []
    fitting = [one for one in sisters if all(fold(one.all_options.get(name, "")) == told[name] for name in told)]
    keeps = {name: value for name, value in old.all_options.items() if name not in told}
    alike = [one for one in fitting if all(one.all_options.get(name) == value for name, value in keeps.items())]
    return alike if len(alike) == 1 else fitting


def _told(
    old: Variant, sisters: Sequence[Variant], wanted: Wanted, colors: Mapping[str, Sequence[str]], pack: str
) -> dict[str, str]:
    """Option -> folded value, as far as the words name one that the product has."""
    told = {name: fold(value) for name, value in (("size", wanted.size), ("color", wanted.color)) if value}
    words = fold(wanted.words)
    values = {(name, value) for one in sisters for name, value in one.all_options.items()}
    for name, value in sorted(values, key=lambda pair: (-len(pair[1]), pair)):
        names = {fold(value), *(map(fold, colors.get(value.lower(), ())) if name == "color" else ())}
        if name not in told and any(_stands_in(one, words) for one in names):
            told[name] = fold(value)
    if "size" not in told and (step := _step(words, pack)):
        told["size"] = fold(_next_size(old.size, {one.size for one in sisters}, step))
    return told


def _stands_in(value: str, words: str) -> bool:
    if not value.isascii():
        return value in words
    return re.search(rf"(?<![a-z0-9.]){re.escape(value)}(?![a-z0-9])", words) is not None


def _step(words: str, pack: str) -> int:
    """1 for "one size up", -1 for one down, 0 for neither or both."""
    asked = knowledge_file(pack, "wanted")
    up, down = (Phrases((word, name) for word in by_language(asked.get(name) or {})) for name in ("larger", "smaller"))
    return int(up.in_text(words)) - int(down.in_text(words))


def _next_size(size: str, sizes: set[str], step: int) -> str:
    """The size beside this one among those there are; "" when there is none."""
    ordered = sorted((one for one in sizes if one), key=_rank)
    if size not in ordered:
        return "\x00"
    place = ordered.index(size) + step
    return ordered[place] if 0 <= place < len(ordered) else "\x00"


def _rank(size: str) -> tuple[int, float, str]:
    if size.upper() in LETTERS:
        return (0, LETTERS.index(size.upper()), size)
    number = re.match(r"\d+(?:[.,]\d+)?", size)
    return (1, float(number[0].replace(",", ".")), size) if number else (2, 0.0, size)


def _label(variant: Variant, texts: Texts, language: str) -> str:
    """ "blue, L", in the customer's language as far as the pack names the colour."""
    parts = []
    for name, value in variant.all_options.items():
        key = f"color.{value.lower()}"
        parts.append(texts.template(key, language) if name == "color" and texts.has(key, language) else value)
    return ("，" if language == "zh" else "、" if language == "ja" else ", ").join(parts) or variant.sku
