"""A question about what was just asked or done is answered from what was told, in eight languages."""

from __future__ import annotations

import pytest

from kefu.assistant.dialogue.follow_ups import answer_after, asked, follow_ups_of
from kefu.assistant.dialogue.talk import Told
from kefu.assistant.dialogue.tests.stage import the_book
from kefu.assistant.language import Understanding

ASKED = [
    ("en", "and when will the new one arrive?", "exchange.opened", "follow.exchanged"),
    ("en", "how do I send you a photo?", "problem.photo", "follow.photo_how"),
    ("en", "i asked the neighbours already, nobody has it", "parcel.fresh", "follow.parcel_next"),
    ("zh", "大概几天能收到新的？", "exchange.opened", "follow.exchanged"),
    ("zh", "照片怎么发", "problem.photo", "follow.photo_how"),
    ("de", "Wann ist das Geld da?", "cancel.done", "follow.cancelled"),
    ("de", "Wohin soll ich das schicken?", "return.opened", "follow.where_to"),
    ("fr", "j'étais chez moi toute la journée !", "parcel.fresh", "follow.parcel_next"),
    ("es", "¿cuándo me devuelven el dinero?", "return.opened", "follow.return_money"),
    ("ja", "キャンセルして返金してほしいです", "order.late", "follow.cannot_stop"),
    ("ko", "환불은 언제 되나요?", "cancel.done", "follow.cancelled"),
    ("pt", "onde eu mando a foto?", "problem.photo", "follow.photo_how"),
]


@pytest.mark.parametrize(("language", "text", "told", "answer"), ASKED)
def test_what_is_asked_about_what_was_just_told_is_answered_from_it(
    language: str, text: str, told: str, answer: str
) -> None:
    found = answer_after(asked(Understanding(text, language), "ecommerce"), [Told(told, {})])
    assert found is not None
    assert found[0].say == answer


@pytest.mark.parametrize("text", ["When do you restock the blue one?", "quand", "wo ist mein Paket"])
def test_the_same_words_with_nothing_told_before_mean_nothing_of_the_kind(text: str) -> None:
    assert answer_after(asked(Understanding(text, "en"), "ecommerce"), []) is None


def test_every_answer_has_its_text_and_needs_only_what_its_case_can_have_told() -> None:
    book = the_book()
    for one in follow_ups_of("ecommerce"):
        for told, answer in one.after.items():
            assert book.has_text(told), f"{one.name}: {told}"
            assert not answer.say or book.has_text(answer.say), f"{one.name}: {answer.say}"
            assert not answer.start or book.for_intent(answer.start), f"{one.name}: {answer.start}"
        assert set(one.words) == set(book.texts), one.name


def test_the_facts_that_an_answer_needs_come_with_the_text_or_the_question_before_it() -> None:
    """The price difference of an exchange is told when it is agreed, and is still known when it is done."""
    book = the_book()
    before = {"exchange.opened": "exchange.confirm", "change.item_done": "change.item_confirm",
              "pieces.done": "pieces.confirm", "pieces.out_done": "pieces.out_confirm"}  # fmt: skip
    for one in follow_ups_of("ecommerce"):
        for told, answer in one.after.items():
            if answer.say:
                known = book.placeholders(told) | book.placeholders(before.get(told, told))
                assert book.placeholders(answer.say) <= known, f"{one.name}: {told} -> {answer.say}"
