"""Questions about products and the shop: what is written is said, with its source; what is not, is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.assistant.actions.answers import Answered
from kefu.assistant.actions.catalog import answer, names_a_product
from kefu.assistant.actions.tests.conftest import Do
from kefu.assistant.replies.texts import load_texts
from kefu.assistant.tests.shop import product, variant
from kefu.commerce.models import Product
from kefu.knowledge.pack import load_pack_articles
from kefu.knowledge.services import create_article, publish_article
from kefu.people.actors import SYSTEM
from kefu.people.models import Brand

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the embedding model: what holds here holds everywhere."""
    from kefu.assistant.actions import answers

    monkeypatch.setattr(answers, "embedder", lambda: None)


@pytest.fixture
def catalogue(held_clock, brand: Brand) -> dict[str, Product]:
    lines = {"Glacier": "冰川", "Fjord": "峡湾", "Ridge": "山脊"}
    made = {}
    for n, (line, han) in enumerate(lines.items()):
        jacket = product(
            brand, f"{line.lower()}-rain-jacket", titles={"en": f"{line} rain jacket", "zh": f"{han}防水冲锋衣"},
            descriptions={"en": "A light shell.", "zh": "轻量硬壳。"},
            attributes={
                "material": {"en": "recycled nylon", "zh": "再生尼龙"}, "waterproof_mm": 15000 + n, "weight_g": 310 + n,
                "features": [{"en": "all seams are taped", "zh": "全接缝压胶"}],
                "care": {"en": "Wash at 30 °C.", "zh": "30°C 机洗。"}, "vegan": True,
                "size_chart": {"unit": "cm", "columns": {"chest": {"en": "chest", "zh": "胸围"}},
                               "rows": {"M": {"chest": [93, 99]}}},
            },
        )  # fmt: skip
        for size in ("S", "M", "L"):
            for color in ("blue", "black"):
                variant(jacket, color=color, size=size, price_minor=14900 + n * 1000)
        made[line] = jacket
    tent = product(
        brand, "summit-tent", titles={"en": "Summit tent", "zh": "山巅帐篷"}, category="tents", warranty_months=60,
        attributes={"features": [{"en": "pegs and guy lines are included", "zh": "含地钉与风绳"}], "persons": 2},
    )  # fmt: skip
    variant(tent, size="", color="green")
    plugs = product(brand, "ear", titles={"en": "Drift earplugs", "zh": "漂流耳塞"}, attributes={}, is_returnable=False)
    variant(plugs, size="", color="")
    made |= {"tent": tent, "plugs": plugs}
    jackets = made["Glacier"].variants.filter(size="L", color="blue")
    jackets.update(stock=0)
    return made


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Is the Glacier rain jacket waterproof?", "15000"),
        ("is the glaceir rain jaket waterprof or waterproof", "15000"),  # misspelt
        ("冰川冲锋衣防水吗", "15000"),  # a shortened name
        ("冰川防水冲锋衣防水吗？", "15000"),  # the word stands in the name as well
        ("what is the Fjord rain jacket made of", "recycled nylon"),
        ("峡湾防水冲锋衣是什么材质", "再生尼龙"),
        ("how heavy is the Ridge rain jacket?", "312"),
        ("how do I wash the Glacier rain jacket", "30 °C"),
        ("How much is the Glacier rain jacket", "149"),
        ("What sizes does the Glacier rain jacket come in", "S, M and L"),
        (
            "Do you have the Glacier rain jacket in blue, size M?",
            "Yes, we have the Glacier rain jacket in blue, size M",
        ),
        ("Do you have the Glacier rain jacket in blue, size L?", "out of the Glacier rain jacket in blue, size L"),
        ("冰川防水冲锋衣蓝色L码有货吗", "已售罄"),
        ("Is the Glacier rain jacket available in size XXL?", "don't have the Glacier rain jacket in that size"),
        ("Glacier rain jacket in pink in stock?", "blue and black"),
        ("chest measurement of the Glacier rain jacket in M?", "chest 93–99"),
        ("冰川防水冲锋衣M码胸围多少", "胸围 93–99"),
        ("Does the Summit tent come with pegs?", "pegs and guy lines are included"),
        ("山巅帐篷带地钉吗", "含地钉与风绳"),
        ("how long is the warranty on the Summit tent", "60 months"),
        ("how many persons is the Summit tent for", "2"),
        ("Can I return the Drift earplugs?", "can't take the Drift earplugs back"),
        ("GLACIER-RAIN-JACKET-BLUE-M in stock?", "Yes, we have the Glacier rain jacket in stock"),
        ("tell me about the Glacier rain jacket", "A light shell."),
    ],
)
def test_what_the_catalogue_states_is_said(catalogue, brand, question: str, said: str) -> None:
    found = answer(brand, question)
    assert found is not None
    assert said in found.text["zh" if not question.isascii() else "en"]


@pytest.mark.parametrize(
    "question",
    [
        "Is the Glacier rain jacket fireproof?",  # not stated
        "Does the Glacier rain jacket have a carbon plate?",
        "Is the Summit tent waterproof?",  # its attributes are silent: no yes and no no
        "冰川防水冲锋衣防火吗",
        "Is the Harbour rain jacket waterproof?",  # no such product, though there are rain jackets
        "港湾耳塞可以退吗",
        "Is the Glacier waterproof?",  # the name of a line is no product
        "is it waterproof?",
        "where is my order KF-1042",
        "size of the chart for the rain",
        "", "?", "🙂🙂🙂", "a" * 100_000, "' OR 1=1 --", "冰" * 50_000, "\x00", "%s %(x)s {title} {{}}",
    ],
)  # fmt: skip
def test_what_is_not_stated_is_not_answered(catalogue, brand, question: str) -> None:
    if "Harbour" in question or "港湾" in question:
        product(brand, "harbour-bottle", titles={"en": "Harbour water bottle", "zh": "港湾水壶"})
    assert answer(brand, question) is None


def test_products_named_alike_are_told_one_by_one(catalogue, brand) -> None:
    found = answer(brand, "How heavy is the rain jacket?")
    assert found is not None
    assert found.text["en"].count("Weight of the") == 3
    assert len(found.rows) == 3


def test_another_brands_products_are_not_told(catalogue, other_brand) -> None:
    assert answer(other_brand, "Is the Glacier rain jacket waterproof?") is None
    assert answer(other_brand, "GLACIER-RAIN-JACKET-BLUE-M in stock?") is None


def test_a_product_taken_out_of_the_catalogue_is_not_told(catalogue, brand) -> None:
    Product.objects.filter(handle="glacier-rain-jacket").update(is_sold=False)
    found = answer(brand, "How heavy is the Glacier rain jacket?")
    assert found is None or "Glacier" not in found.text["en"]


def test_an_answer_names_the_product_it_was_read_from(catalogue, talk, do: Do) -> None:
    result = do(talk, "catalog.answer", {"question": "Is the Glacier rain jacket waterproof?"})
    assert result.ok
    assert result.value["found"] is True
    assert result.value["cites"] == [f"product:{catalogue['Glacier'].pk}"]
    titles = result.value["title"]["text"]
    assert (titles["en"], titles["zh"]) == ("Glacier rain jacket", "冰川防水冲锋衣")
    assert titles["de"] == "Glacier rain jacket"  # the shop has no German title: its English one is better than none
    assert result.value["source"] == "catalogue"
    assert result.rule == "answers.public"


def test_nothing_found_is_an_answer_too(talk, do: Do) -> None:
    result = do(talk, "catalog.answer", {"question": "Is the unicorn waterproof?"})
    assert result.ok
    empty = {"text": {}}
    assert result.value == {
        "found": False, "text": empty, "title": empty, "source": "", "cites": [], "about": [],
    }  # fmt: skip
    assert set(result.value) == set(Answered.__dataclass_fields__)


def test_an_article_answers_word_for_word_and_is_cited(brand, talk, do: Do) -> None:
    load_pack_articles(brand)
    result = do(talk, "knowledge.answer", {"question": "How long do I have to return something?"})
    assert result.value["found"] is True
    assert "within 30 days of delivery" in result.value["text"]["text"]["en"]
    assert "30天内" in result.value["text"]["text"]["zh"]
    assert result.value["cites"][0].startswith("article:")
    assert result.value["cites"][0].endswith("@v1")


def test_an_article_in_general_does_not_answer_for_a_product_in_particular(catalogue, brand, talk, do: Do) -> None:
    load_pack_articles(brand)
    assert names_a_product(brand, "Does the Summit tent smell mouldy inside?")
    result = do(talk, "knowledge.answer", {"question": "Is the Summit tent fireproof?"})
    assert result.value["found"] is False


def test_a_letter_of_a_megabyte_is_asked_by_its_beginning(brand, talk, do: Do) -> None:
    load_pack_articles(brand)
    result = do(talk, "knowledge.answer", {"question": "How do I return an item?\n" + "x" * 1_000_000})
    assert result.ok


def test_every_aspect_has_its_words_in_both_languages_and_a_text() -> None:
    import yaml

    pack = Path(__file__).parents[4] / "packs" / "ecommerce"
    keys = set(load_texts(pack / "replies").keys())
    for name, words in yaml.safe_load((pack / "knowledge" / "aspects.yaml").read_text()).items():
        assert words["en"], name
        assert words["zh"], name
        if attribute := words.get("attribute"):
            assert f"catalog.{attribute}" in keys


def test_an_article_in_another_language_is_shown_with_a_word_on_that(brand, talk, do: Do, held_clock) -> None:
    brand.languages = ["en", "de"]
    brand.save()
    article = create_article(
        brand, slug="parking", titles={"en": "Parking"},
        bodies={"en": "## Parking\n? Where can I park?\n\nBehind the house are ten places."}, by=SYSTEM,
    )  # fmt: skip
    publish_article(article, by=SYSTEM)
    said = do(talk, "knowledge.answer", {"question": "Where can I park?"}, language="de").value["text"]["text"]["de"]
    assert "Englisch" in said
    assert "Behind the house are ten places." in said
    assert "jemand aus dem Team" in said
