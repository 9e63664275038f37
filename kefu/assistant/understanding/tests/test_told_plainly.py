"""What customers say in passing and desks must not miss: addresses with their postcode, the size wanted, what came."""

from __future__ import annotations

import pytest

from kefu.assistant.language import WAY, Affirm, Deny, Fill, ListeningFor, Start
from kefu.assistant.understanding import understand
from kefu.assistant.understanding.lexicon import lexicon
from kefu.assistant.understanding.normal import normalise
from kefu.assistant.understanding.segments import stretches


def _told(text: str, listening: ListeningFor | None = None) -> dict[str, object]:
    read = understand(text, listening or ListeningFor())
    return {one.kind: one.value for one in read.commands if isinstance(one, Fill)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("请寄到四川省成都市武侯区人民南路 12 号 610041", {"city": "成都市", "postcode": "610041"}),
        ("부산시 해운대구 센텀로 9, 48058 로 보내 주세요", {"street": "해운대구 센텀로 9", "city": "부산시"}),
        (
            "Rua das Flores 200, apto 31, 80010-000 Curitiba",
            {"street": "Rua das Flores 200, apto 31", "city": "Curitiba"},
        ),
        ("我168，120斤，冲锋衣穿多大的", {"height": 168, "weight": 60}),  # two of the pounds of China are a kilo
        ("买了两双袜子，想退一双", {"quantity": 1}),
        ("マグカップを2つ頼んだのに1つしか入っていませんでした", {"quantity": 1}),  # that many are missing
        ("please cancel the beanie, not the tent", {"item_words": "beanie"}),
        # a house in another country than the language they write in
        ("please send it to my office: Hauptstr. 5, 10115 Berlin", {"street": "Hauptstr. 5", "postcode": "10115"}),
        ("你好，请把地址改成 48 Mill Lane, Norwich NR3 1AB", {"street": "48 Mill Lane", "postcode": "NR3 1AB"}),
        ("送り先は Calle Mayor 14, 28013 Madrid です", {"street": "Calle Mayor 14", "postcode": "28013"}),
        ("Bitte schicken Sie das Paket an Lindenweg 8, 04109 Leipzig", {"street": "Lindenweg 8", "postcode": "04109"}),
        ("Can I swap the shoes for a 44?", {"size": "44"}),
        ("신발을 41로 바꿔 주세요", {"size": "41"}),
        ("I ordered the red mug and got a blue one", {"cause": "wrong_item"}),
        ("Bestellt hatte ich die blaue Tasse, gekommen ist eine weiße", {"cause": "wrong_item"}),
        ("머그컵은 취소하고 헤드랜턴만 받을게요", {"part": "only_part"}),  # else all of it would be cancelled
        ("as botas ficaram apertadas, quero devolver", {"reason": "too_small"}),
        ("Mein Fuß ist 26,8 cm lang, welche Größe brauche ich?", {"foot_length": 26.8}),
        ("Ich habe Rot bestellt und Blau bekommen", {"cause": "wrong_item"}),
    ],
)
def test_what_is_told_plainly_is_heard(text, told):
    heard = _told(text)
    assert told.items() <= heard.items()
    assert "order_number" not in heard


def test_naming_what_is_offered_agrees_to_it_and_asking_about_it_does_not():
    offered = ListeningFor(language="en", is_confirming=True, kinds=("remedy",), extras={WAY: "resend"})

    def agrees(text: str) -> bool:
        return any(isinstance(one, Affirm) and not one.is_conditional for one in understand(text, offered).commands)

    assert agrees("send me a new one please")
    assert not any(map(agrees, ["how long does a replacement take", "not a replacement", "I want my money back"]))


def test_who_would_rather_keep_it_has_said_no():
    read = understand("no, mejor me la quedo", ListeningFor(language="es", is_confirming=True))
    assert any(isinstance(one, Deny) for one in read.commands)


@pytest.mark.parametrize(
    ("message", "stretches_there"),
    [
        ("Was kostet der Zoll bei ca. 120 Franken?", 1),
        ("please send it to Hauptstr. 5 instead", 1),
        ("el envío a la avda. del Puerto no llegó", 1),
        ("I paid approx. 50 euros. Where is it?", 2),
        ("It is broken. Send another", 2),
    ],
)
def test_a_shortened_word_ends_no_sentence(message: str, stretches_there: int) -> None:
    plain = normalise(message).unaccented()
    words = lexicon("ecommerce").within("de", "en", "es")
    assert len(stretches(plain.folded, words)) == stretches_there


@pytest.mark.parametrize(
    "text",
    [
        "Never mind, forget it",
        "算了，不用了",
        "もういいです、結構です",
        "laissez tomber, merci",
        "deixa pra lá, esquece",
    ],
)
def test_letting_go_wishes_nothing(text):
    assert not [one for one in understand(text, ListeningFor()).commands if isinstance(one, Start)]


@pytest.mark.parametrize("text", ["never mind, cancel order KF-1042 instead", "算了，帮我取消订单吧"])
def test_letting_go_of_one_thing_for_another_wishes_the_other(text):
    assert [one.intent for one in understand(text, ListeningFor()).commands if isinstance(one, Start)] == [
        "cancel_order"
    ]


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        # what was done already is no wish to do it
        ("Cancelé el pedido hace un mes y todavía no me habéis devuelto el dinero", ["refund_status"]),
        ("I returned the boots three weeks ago, so where is my money", ["refund_status"]),
        ("上个月已经取消了，钱到现在还没退回来", ["refund_status"]),
        # a misfit and another size, told beside something else
        ("1. die Stiefel sind zu klein, ich bräuchte die 43. 2. mir fehlt noch die Rechnung vom Zelt",
         ["exchange_item", "invoice"]),
        # one size for another belongs to the exchange before it
        ("등산양말 사이즈 교환 되나요? M을 L로요. 그리고 파란 물병 재고 있어요?", ["exchange_item", "stock_question"]),
        # whoever tells height and weight asks for a size
        ("我175，140斤，这件冲锋衣拿哪个码？", ["size_advice"]),
        ("Je fais 1m82 pour 80 kg, la veste en L ça ira ?", ["size_advice"]),
    ],
)  # fmt: skip
def test_the_rest_of_a_message_tells_what_a_clause_means(text, wishes):
    assert [one.intent for one in understand(text, ListeningFor()).commands if isinstance(one, Start)] == wishes


def test_why_something_goes_back_is_said_of_that_thing_and_not_of_the_one_they_praise():
    text = "Boots came, they're great thanks. socks are way too big though, can i send just those back?"
    commands = understand(text, ListeningFor()).commands
    at = next(place for place, one in enumerate(commands) if isinstance(one, Start) and one.intent == "return_item")
    assert {one.value for one in commands[at:] if isinstance(one, Fill)} == {"socks", "too_large"}
