"""A pytest plugin: a PostgreSQL and a home for the tests, and a loud word about tests that could not run.

Loaded by `-p` in pyproject.toml, so that it comes before Django's settings are read. DATABASE_URL, KEFU_TEST_DB and
KEFU_HOME are respected where they are given.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from kefu.kernel.postgres.server import EmbeddedPostgres
from kefu.kernel.translations import compile_translations

#: marker -> programs of which one must be there
NEEDS = {
    "browser": ("chromium", "chromium-browser", "google-chrome", "/Applications/Google Chrome.app"),
    "mailserver": ("dovecot", "/usr/sbin/dovecot", "/opt/homebrew/sbin/dovecot", "/usr/local/sbin/dovecot"),
}
DEBIAN_PACKAGES = {"browser": "chromium fonts-noto-cjk", "mailserver": "dovecot-imapd"}

_started: list[tuple[EmbeddedPostgres | None, Path]] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Workers of xdist inherit the environment of the process that started the server."""
    os.environ.setdefault("KEFU_SECRET_KEY", "known to every test and to nobody else")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _set_the_stage()
        Path(os.environ["KEFU_HOME"], "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns without it
    yield


def _set_the_stage() -> None:
    compile_translations()
    if "KEFU_HOME" in os.environ and os.environ.get("DATABASE_URL"):
        return
    _sweep()
    home = Path(tempfile.mkdtemp(prefix="kefu-tests-"))
    home.chmod(0o755)  # PostgreSQL may have to run as somebody else
    os.environ["KEFU_HOME"] = str(home)
    server = None
    if not os.environ.get("DATABASE_URL"):
        server = EmbeddedPostgres(home, fast=True)
        server.start()
        os.environ["DATABASE_URL"] = server.url
    _started.append((server, home))
    atexit.register(_leave_the_stage)  # pytest does not unconfigure when it cannot even begin


def _sweep() -> None:
    """Servers of test runs that were killed."""
    for users in Path(tempfile.gettempdir()).glob("kefu-tests-*/postgres/users"):
        home = users.parents[1]
        if os.access(users, os.W_OK) and EmbeddedPostgres(home).stop_if_unused():
            shutil.rmtree(home, ignore_errors=True)


def pytest_unconfigure() -> None:
    _leave_the_stage()


def _leave_the_stage() -> None:
    for server, home in _started:
        if server:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)
    _started.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what cannot run here, and keep the tests that share a browser or a mail server in one process."""
    lacking = {marker for marker, signs in NEEDS.items() if not any(is_there(sign) for sign in signs)}
    for item in items:
        for marker in NEEDS:
            if item.get_closest_marker(marker) is None:
                continue
            item.add_marker(pytest.mark.xdist_group(marker))
            if marker in lacking:
                reason = f"lacks {DEBIAN_PACKAGES[marker]}"
                item.add_marker(pytest.mark.fail_for_lack(reason) if _is_ci() else pytest.mark.skip(reason=reason))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fail_for_lack(reason): in CI a test that cannot run is a failure")
    config.addinivalue_line("markers", "xdist_group(name): tests of one group run in one process")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if mark := item.get_closest_marker("fail_for_lack"):
        pytest.fail(f"{mark.args[0]} (CI=true: a test that cannot run is a failure)", pytrace=False)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One loud line: a green run that left out the browser is not a green run."""
    lacks = sorted(
        {_reason(report) for report in terminalreporter.stats.get("skipped", ()) if "lacks " in str(report.longrepr)}
    )
    count = sum("lacks " in str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    if lacks:
        terminalreporter.write_sep("!", red=True, bold=True)
        terminalreporter.write_line(
            f"{count} TESTS DID NOT RUN: this machine {'; '.join(lacks)}. "
            f"On Debian: apt-get install {' '.join(reason.removeprefix('lacks ') for reason in lacks)}",
            red=True,
            bold=True,
        )


def _reason(report: pytest.TestReport) -> str:
    longrepr = report.longrepr
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix("Skipped: ")


def is_there(sign: str) -> bool:
    return Path(sign).exists() if sign.startswith("/") else shutil.which(sign) is not None


def _is_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")
