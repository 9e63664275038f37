"""Nothing that tells whose message it was is kept, in any of the eight languages; the wish stays."""

from __future__ import annotations

import pytest

from kefu.assistant.learning.masking import Known, put_aside

KNOWN = Known.of([("name", "Mira Kovač"), ("email", "mira@example.com"), ("order_number", "KF-1042")])
#: language, what was written, what must be gone, what must stay
SAID = [
    ("en", "My name is Anna Schmidt, order KF-2077 hasn't come to 12 Mill Lane, Norwich NR3 1AB",
     ["Anna", "Schmidt", "2077", "Mill Lane", "NR3"], ["order", "hasn't come"]),
    ("en", "I want a refund to card 4111 1111 1111 1111, call +44 20 7946 0018.\nThanks,\nPeter Brown",
     ["4111", "1111", "7946", "Peter", "Brown"], ["I want a refund"]),
    ("de", "Sehr geehrte Frau Lehmann, die Sendung JD014600003828391 an Lindenallee 7, 10115 Berlin fehlt",
     ["Lehmann", "JD0146", "3828391", "Lindenallee", "10115"], ["die Sendung", "fehlt"]),
    ("fr", "Je m'appelle Claire Dubois, j'habite 12 rue des Lilas, 75012 Paris, où est mon colis ? 06 12 34 56 78",
     ["Claire", "Dubois", "Lilas", "75012", "34 56"], ["où est mon colis"]),
    ("es", "Hola, me llamo Lucía Pérez, mi correo es lucia.perez@correo.example y vivo en Calle Mayor 14, quiero "
     "devolverlo",
     ["Lucía", "Pérez", "lucia", "Mayor 14"], ["quiero devolverlo"]),
    ("pt", "Olá, meu nome é João Silva, CPF 123.456.789-09, Rua das Flores, 123, CEP 01310-100, onde está meu pedido?",
     ["João", "Silva", "456.789", "Flores", "01310"], ["onde está meu pedido"]),
    ("zh", "我叫王小明，电话13812345678，订单号20261122345，寄到上海市浦东新区世纪大道100号，怎么还没到",
     ["王小明", "13812345678", "20261122345", "世纪大道100"], ["怎么还没到"]),
    ("ja", "田中花子と申します。電話は090-1234-5678、〒150-0002 東京都渋谷区渋谷2丁目1番地に届きません",
     ["田中", "花子", "1234-5678", "150-0002", "渋谷2丁目"], ["届きません"]),
    ("ko", "제 이름은 김민수이고 전화번호는 010-1234-5678, 주소는 서울시 강남구 테헤란로 152, 환불해 주세요",
     ["김민수", "1234-5678", "테헤란로 152"], ["환불해 주세요"]),
]  # fmt: skip


@pytest.mark.parametrize(("language", "said", "gone", "kept"), SAID)
def test_whose_message_it_was_is_put_aside_and_the_wish_stays(language, said, gone, kept):
    masked = put_aside(said, language=language)
    assert [one for one in gone if one in masked] == []
    assert [one for one in kept if one not in masked] == []


def test_what_the_desk_knows_of_the_customer_goes_wherever_it_stands():
    masked = put_aside("mira here again about kf-1042, not mirabelle; KOVAČ is my mother", known=KNOWN)
    assert masked == "[name] here again about [number], not mirabelle; [name] is my mother"


@pytest.mark.parametrize(
    ("language", "said", "masked"),
    [
        ("en", "Dear Ms Kramer,\n€1,089.00 comes back by 2026-11-22.\nTomas Novak",
         "Dear Ms [name],\n€1,089.00 comes back by 2026-11-22.\n[name]"),
        ("zh", "尊敬的李先生，退款89.00元将在3天内到账", "尊敬的[name]先生,退款89.00元将在3天内到账"),
        ("ja", "佐藤様、返品は14日以内に承ります", "[name]様,返品は14日以内に承ります"),
        ("ko", "박지훈님, 3일 안에 환불됩니다", "[name]님, 3일 안에 환불됩니다"),
    ],
)  # fmt: skip
def test_a_reply_keeps_its_amounts_and_days_but_not_its_customer(language, said, masked):
    assert put_aside(said, language=language) == masked


def test_a_text_without_anybody_in_it_stays_as_it_is():
    for language, said in (("en", "Do you have the blue tent in two sizes?"), ("de", "Wo bleibt mein Paket"),
                           ("zh", "快递三天没动了"), ("ko", "언제 도착하나요")):  # fmt: skip
        assert put_aside(said, language=language) == said
