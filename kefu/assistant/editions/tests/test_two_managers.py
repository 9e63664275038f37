"""Two managers write at one draft in the same moment: what each changed is kept, or one of them is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from kefu.assistant.editions import services
from kefu.assistant.editions.errors import DraftIsOutdated, DraftMovedOn
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.rows import rows_in, with_row
from kefu.assistant.editions.sources import digest, pack_sources

HUMAN, RETURNS = "playbooks/human.yaml", "tables/returns.yaml"


def text_of(file: str) -> str:
    return pack_sources("ecommerce", services.kind_of(file))[file]


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each of the deeds gave or raised, begun in the same moment on connections of their own."""
    together = Barrier(len(deeds))

    def done(deed: Callable[[], Any]) -> Any:
        together.wait()
        try:
            return deed()
        except DraftMovedOn as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(done, deeds))


def slowly(change: Callable[[str], str]) -> Callable[[str], str]:
    """The change of somebody who thinks while the other is at the door."""

    def changed(now: str) -> str:
        time.sleep(0.2)
        return change(now)

    return changed


@pytest.mark.django_db(transaction=True)
def test_of_two_texts_for_one_draft_one_stays_and_the_other_is_told_and_two_rows_are_both_kept(
    brand, manager, tomas
) -> None:
    by, seen = manager.actor(), digest(text_of(HUMAN))
    found = at_once(*(
        lambda own=own: services.save_draft(brand, HUMAN, text=text_of(HUMAN) + own, by=by, author=manager, seen=seen)
        for own in ("# one\n", "# two\n")
    ))  # fmt: skip
    assert sorted(type(one).__name__ for one in found) == ["DraftMovedOn", "Edition"]
    kept = next(one for one in found if isinstance(one, Edition))
    assert Edition.objects.get(file=HUMAN).text == kept.text
    first, second = rows_in(text_of(RETURNS))[:2]

    def dated(row: Any) -> Callable[[str], str]:
        return slowly(lambda now: with_row(now, row.id, {**row.columns, "source": "the management"}))

    at_once(*(
        lambda row=row: services.amend_draft(brand, RETURNS, change=dated(row), by=by, author=manager)
        for row in (first, second)
    ))  # fmt: skip
    rows = {row.id: row.columns for row in rows_in(Edition.objects.get(file=RETURNS).text)}
    assert {rows[first.id]["source"], rows[second.id]["source"]} == {"the management"}


@pytest.mark.django_db
def test_nobody_publishes_or_throws_away_what_they_have_not_seen(brand, manager) -> None:
    by, saw = manager.actor(), text_of(HUMAN) + "# mine\n"
    services.save_draft(brand, HUMAN, text=saw, by=by, author=manager)
    services.save_draft(brand, HUMAN, text=saw + "# the other's\n", by=by, author=manager)
    for deed in (services.publish, services.discard_draft):
        with pytest.raises(DraftMovedOn):
            deed(brand, HUMAN, by=by, seen=digest(saw))
    assert Edition.objects.get().text.endswith("# the other's\n")
    services.publish(brand, HUMAN, by=by, seen=digest(saw + "# the other's\n"), note="both")
    assert Edition.objects.get(number=1).note == "both"
    with pytest.raises(DraftMovedOn):  # the draft became the edition meanwhile
        services.publish(brand, HUMAN, by=by, seen=digest(saw))


@pytest.mark.django_db
def test_a_change_of_a_row_does_not_hide_that_another_edition_was_published_since(brand, manager) -> None:
    by, row = manager.actor(), rows_in(text_of(RETURNS))[0]
    services.save_draft(brand, RETURNS, text=text_of(RETURNS) + "# mine\n", by=by, author=manager)
    Edition.objects.update(begun_on="0" * 64)
    services.amend_draft(brand, RETURNS, change=lambda now: with_row(now, row.id, row.columns), by=by, author=manager)
    with pytest.raises(DraftIsOutdated):
        services.publish(brand, RETURNS, by=by)
    services.save_draft(brand, RETURNS, text=Edition.objects.get().text, by=by, author=manager)  # looked at, and kept
    assert services.publish(brand, RETURNS, by=by).number == 1
