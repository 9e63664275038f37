from __future__ import annotations

from collections.abc import Iterator

import pytest

from kefu.channels.email.tests.dovecot import Dovecot, free_port
from kefu.channels.email.tests.smtp import MailServer


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    server = Dovecot()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    server = MailServer(free_port())
    server.start()
    yield server
    server.stop()
