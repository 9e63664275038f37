"""A manager of Lumen, and the short way to publish."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kefu.assistant.actions.tests.conftest import talk  # noqa: F401  a fixture of theirs, used here
from kefu.assistant.editions import services
from kefu.people.models import Agent, Brand, Role, Seat

Publish = Callable[[Brand, str, str], Brand]


@pytest.fixture
def manager(ines: Agent, brand: Brand) -> Agent:
    Seat.objects.filter(agent=ines, brand=brand).update(role=Role.MANAGER)
    return Agent.objects.get(pk=ines.pk)


@pytest.fixture
def publish(manager: Agent) -> Publish:
    def publish(brand: Brand, file: str, text: str) -> Brand:
        services.save_draft(brand, file, text=text, by=manager.actor(), author=manager)
        services.publish(brand, file, by=manager.actor())
        return Brand.objects.get(pk=brand.pk)

    return publish
