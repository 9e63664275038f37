from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.promises.processes import Nursery


@pytest.fixture(scope="session")
def nursery(django_db_setup: None) -> Iterator[Nursery]:
    """Real workers and web processes on this test's database, forked from one that has loaded everything."""
    one = Nursery()
    yield one
    one.close()
