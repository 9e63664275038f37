"""Corrections change what is understood, for their own brand alone; a worse model is refused; nothing is restarted."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.assistant.learning import current, services
from kefu.assistant.learning.current import model_for
from kefu.assistant.learning.services import (
    BadLesson,
    ForeignConversation,
    learn,
    lessons_of,
    teach_intent,
    teach_reply,
    withdraw_teaching,
)
from kefu.assistant.models import TeachingExample, TrainedModel
from kefu.assistant.understanding import model as models
from kefu.desk.inbound import Inbound
from kefu.desk.services import receive_message
from kefu.kernel.errors import NotAllowed
from kefu.people.actors import SYSTEM

pytestmark = pytest.mark.django_db

INTENTS = {
    "order_status": ["where is my order", "has it shipped", "when does my parcel arrive", "track my package",
                     "still waiting for the delivery", "no news about my order", "is it on its way", "delivery late",
                     "my boots have not come", "when will the tent be here", "what is the order status", "any update"],
    "cancel_order": ["cancel my order", "please cancel it", "I want to cancel", "do not send it", "stop the order",
                     "I ordered by mistake", "cancel the boots", "undo my purchase", "call the order off",
                     "I no longer want it, cancel", "can I still cancel", "revoke the order"],
    "feedback": ["great shop", "I love it", "thank you, well done", "five stars", "the best service", "very happy",
                 "awesome boots", "really good", "you are the best", "well packed, thanks", "perfect", "so nice"],
}  # fmt: skip
SAID = "blorp the zibble"


@pytest.fixture(autouse=True)
def pack(tmp_path, settings, mira_brand, olek_brand):
    settings.PACKS_DIR, settings.KEFU_HOME = tmp_path / "packs", tmp_path / "home"
    folder = tmp_path / "packs" / "mini" / "intents"
    folder.mkdir(parents=True)
    for name, texts in INTENTS.items():
        lines = "".join(f"    - {text!r}\n" for text in texts)
        (folder / f"{name}.yaml").write_text(f"name: {name}\nabout: x\nexamples:\n  en:\n{lines}", encoding="utf-8")
    for brand in (mira_brand, olek_brand):
        brand.pack = "mini"
        brand.save()
    models.read_again("mini")
    current.forget()
    yield folder
    models.read_again("mini")
    current.forget()


@pytest.fixture
def mira_brand(brand):
    return brand


@pytest.fixture
def olek_brand(other_brand):
    return other_brand


@pytest.fixture
def tomas(tomas):
    return tomas.actor()


@pytest.fixture
def olek(olek):
    return olek.actor()


@pytest.fixture
def conversation(chat_channel, mira):
    return receive_message(chat_channel, Inbound(external_id="1", address="c", text="hi")).conversation


def heard(brand, text):
    return (model_for("mini", brand.pk) or models.model_of("mini")).guess(text).label


def teach(brand, label, by, text=SAID):
    return teach_intent(brand, text=text, label=label, language="en", by=by)


def test_a_correction_changes_what_is_understood_and_only_in_its_own_shop(mira_brand, olek_brand, tomas):
    before = heard(olek_brand, SAID)
    teach(mira_brand, "cancel_order", tomas)
    assert learn("mini", mira_brand, by=SYSTEM).switched
    learn("mini", olek_brand, by=SYSTEM)
    current.forget()
    assert heard(mira_brand, SAID) == "cancel_order"
    assert heard(olek_brand, SAID) == before
    assert lessons_of(olek_brand) == []
    assert TrainedModel.objects.get(brand=olek_brand).taught == 0


def test_a_correction_taken_back_is_forgotten_at_the_next_learning(mira_brand, tomas):
    lesson = teach(mira_brand, "cancel_order", tomas, "awesome boots")
    learn("mini", mira_brand, by=SYSTEM)
    current.forget()
    assert heard(mira_brand, "awesome boots") == "cancel_order"
    withdraw_teaching(lesson, by=tomas)
    withdraw_teaching(lesson, by=tomas)
    learn("mini", mira_brand, by=SYSTEM)
    current.forget()
    assert heard(mira_brand, "awesome boots") == "feedback"


def test_a_running_process_takes_the_new_model_within_seconds(mira_brand, tomas, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(current.time, "monotonic", lambda: now[0])
    before = heard(mira_brand, SAID)
    teach(mira_brand, "feedback" if before != "feedback" else "cancel_order", tomas)
    learn("mini", mira_brand, by=SYSTEM)
    assert heard(mira_brand, SAID) == before  # it has just looked
    now[0] += current.LOOK_EVERY
    assert heard(mira_brand, SAID) != before


def test_looking_for_a_newer_model_costs_one_small_query_in_several_seconds(mira_brand, django_assert_num_queries):
    with django_assert_num_queries(1):
        for _ in range(20):
            model_for("mini", mira_brand.pk)


def test_lessons_that_spoil_what_was_understood_are_refused_in_plain_words(mira_brand, tomas):
    learn("mini", mira_brand, by=SYSTEM)
    for number, text in enumerate(INTENTS["order_status"] + INTENTS["cancel_order"]):
        for more in ("please", "now", "today", "again"):
            teach(mira_brand, "feedback", tomas, f"{text} {more} {'abcdefgh'[number % 8]}")
    outcome = learn("mini", mira_brand, by=SYSTEM)
    assert not outcome.switched
    assert "Not switched" in " ".join(outcome.sentences)
    assert outcome.lost
    current.forget()
    assert heard(mira_brand, "cancel the order please") == "cancel_order"
    assert TrainedModel.objects.filter(brand=mira_brand).count() == 1


def test_a_damaged_model_is_named_and_the_packs_own_answers(mira_brand, tomas, caplog):
    teach(mira_brand, "feedback", tomas, "awesome boots")
    learn("mini", mira_brand, by=SYSTEM)
    TrainedModel.objects.filter(brand=mira_brand).update(data=b"PK\x03\x04 cut short")
    current.forget()
    assert heard(mira_brand, "where is my order") == "order_status"
    assert "kefu learn" in caplog.text
    assert learn("mini", mira_brand, by=SYSTEM).switched  # and learning again mends it


def test_a_model_for_other_intents_than_lie_here_waits_until_kefu_learns_again(mira_brand, pack: Path, tomas):
    teach(mira_brand, "feedback", tomas)
    learn("mini", mira_brand, by=SYSTEM)
    text = (pack / "feedback.yaml").read_text(encoding="utf-8")
    (pack / "praise.yaml").write_text(text.replace("feedback", "praise"), encoding="utf-8")
    (pack / "feedback.yaml").unlink()
    models.read_again("mini")
    current.forget()
    assert heard(mira_brand, "five stars") == "praise"
    learn("mini", mira_brand, by=SYSTEM)  # the lesson's intent is gone; the rest is learnt
    current.forget()
    assert heard(mira_brand, "five stars") == "praise"


def test_a_newer_lesson_on_the_same_words_counts_and_numbers_are_put_aside(mira_brand, tomas):
    teach(mira_brand, "feedback", tomas, "Cancel KF-1042, mail me at mira@example.com")
    teach(mira_brand, "cancel_order", tomas, "cancel KF-2077, mail me at tom@example.com!")
    assert [(lesson.text, lesson.label) for lesson in lessons_of(mira_brand)] == [
        ("cancel 1000, mail me at email", "cancel_order")
    ]
    assert TeachingExample.objects.count() == 2  # who said what before stays on record


def test_nobody_teaches_another_shop_nor_what_means_nothing(mira_brand, olek_brand, tomas, olek, conversation):
    with pytest.raises(NotAllowed):
        teach(mira_brand, "feedback", olek)
    lesson = teach(mira_brand, "feedback", tomas)
    with pytest.raises(NotAllowed):
        withdraw_teaching(lesson, by=olek)
    with pytest.raises(NotAllowed):
        learn("mini", mira_brand, by=tomas)  # an agent teaches; who runs the shop lets it be learnt
    with pytest.raises(ForeignConversation):
        teach_intent(olek_brand, text="where is it", label="feedback", language="en", by=SYSTEM,
                     conversation=conversation)  # fmt: skip
    for text, label in (("1042", "feedback"), ("", "feedback"), ("where is it", "no_such_intent")):
        with pytest.raises(BadLesson):
            teach(mira_brand, label, tomas, text)
    kept = teach_reply(mira_brand, text="so nice", better="Thank you!", language="en", by=tomas, heard="Sorry?")
    assert kept.author_id == tomas.id
    assert services.lessons_of(mira_brand) == [lesson_of(lesson)]


def lesson_of(row):
    return services.Example(row.text, row.label, row.language)
