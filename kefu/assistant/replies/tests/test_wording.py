"""Facts read as a person of that language would write them, and a reply never has a hole in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kefu.assistant.engine.effects import Ask, Confirm, Deed, Say
from kefu.assistant.replies.compose import compose
from kefu.assistant.replies.names import addressed
from kefu.assistant.replies.texts import BadTexts, Texts, load_texts
from kefu.assistant.replies.tone import apologise_once
from kefu.assistant.replies.wording import Wording

TEXTS = {
    "en": {
        "sum": "You get {amount} back by {day}.",
        "colors": "We have it in {colors}.",
        "where": "It is at {state}.",
        "state.customs": "customs in {place}",
        "which": "Which one?",
        "sure": "Shall I?",
        "round": "{again}",
        "button.yes": "Yes",
        "button.no": "No",
        "letter.greeting": "Dear {name},",
        "letter.greeting_unknown": "Hello,",
        "letter.closing": "Kind regards\n{brand}",
    },
    "zh": {"sum": "{day}前退您 {amount}。", "colors": "有{colors}可选。"},
}


def wording(language: str = "en", style: str = "chat") -> Wording:
    texts = Texts(
        {
            language: {key: {"chat": text, "letter": text} for key, text in texts.items()}
            for language, texts in TEXTS.items()
        }
    )
    return Wording(texts, language, style, today=date(2026, 3, 2), zone=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("language", "fact", "words"),
    [
        ("en", {"minor": 2000, "currency": "EUR"}, "€20.00"),
        ("zh", {"minor": 2000, "currency": "CNY"}, "¥20.00"),
        ("en", {"minor": 2000, "currency": "JPY"}, "JP¥2,000"),  # yen have no cents
        ("ja", {"minor": 2000, "currency": "JPY"}, "2,000円"),
        ("ko", {"minor": 25000, "currency": "KRW"}, "25,000원"),
        ("de", {"minor": 123450, "currency": "EUR"}, "1.234,50\xa0€"),
        ("pt", {"minor": 2050, "currency": "BRL"}, "R$\xa020,50"),
        ("en", {"date": "2026-03-05"}, "Thu 5 Mar"),
        ("zh", {"date": "2026-03-05"}, "3月5日周四"),
        ("es", {"date": "2026-03-05"}, "jueves 5 de marzo"),
        ("fr", {"date": "2026-04-01"}, "mercredi 1er avril"),
        ("de", {"date": "2026-03-05"}, "Donnerstag, 5. März"),
        ("de", {"date_of": "2026-03-01"}, "1. März 2026"),
        ("fr", {"date_of": "2026-03-01"}, "1er mars 2026"),
        ("ja", {"date": "2026-03-05"}, "3月5日（木）"),
        ("ko", {"date": "2026-03-05"}, "3월 5일 목요일"),
        ("pt", {"date": "2026-03-05"}, "5 de março (quinta-feira)"),
        ("en", {"date": "2026-03-03"}, "Tue 3 Mar (tomorrow)"),
        ("zh", {"date": "2026-03-01"}, "昨天（3月1日周日）"),
        ("ja", {"date": "2026-03-03"}, "明日3月3日（火）"),
        ("pt", {"date": "2026-03-02"}, "2 de março (hoje)"),
        ("en", {"date": "2025-12-30"}, "Tue, 30 Dec 2025"),  # another year is said
        ("en", {"at": "2026-03-02T23:30:00+00:00"}, "3 Mar, 00:30"),  # the brand's clock, not UTC
        ("fr", {"at": "2026-03-02T13:05:00+00:00"}, "2 mars à 14 h 05"),
        ("de", {"at": "2026-03-02T13:05:00+00:00"}, "2. März, 14:05 Uhr"),
        ("en", ["blue", "red", "green"], "blue, red and green"),
        ("es", ["azul", "índigo"], "azul e índigo"),
        ("es", ["agua", "hielo"], "agua y hielo"),  # spoken like "yelo"
        ("es", ["gorra", "impermeable"], "gorra e impermeable"),
        ("es", {"any": ["plata", "oro"]}, "plata u oro"),
        ("ja", ["青", "赤", "緑"], "青、赤、緑"),
        ("de", {"span": 1, "unit": "working_day"}, "1 Werktag"),
        ("fr", {"span": 3, "unit": "working_day"}, "3 jours ouvrés"),
        ("ko", {"span": 2, "unit": "week"}, "2주"),
        ("ja", {"span": 2, "unit": "day"}, "2日"),
        ("zh", [{"text": {"en": "blue", "zh": "蓝色"}}, {"text": {"zh": "红色"}}], "蓝色和红色"),
        ("en", {"text": {"zh": "雨衣"}}, "雨衣"),  # better the other language than nothing
        ("en", {"key": "state.customs", "facts": {"place": "Leipzig"}}, "customs in Leipzig"),
        ("en", 12000, "12000"),
    ],
)
def test_a_fact_reads_as_people_write_it(language, fact, words):
    assert wording(language).fact(fact) == words


@pytest.mark.parametrize(
    ("language", "template", "facts", "said"),
    [
        ("en", "{n} {n:day|days}", {"n": 1}, "1 day"),
        ("en", "{n} {n:day|days}", {"n": 3}, "3 days"),
        ("fr", "{n} {n:jour|jours}", {"n": 0}, "0 jour"),  # French counts none as one
        ("fr", "Est-ce juste ? Oui : {x}", {"x": "oui"}, "Est-ce juste\xa0? Oui\xa0: oui"),
        ("ko", "{x}은(는) 품절", {"x": "텐트"}, "텐트는 품절"),
        ("ko", "{x}은(는) 품절", {"x": "가방"}, "가방은 품절"),
        (
            "ko",
            "{x}이(가) 취소",
            {"x": "주문 KF-1042(가방)"},
            "주문 KF-1042(가방)가 취소",
        ),  # 1042 is read 사이: what stands in brackets does not count
        ("ko", "{x}을(를) 환불", {"x": {"minor": 2000, "currency": "EUR"}}, "€20.00를 환불"),  # 유로
        ("ko", "{x}(으)로 배송", {"x": "서울"}, "서울로 배송"),
        ("ko", "{x}(으)로 배송", {"x": "일본"}, "일본으로 배송"),
        ("ko", "{x}은(는) 재고", {"x": "DHL"}, "DHL은 재고"),
    ],
)
def test_words_bend_to_the_facts_beside_them(language, template, facts, said):
    texts = Texts({language: {"one": {"chat": template, "letter": template}}})
    assert Wording(texts, language, "chat", date(2026, 3, 2), ZoneInfo("Europe/Berlin")).text("one", facts) == said


def test_a_letter_never_says_tomorrow_for_it_may_be_read_then():
    assert wording(style="letter").fact({"date": "2026-03-03"}) == "Tue 3 Mar"


@pytest.mark.parametrize(
    ("name", "language", "said"),
    [
        ("Mira Kovač", "en", "Mira Kovač"),
        ("Kovač, Mira", "de", "Mira Kovač"),
        ("MIRA KOVAČ", "fr", "Mira Kovač"),
        ("山田 太郎", "ja", "山田 太郎"),
        ("王 小明", "zh", "王小明"),
        ("김 민수", "ko", "김민수"),
        ("mira@example.com", "en", ""),  # no name
        ("Guest", "en", ""),
        ("</p><script>", "en", ""),
        ("x" * 200, "en", ""),
        ("  ", "en", ""),
    ],
)
def test_only_a_name_is_greeted_as_one(name, language, said):
    assert addressed(name, language) == said


def test_a_missing_fact_stops_the_reply_instead_of_leaving_a_hole():
    with pytest.raises(KeyError):
        wording().text("sum", {"amount": "20"})


def test_texts_that_name_each_other_in_a_circle_are_refused():
    circle: dict = {"key": "round", "facts": {}}
    circle["facts"]["again"] = circle
    with pytest.raises(KeyError, match="circle"):
        wording().text("round", {"again": circle})


def test_words_of_the_customer_are_never_read_as_a_template():
    assert wording().text("where", {"state": "{amount.__class__}"}) == "It is at {amount.__class__}."


def test_what_is_said_twice_is_said_once_and_only_the_last_question_has_buttons():
    deed = Deed("commerce.cancel_order", {"order": "KF-1"})
    reply = compose(
        [
            Say("a", "where", {"state": "home"}),
            Say("b", "where", {"state": "home"}),
            Ask("c", "which", "line", "order_line", options=(("1", "Jacket"),)),
            Confirm("d", "sure", deed),
        ],
        wording(),
    )
    assert reply.text == "It is at home.\n\nWhich one?\n\nShall I?"
    assert reply.choices == ((f"yes:{deed.fingerprint()}", "Yes"), (f"no:{deed.fingerprint()}", "No"))


def test_a_letter_has_greeting_and_closing_and_lists_what_can_be_chosen():
    ask = Ask("c", "which", "line", "order_line", options=(("KF-1/1", "Jacket"), ("KF-1/2", "Boots")))
    reply = compose([ask], wording(style="letter"), customer_name="Mira Kovač", brand_name="Lumen", has_buttons=False)
    assert reply.text == "Dear Mira Kovač,\n\nWhich one?\n\n1. Jacket\n2. Boots\n\nKind regards\nLumen"


@pytest.mark.parametrize(
    ("language", "parts", "said"),
    [
        ("en", ["The parcel is late, and I'm sorry.", "I'm sorry about that."], ["The parcel is late, and I'm sorry."]),
        ("en", ["I'm sorry about that.", "It was lost. I'm sorry about that. We look for it."],
         ["I'm sorry about that.", "It was lost. We look for it."]),
        ("de", ["Das tut mir leid.", "Es tut mir leid, dass Sie warten. Wir fragen nach."],
         ["Das tut mir leid.", "Wir fragen nach."]),
        ("ja", ["申し訳ございません。", "申し訳ございません。確認いたします。"],
         ["申し訳ございません。", "確認いたします。"]),
        ("ko", ["죄송합니다.", "기다리게 해 드려 죄송합니다. 확인하겠습니다."], ["죄송합니다.", "확인하겠습니다."]),
        # what else it tells must be told
        ("en", ["I'm sorry.", "I'm sorry, order 1042 is lost."], ["I'm sorry.", "I'm sorry, order 1042 is lost."]),
        ("en", ["Hello.", "Lines\nstay lines."], ["Hello.", "Lines\nstay lines."]),
    ],
)  # fmt: skip
def test_a_reply_apologises_once(language, parts, said):
    assert apologise_once(parts, language) == said


def test_nothing_to_say_is_no_reply():
    assert not compose([], wording())


def test_every_fault_of_the_text_files_is_named_with_its_line(tmp_path: Path):
    (tmp_path / "en").mkdir()
    (tmp_path / "zh").mkdir()
    (tmp_path / "en" / "a.yaml").write_text("one: fine\ntwo: 'open {brace'\nthree: {chat: only}\nfour: '{a.b}'\n")
    (tmp_path / "zh" / "a.yaml").write_text("five: 五\n")
    with pytest.raises(BadTexts) as refused:
        load_texts(tmp_path)
    said = "\n".join(refused.value.faults)
    for part in ("a.yaml:2", "a.yaml:3", "a.yaml:4", "one is missing", "five is missing"):
        assert part in said


def test_a_language_that_is_still_being_written_is_not_spoken(tmp_path):
    for language, text in {"en": "hello: Hello", "pt": "bye: Tchau"}.items():
        (tmp_path / language).mkdir()
        (tmp_path / language / "talk.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadTexts, match="bye is missing"):
        load_texts(tmp_path)
    (tmp_path / "languages.yaml").write_text("[en]", encoding="utf-8")
    load_texts.cache_clear()
    assert load_texts(tmp_path).languages == ["en"]
