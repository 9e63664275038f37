"""The book itself: stories come true on the real database, what nobody asked for is found, drafts show what turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kefu.academy.book.coverage import coverage_of
from kefu.academy.book.drafts import touch_of, try_draft
from kefu.academy.book.judging import Ended, faults_of, holds
from kefu.academy.book.run import Told, play_book
from kefu.academy.book.story import LANGUAGES, BadBook, Story, read_book, read_stories
from kefu.assistant.editions.sources import pack_sources
from kefu.assistant.turn.book import book_of
from kefu.commerce.models import Order
from kefu.desk.models import Conversation
from kefu.people.models import Agent, Brand

pytestmark = pytest.mark.django_db

#: one of each language and of each kind of deed; the whole book is `kefu eval book`
SLICE = {
    "en": {"cancels before it is packed", "sold out, wants to hear when it is back", "a wrong proof opens nothing"},
    "zh": {"那件蓝色的"},
    "es": {"solo una de las tres"},
    "fr": {"gourde percée, renvoi d'une neuve"},
    "de": {"doch lieber in L", "beides geht zurück"},
    "ja": {"サイズ交換"},
    "ko": {"회원 탈퇴"},
    "pt": {"parou de funcionar"},
}


@pytest.fixture
def only_these(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Callable[[list[Story]], None]:
    """The book that a draft is tried on holds these stories, and nothing is known of an earlier trial."""
    settings.KEFU_HOME = tmp_path
    return lambda stories: monkeypatch.setattr("kefu.academy.book.drafts.read_book", lambda pack: stories)


def _rewritten(file: str, words: str, other: str) -> tuple[str, str, str]:
    """The file of the pack, its text, and the text with the one passage written otherwise."""
    text = pack_sources("ecommerce", file.partition("/")[0])[file]
    draft = text.replace(words, other)
    assert draft != text
    return file, text, draft


def _sliced() -> list[Story]:
    stories = [one for one in read_book("ecommerce") if one.name in SLICE[one.language]]
    assert len(stories) == sum(map(len, SLICE.values()))
    return stories


@pytest.mark.timeout(300)  # the first to play reads the model, the catalogue and every table
def test_stories_of_every_language_come_true_and_leave_nothing_behind() -> None:
    told = play_book(_sliced())
    assert [(one.story.name, one.faults) for one in told if one.faults] == []
    assert (Order.objects.count(), Conversation.objects.count(), Brand.objects.count()) == (0, 0, 0)


def test_what_nobody_asked_for_makes_a_story_fail() -> None:
    (story,) = [one for one in read_book("ecommerce", languages=["en"]) if one.name == "cancels before it is packed"]
    (told,) = play_book([replace(story, ends=("KF-1042 cancelled",))])
    assert told.faults == ("should not have happened: refund of 149.00 EUR on KF-1042",)


def test_a_story_is_judged_by_deeds_person_case_words_and_language() -> None:
    story = Story(
        "s", "de", "order", "de.yaml", ends=("KF-1042 cancelled",), person="returns 1",
        cases=("cancel_order cancelled",), says=("149.00",), never_says=("DHL",), answers_in="de",
    )  # fmt: skip
    good = Ended(("KF-1042 cancelled",), "returns 1", ("cancel_order cancelled",), ("149,00 € zurück",), ("de",))
    assert faults_of(story, good) == []
    bad = Ended((), "", ("cancel_order kept",), ("DHL hat es",), ("en",))
    assert len(faults_of(story, bad)) == 6
    assert holds("あと 2,100 g です", "2100")
    assert not holds("nothing", "some|thing else")


def test_the_book_is_as_large_as_promised_in_every_language_and_part_of_the_work() -> None:
    stories = read_book("ecommerce")
    for language in LANGUAGES:
        assert sum(one.language == language for one in stories) >= 20, language
    assert {one.about for one in stories} == {"before", "order", "delivery", "borders", "account", "talk"}


def test_a_story_that_cannot_be_played_is_named_with_its_cure() -> None:
    faults: list[str] = []
    text = """
- story: a bad one
  about: nowhere
  orders: [{is: vanished, items: [mug white]}]
  talk: [yes]
- {story: an empty one, about: order}
"""
    read_stories(text, "en.yaml", "en", faults)
    told = "\n".join(faults)
    for named in ("a bad one: about", "orders.1.is: 'vanished'", "'mug white'", "talk.1: YAML reads a bare yes",
                  "ends: nothing is expected", "an empty one: talk"):  # fmt: skip
        assert named in told, told


def test_an_article_that_the_shop_lacks_is_named_with_its_story() -> None:
    faults: list[str] = []
    (story,) = read_stories(
        "- {story: no such thing, about: order, orders: [{is: paid, items: [hat-pink]}], talk: [hi], ends: []}",
        "en.yaml", "en", faults,
    )  # fmt: skip
    assert not faults
    with pytest.raises(BadBook, match=r"no such thing.*hat-pink"):
        play_book([story])


def test_a_draft_that_forgets_to_ask_turns_the_stories_that_walk_there(
    brand: Brand, tomas: Agent, only_these: Callable[[list[Story]], None]
) -> None:
    stories = [one for one in _sliced() if one.language in ("de", "en")]
    only_these(stories)
    file, text, draft = _rewritten("playbooks/return_item.yaml", "close: return_opened", "close: sent_back")
    trial = try_draft(brand, {file: draft}, author=tomas)
    assert (trial.of, trial.played) == (len(stories), 1)
    assert [(one.story.name, one.is_worse) for one in trial.turned] == [("beides geht zurück", True)]
    played: list[Told] = []
    assert try_draft(brand, {file: text + "\n# a remark\n"}, author=tomas, heard=played.append).turned == ()
    assert [one.is_right for one in played] == [True]


def test_a_policy_draft_is_tried_on_the_stories_that_do_what_it_speaks_of(brand: Brand) -> None:
    touch = touch_of(brand, {"policies/cancel.yaml": pack_sources("ecommerce", "policies")["policies/cancel.yaml"]})
    assert "commerce.cancel_order" in touch.actions
    assert not touch.everything


def test_what_a_policy_draft_no_longer_allows_is_not_done_in_its_trial(
    brand: Brand, tomas: Agent, only_these: Callable[[list[Story]], None]
) -> None:
    only_these([one for one in _sliced() if one.name == "cancels before it is packed"])
    file, _, draft = _rewritten(
        "policies/cancel.yaml",
        'order.state in ["unpaid", "paid"] && !order.has_shipped',
        'order.state == "unpaid"',
    )
    trial = try_draft(brand, {file: draft}, author=tomas)
    (turned,) = trial.turned
    assert turned.is_worse
    assert any("cancelled" in one for one in turned.before.changes)
    assert not any("cancelled" in one for one in turned.after.changes)


def test_rules_about_deeds_that_no_step_does_are_tried_on_every_story(brand: Brand) -> None:
    sources = pack_sources("ecommerce", "policies")
    assert touch_of(brand, {"policies/plans.yaml": sources["policies/plans.yaml"]}).everything
    assert not touch_of(brand, {"policies/return.yaml": sources["policies/return.yaml"]}).everything


def test_coverage_names_what_no_story_walks() -> None:
    coverage = coverage_of(book_of("ecommerce"), [("human", "give", "!asked")])
    assert "human.give" not in coverage.never
    assert "cancel_order.cancel" in coverage.never
