"""Questions that name a country, against the articles that come with the pack."""

from __future__ import annotations

import pytest

from kefu.assistant.actions.tests.conftest import Do
from kefu.knowledge.pack import load_pack_articles
from kefu.knowledge.places import country_name

pytestmark = pytest.mark.django_db

COSTS = {"DE": "4.90", "AT": "6.90", "FR": "7.90", "NL": "6.90", "ES": "8.90", "PL": "6.90", "CH": "12.90",
         "GB": "12.90", "US": "24.90", "CN": "24.90"}  # fmt: skip
ELSEWHERE = ["CA", "AU", "NZ", "JP", "KR", "IT", "BE", "DK", "SE", "NO", "FI", "IE", "PT", "GR", "CZ", "HU", "RO", "BG",
             "HR", "SK", "SI", "EE", "LV", "LT", "LU", "TR", "IL", "IN", "SG", "TH", "VN", "MX", "BR", "AR", "CL", "ZA",
             "EG", "UA", "IS", "HK", "TW", "MO"]  # fmt: skip


@pytest.fixture(autouse=True)
def _words_alone(monkeypatch: pytest.MonkeyPatch, brand) -> None:
    from kefu.assistant.actions import answers

    monkeypatch.setattr(answers, "embedder", lambda: None)
    load_pack_articles(brand)


def asked(do: Do, talk, question: str, language: str) -> str:
    result = do(talk, "knowledge.answer", {"question": question}, language=language)
    assert result.value["found"], question
    assert result.value["cites"][0].startswith("article:")
    return result.value["text"]["text"][language]


def test_every_country_that_is_not_delivered_to_is_told_so_in_both_languages(talk, do: Do) -> None:
    for code in ELSEWHERE:
        for language, question in (
            ("en", "How much is shipping to {}?"), ("en", "do you deliver to {}"), ("zh", "发货到{}吗，运费多少"),
            ("zh", "寄{}多少钱"),
        ):  # fmt: skip
            name = country_name(code, language)
            told = asked(do, talk, question.format(name), language)
            no = f"don't deliver to {name}" if language == "en" else f"不配送到{name}"
            assert no in told, (question, told)
            assert "24.90" not in told


def test_every_country_that_is_delivered_to_is_told_its_own_price_in_both_languages(talk, do: Do) -> None:
    for code, cost in COSTS.items():
        for language, question in (("en", "How much is shipping to {}?"), ("zh", "寄到{}运费多少")):
            told = asked(do, talk, question.format(country_name(code, language)), language)
            assert cost in told, (question, code, told)


def test_price_and_days_asked_together_are_both_told(talk, do: Do) -> None:
    told = asked(do, talk, "what does shipping to Spain cost and how long does it take", "en")
    assert "8.90" in told
    assert "3 to 6 days" in told


def test_who_asks_whether_is_told_yes_first(talk, do: Do) -> None:
    assert asked(do, talk, "Can you ship to the US?", "en").startswith("We deliver to the United States.")
    assert asked(do, talk, "能寄到英国吗", "zh").startswith("我们可以配送到英国。")


def test_sending_back_from_a_country_is_no_matter_of_delivery(talk, do: Do) -> None:
    assert "From other countries you pay" in asked(do, talk, "return shipping from switzerland, who pays?", "en")
