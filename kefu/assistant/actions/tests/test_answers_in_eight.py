"""Who asks in one of the eight languages is answered in it, or hears honestly that the page is in another one."""

from __future__ import annotations

import pytest

from kefu.assistant.actions.tests.conftest import Do
from kefu.knowledge.pack import load_pack_articles
from kefu.knowledge.services import create_article, publish_article
from kefu.people.actors import SYSTEM

EIGHT = ["en", "zh", "es", "fr", "de", "ja", "ko", "pt"]

ASKED = [
    ("de", "Wie lange habe ich Zeit, etwas zurückzugeben?", "innerhalb von 30 Tagen"),
    ("fr", "Vous acceptez PayPal ?", "PayPal"),
    ("fr", "combien de temps pour renvoyer un article", "dans les 30 jours"),
    ("es", "¿cuánto tiempo tengo para devolver un pedido?", "en los 30 días"),
    ("pt", "qual o prazo pra devolver?", "em até 30 dias"),
    ("ja", "返品は何日以内ですか？", "30日以内"),
    ("ko", "반품은 며칠 안에 해야 하나요?", "30일 안에"),
    ("zh", "多少天内可以退货", "30天内"),
    ("de", "was kostet der versand nach frankreich", "7,90"),
    ("es", "cuanto cuesta el envio a Francia", "7,90"),
    ("fr", "livrez-vous en Suisse ?", "Suisse"),
    ("pt", "vocês entregam na Espanha?", "Espanha"),
    ("ja", "スイスに発送できますか", "スイス"),
    ("ko", "프랑스로 배송되나요?", "프랑스로 배송해 드립니다"),
    ("de", "liefern Sie nach Brasilien?", "liefern wir derzeit nicht"),
    ("ko", "브라질로 배송되나요?", "브라질로는 배송하지"),
]


@pytest.fixture
def speaks_eight(brand):
    brand.languages = EIGHT
    brand.save()
    load_pack_articles(brand)
    return brand


@pytest.mark.parametrize(("language", "question", "said"), ASKED)
def test_a_question_is_answered_in_its_language(speaks_eight, talk, do: Do, language, question, said) -> None:
    result = do(talk, "knowledge.answer", {"question": question}, language=language)
    assert result.value["found"], question
    assert said in result.value["text"]["text"][language]


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
