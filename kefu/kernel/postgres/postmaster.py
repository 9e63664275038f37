"""The server process: launched, asked whether it lives and answers, stopped. Known by its folder, not by a handle,
because the command that started it may be gone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil
import psycopg

from kefu.kernel.postgres.account import Account
from kefu.kernel.postgres.binaries import Binaries

#: children of this process that are to be reaped when they end
_children: list[subprocess.Popen[bytes]] = []


def launch(data: Path, binaries: Binaries, account: Account, *, log: Path) -> None:
    """In a session of its own: Ctrl-C in the terminal reaches our commands, who then stop it in order."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with log.open("wb") as out:
        _children.append(
            subprocess.Popen(
                [binaries.program("postgres"), "-D", str(data)],
                cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                **account.popen(),
            )
        )  # fmt: skip


def running(data: Path) -> psutil.Process | None:
    """The postmaster of this folder, if it lives. A stale pid file, or its pid now somebody else's, is None."""
    _reap()
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
        alive = process.status() != psutil.STATUS_ZOMBIE
        ours = process.name() == "postgres" and str(data) in process.cmdline()
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if alive and ours else None


def forget_stale(data: Path) -> None:
    """PostgreSQL heeds a left-over pid file when the pid lives again as somebody else; we know better. The same pid
    stands in the lock beside its socket."""
    if running(data) is None:
        (data / "postmaster.pid").unlink(missing_ok=True)
        for left in data.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)


def answers(url: str, data: Path, *, patience: float) -> bool:
    """Poll until the server lets us in. False as soon as it is dead or knows us not."""
    until = time.monotonic() + patience
    maintenance = url.rsplit("/", 1)[0] + "/postgres"
    born = time.monotonic()
    while time.monotonic() < until:
        try:
            psycopg.connect(maintenance, connect_timeout=5).close()
            return True
        except psycopg.OperationalError as problem:
            if "authentication failed" in str(problem):
                return False
        if running(data) is None and time.monotonic() - born > 2:  # it writes its pid file a moment after launch
            return False
        if any(child.poll() is not None for child in _children[-1:]) and running(data) is None:
            return False
        time.sleep(0.05)
    return False


def stop(data: Path, *, patience: float = 30) -> None:
    """Fast shutdown (SIGINT): open transactions are rolled back, everything committed is written."""
    for sign, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
        process = running(data)
        if process is None:
            return
        try:
            process.send_signal(sign)
        except psutil.NoSuchProcess:
            return
        until = time.monotonic() + seconds
        while running(data) is not None and time.monotonic() < until:
            time.sleep(0.02)


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]
