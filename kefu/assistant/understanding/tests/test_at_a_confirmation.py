"""What is said when a deed was shown: another house number, another wish in its place, the deed in other words."""

from __future__ import annotations

import pytest

from kefu.assistant.language import DEED, STREET, Affirm, Correct, Fill, ListeningFor, Start
from kefu.assistant.understanding import understand


def _asked(language: str, **extras: str) -> ListeningFor:
    return ListeningFor(language=language, is_confirming=True, extras=dict(extras))


@pytest.mark.parametrize(
    ("language", "shown", "said", "meant"),
    [
        ("en", "100 Mill Lane", "No, number 101", "101 Mill Lane"),
        ("en", "100 Mill Lane", "101, not 100", "101 Mill Lane"),
        ("en", "100 Mill Lane", "please add flat 3B", "100 Mill Lane, flat 3B"),
        ("zh", "浦东新区世纪大道100号", "等等，门牌是101号", "浦东新区世纪大道101号"),
        ("zh", "武侯区人民南路12号3栋502室", "不对，是503室", "武侯区人民南路12号3栋503室"),
        ("es", "Calle Mayor 14", "no, es el número 41", "Calle Mayor 41"),
        ("fr", "12 rue des Lilas", "non, c'est le numéro 21", "21 rue des Lilas"),
        ("de", "Lindenweg 8", "Nein, Hausnummer 18a", "Lindenweg 18a"),
        ("ja", "神南1-2-3", "すみません、番地は1-2-5です", "神南1-2-5"),
        ("ja", "神南1-2-3", "あ、1-2-5でした", "神南1-2-5"),
        ("ko", "강남구 테헤란로 123", "아니요, 132번지예요", "강남구 테헤란로 132"),
        ("pt", "Rua das Flores 200", "não, o número é 220", "Rua das Flores 220"),
    ],
)
def test_a_house_number_alone_goes_into_the_address_that_was_shown(language, shown, said, meant):
    read = understand(said, _asked(language, **{STREET: shown}))
    assert [one.value for one in read.commands if isinstance(one, Fill | Correct)] == [meant]
    assert not [one for one in read.commands if isinstance(one, Affirm)]


def test_a_number_is_no_house_number_where_no_address_was_shown():
    read = understand("No, number 1041", _asked("en"))
    assert [one.kind for one in read.commands if isinstance(one, Fill | Correct)] == ["order_number"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "hmm wait, could I just get it in navy instead?"),
        ("zh", "还是别取消了，换成藏青色的可以吗"),
        ("es", "espera, ¿mejor me lo cambias a azul marino?"),
        ("fr", "attendez, je peux plutôt l'avoir en bleu marine ?"),
        ("de", "Moment, kann ich sie stattdessen in Marineblau bekommen?"),
        ("ja", "やっぱりキャンセルじゃなくて紺色に変更できますか"),
        ("ko", "잠깐만요, 취소 말고 네이비로 바꿀 수 있어요?"),
        ("pt", "espera, dá pra trocar pela azul-marinho em vez disso?"),
    ],
)
def test_what_they_would_rather_have_takes_the_place_of_what_was_shown(language, said):
    read = understand(said, _asked(language, **{DEED: "commerce.cancel_order"}))
    (wish,) = [one for one in read.commands if isinstance(one, Start)]
    assert wish.intent in ("change_item", "exchange_item")
    assert wish.is_instead
    assert not [one for one in read.commands if isinstance(one, Affirm)]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "yes, let me know when it's back"),
        ("zh", "好的，到货了告诉我"),
        ("es", "sí, avísame cuando vuelva"),
        ("fr", "oui, prévenez-moi dès qu'elle est là"),
        ("de", "Ja, sagen Sie Bescheid, sobald sie wieder da ist"),
        ("ja", "はい、入荷したら教えてください"),
        ("ko", "네 입고되면 알려 주세요"),
        ("pt", "sim, me avisa quando chegar"),
    ],
)
def test_a_yes_that_only_repeats_the_deed_sets_no_condition(language, said):
    def agrees(deed: str) -> bool:
        read = understand(said, _asked(language, **{DEED: deed}))
        return any(isinstance(one, Affirm) and not one.is_conditional for one in read.commands)

    assert agrees("commerce.notify_stock")
    assert not (agrees("commerce.cancel_order") and language in ("ja", "ko"))
