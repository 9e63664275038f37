"""Real processes on the test's own database: workers and a web server, started quickly and killed at will."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import httpx
from django.db import connection

from kefu.kernel.home import BASE_DIR


def database_url() -> str:
    """Another process's way to this test's own database."""
    at = connection.settings_dict
    login = f"{at['USER']}:{at['PASSWORD']}@" if at["PASSWORD"] else f"{at['USER']}@"
    port = f":{at['PORT']}" if at["PORT"] else ""
    url = f"postgresql://{login}{'' if at['HOST'].startswith('/') else at['HOST']}{port}/{at['NAME']}"
    return f"{url}?host={at['HOST']}" if at["HOST"].startswith("/") else url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Process:
    """One process that the nursery has started."""

    pid: int
    nursery: Nursery

    def wait(self, *, seconds: float = 60) -> int:
        """Its return code: -9 when it was killed. Raises AssertionError while it still lives."""
        code = self.nursery.ask(wait=self.pid, seconds=seconds)
        assert code is not None, f"process {self.pid} still lives after {seconds} s"
        return int(code)

    def end(self, how: int = signal.SIGTERM) -> int:
        """Send the signal and wait; a process that has ended already only tells its code."""
        os.kill(self.pid, how)  # ours until it is waited for, so never somebody else's
        return self.wait()


class Nursery:
    """Starts processes of Kefu; see dying.py."""

    def __init__(self) -> None:
        environment = os.environ | {"DATABASE_URL": database_url(), "KEFU_LOG": "ERROR"}
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.promises.dying"], cwd=BASE_DIR, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._answer()

    def _answer(self) -> Any:
        assert self._mother.stdout is not None
        line = self._mother.stdout.readline()
        assert line, "the process that forks the others has ended; its traceback is in the captured output"
        return json.loads(line)

    def ask(self, **order: Any) -> Any:
        assert self._mother.stdin is not None
        print(json.dumps(order), file=self._mother.stdin, flush=True)
        return self._answer()

    def worker(self, point: str = "", **how: Any) -> Process:
        """Works the queue off and ends (wait=True: goes on); `point`: dies there."""
        return Process(self.ask(start="worker", point=point, **how), self)

    def web(self, point: str = "", *, port: int, **how: Any) -> Process:
        """Serves; returns when it answers."""
        process = Process(self.ask(start="web", point=point, port=port, **how), self)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{port}/chat/v1/x/settings", timeout=5)
                return process
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError("the web process did not start")

    def close(self) -> None:
        assert self._mother.stdin is not None
        self._mother.stdin.close()
        self._mother.wait(timeout=30)
