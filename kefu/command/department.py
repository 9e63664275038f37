"""All processes of one Kefu, as children of one command: started, watched, started again, stopped in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

import click

from kefu.command import lifeline
from kefu.command.ports import require_free
from kefu.kernel.errors import KefuError
from kefu.kernel.home import BASE_DIR
from kefu.kernel.postgres import EmbeddedPostgres

#: a child that lives so long has recovered; its next fall waits one second again
HEALTHY_SECONDS = 60
SAY_SECONDS = 30
LONGEST_PAUSE_SECONDS = 30
#: web and worker finish what they are doing; what is not done then is done again at the next start
STOP_SECONDS = 30


class DidNotBecomeReady(KefuError):
    """A part of Kefu did not start in time. Its lines above say why; `kefu check` looks at everything it needs."""

    code = "command.did_not_become_ready"


@dataclass
class Child:
    """One process that shall run. `command` are the words after `python -m kefu`, or a whole command line."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    falls: int = 0
    start_again_at: float | None = field(default=None)


class Department:
    """The processes of one installation. DATABASE_URL is set and migrated before; see kefu.command.database.

    with Department(port=8000) as department: department.wait_until_ready(); department.watch()
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 8000,
        events_port: int | None = None,
        web_processes: int = 2,
        web_threads: int = 4,
        workers: int = 2,
        worker_threads: int = 4,
        mail: bool = True,
        postgres: EmbeddedPostgres | None = None,
        say: Callable[[str, str], None] | None = None,
    ) -> None:
        self.host, self.port, self.events_port = host, port, events_port or port + 1
        self.url = os.environ.get("KEFU_URL") or f"http://localhost:{port}"
        self.events_url = os.environ.get("KEFU_EVENTS_URL") or f"http://localhost:{self.events_port}"
        self.postgres = postgres
        self.say = say or print_line
        self.children: list[Child] = []
        self._stopping = threading.Event()
        self._lifeline: tuple[int, int] | None = None
        self._workers = workers
        self.add("web", ["web", "--host", host, "--port", str(port), "--processes", str(web_processes),
                         "--threads", str(web_threads)])  # fmt: skip
        self.add("events", ["events", "--host", host, "--port", str(self.events_port)])
        for number in range(1, workers + 1):
            self.add(f"worker {number}", ["worker", "--threads", str(worker_threads)])
        if mail:
            self.add("mail", ["mail"])

    def add(self, name: str, command: list[str]) -> None:
        """One more process: a subcommand of kefu, or a command line that starts with an absolute path."""
        self.children.append(Child(name, command))

    def __enter__(self) -> Department:
        self.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start every process. Raises PortTaken before anything was started."""
        require_free(self.host, self.port)
        require_free(self.host, self.events_port)
        self._lifeline = os.pipe()
        for child in self.children:
            self._start(child)

    def wait_until_ready(self, *, seconds: float = 600) -> None:
        """Until a page is served, live updates answer and every worker is in the database; what is waited for is said
        every half minute, for a worker that learns from changed examples may take minutes on a busy machine. Raises
        DidNotBecomeReady."""
        waiting: dict[str, Callable[[], bool]] = {
            "web": lambda: _serves(self._local(self.port)),
            "events": lambda: _is_well(self._local(self.events_port) + "events/health"),
            "worker": lambda: _workers_alive() >= self._workers,
        }
        until, say_at = time.monotonic() + seconds, time.monotonic() + SAY_SECONDS
        while waiting and not self._stopping.is_set():
            for name in [name for name, is_ready in waiting.items() if is_ready()]:
                del waiting[name]
            if waiting and time.monotonic() > until:
                raise DidNotBecomeReady(part=", ".join(waiting), seconds=int(seconds))
            if waiting and time.monotonic() > say_at:
                self.say("kefu", f"still waiting for: {', '.join(waiting)}")
                say_at += SAY_SECONDS
            self.mend()
            self._stopping.wait(0.1)

    def watch(self) -> None:
        """Keep everything running until SIGINT, SIGTERM or SIGHUP; a second one kills at once."""
        while not self._stopping.wait(0.5):
            self.mend()

    def stop_on_signals(self) -> None:
        """From here on Ctrl-C asks for an orderly end."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._on_signal)

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def mend(self) -> None:
        """Start again what died: the database first, then each child after its pause."""
        if self.postgres and self.postgres.keep_running():
            self.say("kefu", "the database had died and runs again")
        for child in self.children:
            if child.process and child.process.poll() is not None:
                self._fell(child, child.process.returncode)
            elif child.start_again_at is not None and time.monotonic() >= child.start_again_at:
                self._start(child)

    def stop(self) -> None:
        """SIGTERM to all, SIGKILL to what is still there after STOP_SECONDS."""
        self._stopping.set()
        alive = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in alive:
            process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for process in alive:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill_group(process)
        if self._lifeline:
            for end in self._lifeline:
                os.close(end)
            self._lifeline = None

    def _on_signal(self, number: int, frame: object) -> None:
        if self._stopping.is_set():
            for child in self.children:
                if child.process and child.process.poll() is None:
                    _kill_group(child.process)
        self._stopping.set()

    def _start(self, child: Child) -> None:
        if self._lifeline is None or self._stopping.is_set():
            return
        whole = child.command if child.command[0].startswith("/") else [sys.executable, "-m", "kefu", *child.command]
        environment = os.environ | {
            lifeline.VARIABLE: str(self._lifeline[0]),
            "KEFU_URL": self.url,
            "KEFU_EVENTS_URL": self.events_url,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(BASE_DIR), os.environ.get("PYTHONPATH")])),
            "PYTHONUNBUFFERED": "1",
            "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        }
        child.process = subprocess.Popen(
            whole, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, pass_fds=[self._lifeline[0]],
        )  # fmt: skip
        child.started_at, child.start_again_at = time.monotonic(), None
        if child.process.stdout:
            threading.Thread(target=self._pass_on, args=(child.name, child.process.stdout), daemon=True).start()

    def _fell(self, child: Child, code: int) -> None:
        lived = time.monotonic() - child.started_at
        child.falls = 1 if lived > HEALTHY_SECONDS else child.falls + 1
        pause = min(LONGEST_PAUSE_SECONDS, 2 ** (child.falls - 1))
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        self.say("kefu", f"{child.name} {how}; it is started again in {pause} s")
        child.process, child.start_again_at = None, time.monotonic() + pause

    def _pass_on(self, name: str, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                self.say(name, line.decode(errors="replace").rstrip())

    def _local(self, port: int) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "") else "[::1]" if self.host == "::" else self.host  # noqa: S104
        return f"http://{host}:{port}/"


def print_line(name: str, line: str) -> None:
    """`worker 1 | line`, so that the lines of many processes can be told apart."""
    click.echo(f"{click.style(f'{name:>9}', dim=True)} {click.style('|', dim=True)} {line}")


def _serves(url: str) -> bool:
    """Somebody speaks HTTP there; what they say is not asked."""
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  our own http address
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _is_well(url: str) -> bool:
    """A health address answers 2xx."""
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  our own http address
    except (OSError, ValueError):
        return False
    return True


def _workers_alive() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 s'")
        alive = int(cursor.fetchone()[0])
    connection.close()
    return alive


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)  # its children too: gunicorn's workers
    except ProcessLookupError:
        return
    process.wait()
