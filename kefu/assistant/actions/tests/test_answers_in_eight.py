"""Who asks in one of the eight languages is answered in it, or hears honestly that the page is in another one."""

from __future__ import annotations

import pytest

from kefu.assistant.actions.tests.conftest import Do
from kefu.conftest import lumen
from kefu.knowledge.pack import load_pack_articles
from kefu.people.models import Brand

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


@pytest.fixture(scope="module")
def speaks_eight(kept_for_module):
    brand = lumen()
    brand.languages = EIGHT
    brand.save()
    load_pack_articles(brand)
    return brand


@pytest.fixture
def brand(db, speaks_eight):
    return Brand.objects.get(pk=speaks_eight.pk)


@pytest.mark.parametrize(("language", "question", "said"), ASKED)
def test_a_question_is_answered_in_its_language(talk, do: Do, language, question, said) -> None:
    result = do(talk, "knowledge.answer", {"question": question}, language=language)
    assert result.value["found"], question
    assert said in result.value["text"]["text"][language]
