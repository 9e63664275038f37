"""Products from families and lines: records of the import format."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from kefu.demo.pack import declared, families

Json = Any


def product_records(brand: Json, *, currency: str) -> list[Json]:
    """The brand's catalogue. A family's lines run from its lightest or cheapest make to its dearest."""
    rng = random.Random(f"{brand['slug']}:catalogue")
    chosen = brand["families"]
    return [
        record
        for family in families()
        if chosen == "all" or family["id"] in chosen
        for record in _family(family, currency, rng)
    ]


def _family(family: Json, currency: str, rng: random.Random) -> Iterator[Json]:
    shared, lines = declared("catalogue/shared"), family["lines"]
    for at, line in enumerate(lines):
        part = at / max(1, len(lines) - 1)
        materials, features = family["materials"], family["features"]
        own = [_in_eight(features[(at + step) % len(features)]) for step in range(min(4, len(features)))]
        material, handle = materials[at % len(materials)], f"{line}-{family['id']}"
        name = shared["lines"][line]
        yield {
            "id": f"P-{handle}",
            "handle": handle,
            "titles": _titles(family, name),
            "descriptions": {
                language: _description(family, _in_eight(material), own, language) for language in shared["description"]
            },
            "attributes": _attributes(family, material, own, part),
            "category": family["category"],
            "is_returnable": family.get("is_returnable", True),
            "warranty_months": family.get("warranty_months", 24),
            "variants": list(_variants(family, handle, _price(family["price"], part), currency, rng)),
        }


def _titles(family: Json, name: Json) -> dict[str, str]:
    """In eight languages; a line keeps its name in all but Chinese, and stands where an adjective of that language
    would."""
    titles = {"en": f"{name['en']} {family['name']['en']}", "zh": f"{name['zh']}{family['name']['zh']}"}
    for language, word in declared("catalogue-names")[family["id"]].items():
        is_before = language in ("ja", "ko")
        titles[language] = f"{name['en']} {word}" if is_before else f"{word[0].upper()}{word[1:]} {name['en']}"
    return titles


def _price(ends: list[int], part: float) -> str:
    euros = ends[0] + (ends[1] - ends[0]) * part
    return f"{round(euros / 5) * 5 if euros >= 60 else round(euros)}.00"


def _description(family: Json, material: Json, features: list[Json], language: str) -> str:
    first, second = features[0][language], features[1][language]
    about = {**family["about"], **declared("catalogue-about")[family["id"]]}
    text: str = declared("catalogue/shared")["description"][language].format(
        about=about[language],
        material=material[language],
        feature_1=first[0].upper() + first[1:],
        feature_2=second,
    )
    return text


def _attributes(family: Json, material: Json, features: list[Json], part: float) -> Json:
    shared = declared("catalogue/shared")
    attributes: dict[str, Json] = {"material": _in_eight(material), "features": features}
    for name, ends in family.get("numbers", {}).items():
        attributes[name] = _number(ends, part)
    if care := shared["care"][family["care"]]:
        attributes["care"] = _in_eight(care)
    if chart := shared["sizes"][family["sizes"]].get("chart"):
        attributes["size_chart"] = chart
    if fits := [_in_eight(one) for one in family["features"] if "compatible" in one["en"] or "fits" in one["en"]]:
        attributes["compatible_with"] = fits
    if because := family.get("not_returnable_because"):
        attributes["not_returnable_because"] = because
    return attributes


def _in_eight(text: Json) -> Json:
    """A text with what it is called in the other languages, where that is written down."""
    words, features = declared("catalogue-words"), declared("catalogue-features")
    return {**text, **(words.get(text["en"]) or features.get(text["en"]) or {})}


def _number(ends: list[float], part: float) -> float:
    value = ends[0] + (ends[1] - ends[0]) * part
    if max(map(abs, ends)) >= 100:
        return round(value / 10) * 10
    return round(value) if all(isinstance(end, int) for end in ends) else round(value, 1)


def _variants(family: Json, handle: str, price: str, currency: str, rng: random.Random) -> Iterator[Json]:
    for color in family["colors"]:
        for size in declared("catalogue/shared")["sizes"][family["sizes"]]["order"]:
            sku = "-".join(part for part in (handle, color, size) if part).upper()
            # one variant in twelve is sold out, so that "is it there in M?" has both answers
            stock = 0 if rng.random() < 1 / 12 else rng.randint(1, 60)
            yield {
                "sku": sku, "size": size, "color": color, "price": price, "currency": currency, "stock": stock,
                "barcode": _barcode(rng),
            }  # fmt: skip


def _barcode(rng: random.Random) -> str:
    """EAN-13 in the range that GS1 leaves to shops' own use (20…): nobody's article."""
    digits = f"20{rng.randrange(10**10):010}"
    weighted = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
