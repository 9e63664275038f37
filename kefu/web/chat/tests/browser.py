"""A real Chromium on a shop's page of another origin, with the web and the events process running beside it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kefu.desk.models import Channel
from kefu.web.events.tests.conftest import Server


class _Shop(BaseHTTPRequestHandler):
    """One page of somebody else's shop: an origin of its own, and strict about what may load."""

    def __init__(self, *args: Any, html: bytes, policy: str, **kwargs: Any) -> None:
        self.html, self.policy = html, policy
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        # who is signed in stands in the page; with "?signed-out" the shop serves it without
        html = re.sub(rb"data-identity='[^']*'", b"", self.html) if "signed-out" in self.path else self.html
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        self.wfile.write(html)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Shop:
    """`address` of the page; `open` gives a tab that shows it."""

    def __init__(self, browser: Browser, kefu: str, events: str, channel: Channel) -> None:
        self.browser, self.kefu, self.events, self.channel = browser, kefu, events, channel
        self._servers: list[ThreadingHTTPServer] = []
        self._contexts: list[Any] = []
        self.problems: list[str] = []

    def page_html(self, *, language: str, extra: str = "", attributes: str = "") -> str:
        return (
            f'<!doctype html><html lang="{language}" {extra}><head><meta charset="utf-8"><title>Shop</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"></head>'
            f"<body><h1>Shop</h1><p>Text of the shop.</p><button id=buy>Buy</button>"
            f'<script src="{self.kefu}/widget.js" data-channel="{self.channel.public_id}" {attributes} async></script>'
            "</body></html>"
        )

    def address(self, *, language: str = "en", extra: str = "", attributes: str = "") -> str:
        policy = f"default-src 'none'; script-src {self.kefu}; connect-src {self.kefu} {self.events}; img-src blob:"
        html = self.page_html(language=language, extra=extra, attributes=attributes).encode()
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Shop, html=html, policy=policy))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    def open(self, *, language: str = "en", extra: str = "", attributes: str = "", **options: Any) -> Page:
        context = self.browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "locale": language, "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(8_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and self.problems.append(message.text))
        page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        page.goto(self.address(language=language, extra=extra, attributes=attributes))
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        for server in self._servers:
            server.shutdown()
            server.server_close()


@pytest.fixture
def shop(chromium: Browser, server: Server, chat_channel: Channel, settings: Any, request: Any) -> Iterator[Shop]:
    settings.KEFU_EVENTS_URL = f"http://127.0.0.1:{server.port}"
    live_server = request.getfixturevalue("live_server")
    settings.KEFU_URL = live_server.url
    one = Shop(chromium, live_server.url, settings.KEFU_EVENTS_URL, chat_channel)
    yield one
    one.close()
