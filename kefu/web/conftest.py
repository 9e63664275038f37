"""A Chromium for the tests of this room."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
#: milliseconds that a page may take on a busy machine; what comes at once is not waited for
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright's loop runs in this thread until its module is done: for so long no other loop can, and Django takes
    # our own queries for asynchronous ones
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def serious_faults(page: Page, within: str | None = None, *, only_colours: bool = False) -> list[tuple[str, str]]:
    """(axe's rule, the element that breaks it): what keeps people out who use a screen reader or see little.

    within: a selector. only_colours: where all else of the page was looked at before.
    """
    rules = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}} if only_colours else {}
    found = Axe().run(page, context=within, options={"resultTypes": ["violations"], **rules}).response["violations"]
    return [
        (fault["id"], node["html"][:160])
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
