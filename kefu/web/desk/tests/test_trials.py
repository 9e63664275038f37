"""A draft is played on the real book by the job: with progress, with an end whatever happens, told in the desk's
words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kefu.academy.book.story import read_book
from kefu.assistant.editions import services
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import pack_sources
from kefu.desk.models import Conversation
from kefu.kernel import clock
from kefu.people.models import Agent, Brand, Role, Seat
from kefu.web.desk import trial_words, trials
from kefu.web.models import DraftTrial, TrialState

pytestmark = pytest.mark.django_db(transaction=True)
FILE = "playbooks/return_item.yaml"
STORIES = {"beides geht zurück", "cancels before it is packed"}


@pytest.fixture
def begun(
    understanding: None, brand: Brand, ines: Agent, at_desk: Any, settings: Any, tmp_path: Any, monkeypatch: Any
) -> Any:
    """The manager's desk, with a draft that closes returns otherwise, and its trial begun by the page's button."""
    settings.KEFU_HOME = tmp_path
    few = [one for one in read_book("ecommerce") if one.name in STORIES]
    monkeypatch.setattr("kefu.academy.book.drafts.read_book", lambda pack: few)
    Seat.objects.filter(agent=ines, brand=brand).update(role=Role.MANAGER)
    desk = at_desk(ines)
    text = pack_sources("ecommerce", "playbooks")[FILE].replace("close: return_opened", "close: answered")
    assert desk.post(_address("procedure_draft"), {"text": text, "deed": "try"}).status_code == 302
    return desk


def _address(name: str) -> str:
    return reverse(f"desk:{name}", args=["lumen", FILE])


def _page(desk: Any) -> str:
    return str(desk.piece(_address("procedure_trial")).content.decode())


def test_the_job_plays_the_book_and_the_page_says_what_ends_otherwise(begun: Any) -> None:
    assert 'hx-trigger="every 2s"' in _page(begun)
    trial = DraftTrial.objects.get()
    trials.play(trial.pk)
    trial.refresh_from_db()
    assert (trial.state, trial.played) == (TrialState.DONE, 3)  # both as published, one with the draft
    page = _page(begun)
    assert "hx-trigger" not in page
    assert "<del>Return an item: Return opened</del>" in page
    assert "<ins>Return an item: Answered</ins>" in page
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("deed", ["edited", "discarded"])
def test_a_trial_of_a_text_that_is_no_more_stops_with_its_next_story(
    begun: Any, deed: str, ines: Agent, brand: Brand, monkeypatch: Any
) -> None:
    moved = trials._moved

    def meanwhile(pk: int, played: int) -> bool:
        if deed == "edited":
            services.save_draft(brand, FILE, text="playbook: x", by=ines.actor(), author=ines)
        else:
            services.discard_draft(brand, FILE, by=ines.actor())
        assert played == 1
        return moved(pk, played)

    monkeypatch.setattr(trials, "_moved", meanwhile)
    trials.play(DraftTrial.objects.get().pk)
    assert not DraftTrial.objects.exists()
    assert "The draft has changed since it was tried" in _page(begun)


def test_a_trial_whose_worker_died_is_told_and_can_be_begun_anew(begun: Any, ines: Agent, brand: Brand) -> None:
    old = DraftTrial.objects.get()
    DraftTrial.objects.update(played=7, moved_at=clock.now() - trials.GIVEN_UP - timedelta(seconds=1))
    page = _page(begun)
    assert "Nothing has been heard of the trial" in page
    assert "hx-trigger" not in page
    new = trials.begin_trial(brand, FILE, by=ines.actor(), author=ines)
    assert new.pk != old.pk
    trials.play(old.pk)  # the old job comes back to life and finds that nobody waits for it
    assert DraftTrial.objects.get().played == 0


def test_what_the_time_does_not_reach_is_said_and_played_by_the_next_trial(begun: Any, monkeypatch: Any) -> None:
    trial = DraftTrial.objects.get()
    monkeypatch.setattr(trials, "SECONDS", -1.0)
    trials.play(trial.pk)
    trial.refresh_from_db()
    assert (trial.result["played"], trial.result["left_out"]) == (0, 2)
    assert "2 were not reached" in _page(begun)
    assert "Every story ends as before" not in _page(begun)


def test_a_fault_of_ours_ends_the_trial_too(begun: Any, monkeypatch: Any) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise ValueError("ours")

    monkeypatch.setattr(trials, "try_draft", breaks)
    with pytest.raises(ValueError, match="ours"):
        trials.play(DraftTrial.objects.get().pk)
    assert "broke off" in _page(begun)
    assert Edition.objects.filter(number=None).exists()


@pytest.mark.parametrize(
    ("line", "en", "zh"),
    [
        ("case return_item return_opened", "Return an item: Return opened", "退货"),
        ("person returns 1", "goes to a person: Returns", "转人工"),
        ("refund of 149.00 EUR on KF-1042", "149.00 EUR go back for KF-1042", "KF-1042 退款 149.00 EUR"),
        (
            "return of KF-1042: socks-grey-M x2 changed_mind, 34.00 EUR",
            "return for KF-1042: 2 × socks-grey-M (Change of mind), 34.00 EUR back", "KF-1042 退货：2 × socks-grey-M",
        ),
        ("KF-1042 cancelled", "KF-1042 becomes: Cancelled", "KF-1042 变为"),
        ("task warehouse expect_return", "task for Warehouse: Expect a return", "任务"),
        ("something new happened", "something new happened", "something new happened"),
    ],
)  # fmt: skip
def test_how_a_story_ends_is_told_in_words(line: str, en: str, zh: str) -> None:
    with translation.override("en"):
        assert trial_words.ended(line) == en
    with translation.override("zh-hans"):
        assert zh in trial_words.ended(line)
