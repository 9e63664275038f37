"""The desk's stage: people signed in, and one conversation for every state."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kefu.desk.models import Channel, Conversation
from kefu.kernel.translations import compile_translations
from kefu.people.models import Agent, Brand, Customer
from kefu.web.desk.tests import stage
from kefu.web.desk.tests.browsing import desks, understanding  # noqa: F401  fixtures
from kefu.web.events.tests.conftest import server  # noqa: F401  fixture


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    compile_translations()


class Desk(Client):
    """A browser at the desk; `piece` asks as htmx does."""

    def piece(self, address: str, data: dict | None = None, **more: object):
        headers = {"HX-Request": "true", **more}
        return self.post(address, data, headers=headers) if data is not None else self.get(address, headers=headers)


@pytest.fixture
def at_desk() -> Callable[[Agent], Desk]:
    def sit(agent: Agent) -> Desk:
        desk = Desk()
        desk.force_login(agent.user)
        return desk

    return sit


@pytest.fixture
def tomas_desk(at_desk: Callable[[Agent], Desk], tomas: Agent) -> Desk:
    return at_desk(tomas)


@pytest.fixture
def ines_desk(at_desk: Callable[[Agent], Desk], ines: Agent) -> Desk:
    return at_desk(ines)


@pytest.fixture
def olek_desk(at_desk: Callable[[Agent], Desk], olek: Agent) -> Desk:
    return at_desk(olek)


@pytest.fixture
def talks(
    brand: Brand, chat_channel: Channel, email_channel: Channel, mira: Customer, tomas: Agent, ines: Agent
) -> dict[str, Conversation]:
    """One conversation for every state, by name: parcel, assistant, waiting, urgent, mine, answered, ines, closed."""
    return stage.full_desk(brand, chat_channel, email_channel, mira, tomas.actor(), ines.actor())


def page_of(conversation: Conversation, deed: str = "") -> str:
    """The address of a conversation's page, or of a deed on it."""
    return f"/desk/conversations/{conversation.brand.slug}-{conversation.number}/{deed}"
