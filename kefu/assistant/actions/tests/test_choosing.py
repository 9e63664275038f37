"""Products to choose from: only those in stock that are stated to be what is asked."""

from __future__ import annotations

import pytest

from kefu.assistant.actions.catalog import Known, answer
from kefu.assistant.tests.shop import product, variant
from kefu.commerce.models import Product, Variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def jackets(held_clock, brand) -> dict[str, Product]:
    made = {}
    for n, (line, han) in enumerate({"Glacier": "冰川", "Fjord": "峡湾", "Ridge": "山脊"}.items()):
        one = product(
            brand, f"{line}-rain".lower(), titles={"en": f"{line} rain jacket", "zh": f"{han}防水冲锋衣"},
            attributes={
                "waterproof_mm": 10_000 + n, "weight_g": 400 - n, "care": {"en": "Wash at 30 °C.", "zh": "30°C 机洗。"},
                "features": [{"en": "all seams are taped", "zh": "全接缝压胶"}],
            },
        )  # fmt: skip
        variant(one, price_minor=15_000 + n * 5_000)
        made[line] = one
    for line, han in {"Tundra": "苔原", "Alder": "赤杨"}.items():
        down = product(
            brand, f"{line}-down".lower(), titles={"en": f"{line} down jacket", "zh": f"{han}羽绒服"},
            attributes={"features": [{"en": "the outer fabric sheds light rain", "zh": "面料可防小雨"}]},
        )  # fmt: skip
        variant(down, price_minor=9_000, color="red")
        made[line] = down
    pack = product(brand, "day", titles={"en": "Cove daypack", "zh": "海湾日用双肩包"}, attributes={"capacity_l": 20})
    variant(pack, price_minor=8_000, size="", color="green")
    return made


def said(brand, question: str, known: Known | None = None) -> str:
    found = answer(brand, question, known or Known())
    return found.text["en" if question.isascii() else "zh"] if found else ""


def test_a_waterproof_jacket_is_one_that_is_stated_to_be(jackets, brand) -> None:
    told = said(brand, "do you have waterproof jackets?")
    assert "Glacier" in told
    assert "down" not in told  # sheds light rain, no more
    assert "冰川防水冲锋衣：€150.00，防水，静水压10000毫米" in said(brand, "有没有防水的外套推荐")


@pytest.mark.parametrize("question", ["a rain jacket under 200 euros", "200欧以内的冲锋衣有吗"])
def test_a_budget_is_kept(jackets, brand, question: str) -> None:
    told = said(brand, question)
    assert "150" in told
    assert "250" not in told


def test_the_cheapest_and_the_lightest_come_first(jackets, brand) -> None:
    assert "Glacier" in said(brand, "cheapest rain jacket?").splitlines()[1]
    assert "山脊" in said(brand, "最轻的冲锋衣").splitlines()[1]


def test_what_is_sold_out_is_not_offered(jackets, brand) -> None:
    Variant.objects.filter(product=jackets["Glacier"]).update(stock=0)
    assert "Glacier" not in said(brand, "can you recommend a rain jacket")


def test_nothing_that_fits_is_told_and_nothing_invented(jackets, brand) -> None:
    assert said(brand, "do you have waterproof backpacks?") == "None of our backpacks is described as waterproof."
    assert "no rain jackets" in said(brand, "do you have rain jackets in pink")
    assert "Glacier rain jacket at €150.00" in said(brand, "a rain jacket under 50 euros")
    assert said(brand, "do you have fireproof jackets") == ""
    assert said(brand, "do you sell surfboards") == ""


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("is the glacier raincoat waterproof", "Glacier rain jacket"),
        ("冰川雨衣防水吗", "冰川防水冲锋衣"),
        ("海湾背包多少升", "海湾日用双肩包"),
        ("how big is the cove rucksack", "Cove daypack"),
    ],
)
def test_products_are_found_by_other_words_for_what_they_are(jackets, brand, question: str, named: str) -> None:
    assert named in said(brand, question)


def test_two_questions_in_one_are_both_answered(jackets, brand) -> None:
    told = said(brand, "冰川雨衣有什么颜色？可以退货吗")
    assert "蓝色" in told
    assert "可以退货" in told


@pytest.mark.parametrize("question", ["can I wash it in the machine", "能机洗吗", "and how heavy is it?", "那多重呢"])
def test_what_is_asked_next_means_the_product_told_of(jackets, brand, question: str) -> None:
    assert said(brand, question) == ""
    told = said(brand, question, Known(remembered=(jackets["Ridge"].pk,)))
    assert "Ridge rain jacket" in told or "山脊防水冲锋衣" in told


@pytest.mark.parametrize("question", ["how much is shipping", "运费多少钱", "is the Alder down jacket windproof?"])
def test_other_matters_and_other_products_do_not_mean_it(jackets, brand, question: str) -> None:
    assert "Ridge" not in said(brand, question, Known(remembered=(jackets["Ridge"].pk,)))


def test_my_jacket_is_the_one_the_customer_bought(jackets, brand) -> None:
    told = said(brand, "how do I wash my rain jacket", Known(owned=(jackets["Fjord"].pk,)))
    assert "Fjord" in told
    assert "Glacier" not in told
