"""What one product's attributes say about one aspect: a text key with its facts, or nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kefu.assistant.actions.catalog.aspects import Aspect
from kefu.assistant.actions.catalog.phrases import fold
from kefu.commerce.models import Product, Variant
from kefu.knowledge.rules import terms_of

Json = Any
#: between measures of one line
COMMAS = {"zh": "，", "ja": "、"}


@dataclass(frozen=True, slots=True)
class Saying:
    """`key` is a text of the pack; `facts` what fills it, beside {title}."""

    key: str
    facts: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The size and colour a question names, as the product has them; "" where it names none."""

    size: str = ""
    color: str = ""


#: words that ask and tell nothing of what is asked
_ASKING = frozenset({"come", "includ", "really", "tru", "product", "articl", "item", "sure", "work", "fit",
                     "ok", "okay", "many", "built", "option", "someth", "without", "fre"})  # fmt: skip
_ASKING_HAN = re.compile("多少|多大|几个|怎么样|如何|是否|有没有|能不能|可不可以|[带含有用配送附不真放]")
#: what stands before a size, and scripts whose letters part sizes
_SIZE_WORD = (
    r"(?:\b(?:size|talla|talle|taille|pointure|größe|grösse|gr\.|tamanho|número|numéro)\s+|(?:尺码|サイズ|사이즈)\s*)"
)
_NO_LETTERS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
#: share of a question's terms that a feature must have
ENOUGH = 0.6

#: the words of a colour in the languages of the shop: {"blue": ("blue", "蓝色")}
ColorWords = Mapping[str, tuple[str, ...]]


def say(aspect: Aspect, product: Product, question: str, colors: ColorWords) -> Saying | None:
    """What the catalogue states, None when it is silent."""
    wanted = wanted_variant(product, question, colors)
    if special := _SPECIAL.get(aspect.name):
        return special(product, wanted)
    value = product.attributes.get(aspect.attribute)
    if value is None or value == "":
        return stated_feature(product, question)
    if isinstance(value, bool):
        return Saying("catalog.yes" if value else "catalog.no", {"value": aspect.name})
    return Saying(f"catalog.{aspect.attribute}", {"value": fact(value)})


def fact(value: Json) -> Json:
    """An attribute as a fact that replies can word: texts by language, numbers, lists of these."""
    if isinstance(value, dict):
        return {"text": value}
    if isinstance(value, list):
        return [fact(one) for one in value[:8]]
    if isinstance(value, float):
        return str(value)
    return value


def stated_feature(product: Product, question: str) -> Saying | None:
    """The feature whose words the question shares: "does it come with pegs?" finds "pegs and guy lines are included".

    question: without the product's name. Most of it must be in the feature: a yes is only said where it is
    written.
    """
    asked = set(terms_of(_ASKING_HAN.sub(" ", question))) - _ASKING
    if not asked:
        return None
    material = product.attributes.get("material")
    best, best_share = None, ENOUGH
    for stated in [*(product.attributes.get("features") or ()), *([material] if material else [])]:
        for text in stated.values() if isinstance(stated, dict) else [stated]:
            terms = terms_of(str(text))
            joined = {first + second for first, second in pairwise(terms)}  # touch screen, touchscreen
            share = len(asked & {*terms, *joined}) / len(asked)
            if share >= best_share:
                best, best_share = stated, share
    if best is None:
        return None
    return Saying("catalog.material" if best is material else "catalog.feature", {"value": fact(best)})


def wanted_variant(product: Product, question: str, colors: ColorWords) -> Wanted:
    """Size and colour that the question names. A bare S, M or L counts only as a capital or beside "size" or 码."""
    text = unicodedata.normalize("NFKC", question)
    variants = list(product.variants.all())
    size = next((one for one in sorted({v.size for v in variants if v.size}, key=len, reverse=True)
                 if _names_size(one, text)), "")  # fmt: skip
    lower = fold(text)
    named = [(len(word), name) for name, words in colors.items() for word in words if _names_word(word, lower)]
    return Wanted(size or _other_size(text), max(named)[1] if named else "")


def _names_size(size: str, text: str) -> bool:
    edge = r"(?<![\w'’-]){}(?![\w'’-])" if size.isascii() else "{}"
    plain = re.search(edge.format(re.escape(size)), _NO_LETTERS.sub(" ", text))
    beside = re.search(
        rf"{_SIZE_WORD}{re.escape(size)}(?![a-z0-9])|(?<![a-z0-9]){re.escape(size)}\s*(?:[码号]|サイズ|사이즈)",
        text, re.IGNORECASE,
    )  # fmt: skip
    return bool(beside or plain)


def _other_size(text: str) -> str:
    """A size that is named as one, though the product does not have it: "size 48", "XXL码"."""
    found = re.search(
        rf"{_SIZE_WORD}([0-9]{{1,3}}|[X0-9]{{0,3}}[SML])(?![a-z0-9])"
        r"|([0-9]{2,3}|[X0-9]{0,3}[SML])\s*(?:サイズ|사이즈)|size\s+([0-9]{1,3}|[X0-9]{0,3}[SML])\b|([0-9]{1,3}|[X0-9]{0,3}[SML])\s*码"
        r"|\bin\s+(?:an?\s+)?([0-9]{2,3}|X{1,3}[SL])\b|有\s*(X{1,3}[SL])", text, re.IGNORECASE,
    )  # fmt: skip
    return next(size for size in found.groups() if size).upper() if found else ""


def _names_word(word: str, text: str) -> bool:
    word = fold(word)
    return word in text and (not word.isascii() or re.search(rf"\b{re.escape(word)}\b", text) is not None)


def variant_words(variant: Variant | Wanted) -> Json | None:
    """ "blue, size M" as a fact; None for an article of one make."""
    if variant.size and variant.color:
        return {
            "key": "catalog.color_and_size",
            "facts": {"color": {"key": f"color.{variant.color}"}, "size": variant.size},
        }
    if variant.size:
        return {"key": "catalog.size", "facts": {"value": variant.size}}
    return {"key": f"color.{variant.color}"} if variant.color else None


def stock_of(product: Product, wanted: Wanted) -> Saying | None:
    variants = list(product.variants.all())
    if not variants:
        return None
    if not (wanted.size or wanted.color):
        return Saying("catalog.in_stock" if any(v.stock for v in variants) else "catalog.sold_out", {})
    fitting = [v for v in variants if wanted.size in ("", v.size) and wanted.color in ("", v.color)]
    if not fitting:
        return _what_there_is(variants, wanted)
    key = "catalog.variant_in_stock" if any(v.stock for v in fitting) else "catalog.variant_sold_out"
    return Saying(key, {"value": variant_words(wanted)})


def _what_there_is(variants: list[Variant], wanted: Wanted) -> Saying | None:
    colors = list(dict.fromkeys(v.color for v in variants if v.color))
    sizes = list(dict.fromkeys(v.size for v in variants if v.size))
    if wanted.color and wanted.color not in colors:
        offered: list[Json] = [{"key": f"color.{color}"} for color in colors]
    else:
        offered = list(sizes)
    return Saying("catalog.no_such_variant", {"value": offered[:20]}) if offered else None


def _sizes(product: Product, wanted: Wanted) -> Saying | None:
    if wanted.size or wanted.color:
        return stock_of(product, wanted)
    variants = [v for v in product.variants.all() if v.size]
    if not variants:
        return None
    in_stock = list(dict.fromkeys(v.size for v in variants if v.stock))
    return Saying("catalog.sizes", {"value": in_stock}) if in_stock else Saying("catalog.sizes_none", {})


def _colors(product: Product, wanted: Wanted) -> Saying | None:
    if wanted.size or wanted.color:
        return stock_of(product, wanted)
    colors = list(dict.fromkeys(v.color for v in product.variants.all() if v.color and v.stock))
    return Saying("catalog.colors", {"value": [{"key": f"color.{color}"} for color in colors]}) if colors else None


def price_of(product: Product, wanted: Wanted) -> Saying | None:
    prices = sorted(
        {(v.price_minor, v.currency) for v in product.variants.all()
         if wanted.size in ("", v.size) and wanted.color in ("", v.color)}
    )  # fmt: skip
    if not prices or len({currency for _, currency in prices}) > 1:
        return None
    least, most = ({"minor": minor, "currency": currency} for minor, currency in (prices[0], prices[-1]))
    if least == most:
        return Saying("catalog.price", {"value": least})
    return Saying("catalog.price_range", {"least": least, "most": most})


def _warranty(product: Product, wanted: Wanted) -> Saying | None:
    return Saying("catalog.warranty", {"value": product.warranty_months}) if product.warranty_months else None


def _returnable(product: Product, wanted: Wanted) -> Saying:
    return Saying("catalog.returnable" if product.is_returnable else "catalog.not_returnable", {})


def _description(product: Product, wanted: Wanted) -> Saying | None:
    texts = {language: text for language, text in product.descriptions.items() if text}
    return Saying("catalog.description", {"value": {"text": texts}}) if texts else None


def _waterproof(product: Product, wanted: Wanted) -> Saying | None:
    """A water column is a yes; else only what a feature or the material says in so many words."""
    attributes = product.attributes
    if isinstance(column := attributes.get("waterproof_mm"), int) and not isinstance(column, bool):
        return Saying("catalog.waterproof_mm", {"value": column})
    for stated in [*(attributes.get("features") or ()), attributes.get("material")]:
        texts = stated.values() if isinstance(stated, dict) else [stated or ""]
        if any(re.search(r"\bwater(?:proof|tight)|防水|\bsheds? .*rain|防小雨|防泼水", str(text)) for text in texts):
            return Saying("catalog.feature", {"value": fact(stated)})
    return None


def _care(product: Product, wanted: Wanted) -> Saying | None:
    care = product.attributes.get("care")
    return Saying("catalog.care", {"value": fact(care)}) if care else None


def _dimensions(product: Product, wanted: Wanted) -> Saying | None:
    """A feature that gives measures: "it measures 55 × 40 × 20 cm"."""
    for stated in product.attributes.get("features") or ():
        texts = stated.values() if isinstance(stated, dict) else [stated]
        if any(re.search(r"\bmeasures?\b|尺寸|\d\s*[×x]\s*\d", str(text)) for text in texts):
            return Saying("catalog.feature", {"value": fact(stated)})
    return None


def say_size_chart(product: Product, wanted: Wanted) -> Saying | None:
    """attributes.size_chart: {"unit": "cm", "columns": {"chest": {"en": …}}, "rows": {"M": {"chest": [93, 99]}}}."""
    chart = product.attributes.get("size_chart")
    if not isinstance(chart, dict) or not isinstance(chart.get("rows"), dict):
        return None
    rows: dict[str, Json] = chart["rows"]
    columns = chart.get("columns") or {}
    unit = str(chart.get("unit", ""))
    if wanted.size:
        if wanted.size not in rows:
            return None
        return Saying(
            "catalog.size_row", {"size": wanted.size, "unit": unit, "value": _row(rows[wanted.size], columns)}
        )
    by_language = {
        language: ("；" if language in COMMAS else "; ").join(
            f"{size}: {_row(row, columns)['text'][language]}" for size, row in sorted(rows.items(), key=_by_size)[:14]
        )
        for language in _languages_of(columns)
    }
    return Saying("catalog.size_chart", {"unit": unit, "value": {"text": by_language}})


def _by_size(row: tuple[str, Json]) -> tuple[int, float, str]:
    """XS before M before XL, 36 before 104."""
    letters = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")
    if row[0] in letters:
        return 0, letters.index(row[0]), ""
    number = re.match(r"\d+(?:\.\d+)?", row[0])
    return 1, float(number.group()) if number else 0.0, row[0]


def _row(row: Mapping[str, Json], columns: Mapping[str, Json]) -> Json:
    def measure(value: Json) -> str:
        return "–".join(str(one) for one in value) if isinstance(value, list) else str(value)

    def name_in(language: str, name: str) -> str:
        names = columns.get(name) or {}
        unit = f" ({names['unit']})" if names.get("unit") else ""
        return f"{names.get(language) or names.get('en') or name}{unit}"

    return {
        "text": {
            language: COMMAS.get(language, ", ").join(
                f"{name_in(language, name)} {measure(value)}" for name, value in row.items()
            )
            for language in _languages_of(columns)
        }
    }


def _languages_of(columns: Mapping[str, Json]) -> tuple[str, ...]:
    """English, and what the chart's own words are in."""
    told = {key for names in columns.values() if isinstance(names, dict) for key in names if len(key) == 2}
    return ("en", *sorted(told - {"en"}))


_SPECIAL: dict[str, Callable[[Product, Wanted], Saying | None]] = {
    "stock": stock_of, "sizes": _sizes, "colors": _colors, "price": price_of, "warranty": _warranty,
    "returnable": _returnable, "description": _description, "waterproof": _waterproof, "care": _care,
    "size_chart": say_size_chart, "dimensions": _dimensions,
}  # fmt: skip
