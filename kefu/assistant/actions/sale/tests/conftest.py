"""A shop with a tent, a jacket in sizes, and somebody who asks."""

from __future__ import annotations

import pytest

from kefu.assistant.actions.tests.conftest import do, stranger_talk, talk  # noqa: F401 fixtures
from kefu.assistant.tests.shop import product, variant
from kefu.commerce.models import Product
from kefu.people.models import Brand

CHART = {
    "unit": "cm",
    "columns": {
        "height": {"en": "height", "zh": "身高"},
        "weight": {"en": "weight", "zh": "体重", "unit": "kg"},
        "chest": {"en": "chest", "zh": "胸围"},
    },
    "rows": {
        "S": {"height": [162, 171], "weight": [55, 64], "chest": [87, 92]},
        "M": {"height": [169, 179], "weight": [65, 74], "chest": [93, 99]},
        "L": {"height": [176, 187], "weight": [75, 86], "chest": [100, 107]},
    },
}


@pytest.fixture
def jacket(held_clock, brand: Brand) -> Product:
    made = product(
        brand, "glacier-rain-jacket", titles={"en": "Glacier rain jacket", "zh": "冰川防水冲锋衣"},
        attributes={"waterproof_mm": 15_000, "weight_g": 310, "size_chart": CHART},
    )  # fmt: skip
    for size in ("S", "M", "L"):
        for color in ("blue", "black"):
            one = variant(made, size=size, color=color, price_minor=14_900)
            one.stock = 0 if (size, color) == ("L", "blue") else 5
            one.save()
    return made


@pytest.fixture
def tents(held_clock, brand: Brand) -> list[Product]:
    made = []
    for n, line in enumerate(("Fjord", "Tundra")):
        one = product(
            brand, f"{line}-tent".lower(), titles={"en": f"{line} tent"},
            attributes={"weight_g": 1650 + n * 400, "persons": 2, "material": {"en": "ripstop nylon"}},
        )  # fmt: skip
        variant(one, size="", color="green", price_minor=28_900 + n * 6_000)
        made.append(one)
    return made
