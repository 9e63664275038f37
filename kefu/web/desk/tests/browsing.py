"""The desk in Chromium: people who sign in, each in a browser of their own, with web and events running beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from kefu.assistant.understanding import warm
from kefu.conftest import PASSWORD
from kefu.people.models import Agent
from kefu.web.conftest import PATIENCE
from kefu.web.events.tests.conftest import Server


class Desks:
    """Opens the desk for one person after another, each in a browser of their own."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.problems: list[str] = []
        self._contexts: list[Any] = []

    def sign_in(self, agent: Agent, path: str = "/desk/", *, by_form: bool = False, **options: Any) -> Page:
        """A page at `path`, live. by_form: name and password are typed; else the session is there already, which
        saves every other test two pages."""
        context = self.browser.new_context(
            **{"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: said.type == "error" and self.problems.append(said.text))
        page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        if not by_form:
            context.add_cookies([self._session_of(agent)])
        page.goto(self.address + path)
        if by_form:
            page.get_by_label("User name or e-mail").fill(agent.user.username)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/desk/**")
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        return page

    def _session_of(self, agent: Agent) -> Any:
        visitor = Client()
        visitor.force_login(agent.user)
        name = django_settings.SESSION_COOKIE_NAME
        return {"name": name, "value": visitor.cookies[name].value, "url": self.address}

    def close(self) -> None:
        for context in self._contexts:
            context.close()


class UnderWay:
    """Counts the requests that the web server has begun and not ended."""

    def __init__(self) -> None:
        self._lock, self._count = threading.Lock(), 0
        request_started.connect(self._begun)
        request_finished.connect(self._ended)

    def _begun(self, **_: Any) -> None:
        with self._lock:
            self._count += 1

    def _ended(self, **_: Any) -> None:
        with self._lock:
            self._count -= 1

    def none_left(self) -> bool:
        return self._count <= 0


@pytest.fixture(scope="session")
def understanding() -> None:
    """Read before the first page asks for a next step: where examples have changed it is learnt anew, which takes
    longer than a page is waited for."""
    warm()


@pytest.fixture
def desks(chromium: Browser, server: Server, understanding: None, settings: Any, request: Any) -> Iterator[Desks]:
    settings.KEFU_EVENTS_URL = f"http://127.0.0.1:{server.port}"
    some = Desks(chromium, request.getfixturevalue("live_server").url)
    under_way = UnderWay()
    yield some
    some.close()
    # a page asks for more whenever something happens: emptying the tables under such a request is a deadlock
    server.wait_for(under_way.none_left, seconds=30)
