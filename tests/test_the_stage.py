"""The stage of all other tests: the cast, the queue, the held clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from kefu.conftest import MONDAY, HeldClock, JobBook
from kefu.kernel import clock
from kefu.people.models import Agent, Brand


def test_olek_has_no_right_at_the_brand_of_tomas(tomas: Agent, olek: Agent, brand: Brand):
    assert tomas.actor().may("desk.see", brand_id=brand.pk)
    assert not olek.actor().may("desk.see", brand_id=brand.pk)


def test_the_held_clock_stands_still_until_it_is_moved(held_clock: HeldClock):
    assert clock.now() == MONDAY == clock.now()
    held_clock.move(timedelta(hours=2))
    assert clock.now() == MONDAY + timedelta(hours=2)


def test_the_clock_runs_again_in_the_next_test():
    assert clock.now() != MONDAY


@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_can_be_cleaned_up_after_events_were_written(brand: Brand):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO desk_event (brand_id, kind, actor_kind, actor_name, facts, at) "
            "VALUES (%s, 'desk.tested', 'system', '', '{}', now())",
            [brand.pk],
        )


def test_the_queue_is_empty_at_the_start_of_a_test(jobs: JobBook):
    assert jobs.waiting() == []
    assert jobs.run() == []
