"""One PostgreSQL for one KEFU_HOME, shared by every `kefu` command that runs there.

No process owns the server. Each command that uses it holds a shared lock on `users` for as long as it lives; the
first starts the server, the last stops it, and a server whose starter was killed is simply used by the next. Starting
and stopping happen under the exclusive lock `change`. The kernel releases both locks of a process that dies.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

from kefu.kernel.home import kefu_home
from kefu.kernel.postgres import cluster, postmaster
from kefu.kernel.postgres.account import Account, account_for
from kefu.kernel.postgres.binaries import Binaries, find_binaries, readable_by
from kefu.kernel.postgres.errors import DidNotStart, PostgresError
from kefu.kernel.postgres.place import data_folder

#: how long one command waits for another that is just starting or stopping the server
CHANGE_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Connection:
    """What a client needs; kept in KEFU_HOME/postgres/connection.json, readable by its owner alone.

    host: the folder of the server's socket, or 127.0.0.1."""

    port: int
    password: str
    host: str = "127.0.0.1"
    user: str = cluster.SUPERUSER
    database: str = cluster.DATABASE

    @property
    def url(self) -> str:
        host = quote(self.host, safe="")
        return f"postgresql://{self.user}:{quote(self.password)}@{host}:{self.port}/{self.database}"


class EmbeddedPostgres:
    """`with EmbeddedPostgres() as server: server.url`. Raises PostgresError and its kinds, each with a cure.

    home: KEFU_HOME. fast: no fsync; a power cut then loses the database, so for tests only (KEFU_PG_FAST=1).
    """

    def __init__(self, home: Path | None = None, *, fast: bool | None = None) -> None:
        self.folder = (home or kefu_home()) / "postgres"
        self.fast = os.environ.get("KEFU_PG_FAST") == "1" if fast is None else fast
        self._users: IO[str] | None = None
        self._binaries: Binaries | None = None

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        connection = self._connection()
        if connection is None:
            raise PostgresError(problem="the server was never started here")
        return connection.url

    @property
    def binaries(self) -> Binaries:
        """The programs that fit the server, e.g. for pg_dump."""
        if self._binaries is None:
            self._binaries = find_binaries()
        return self._binaries

    def start(self) -> None:
        """Use the running server, or start it. Returns when it answers."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise PostgresError(problem=f"{problem}: set KEFU_HOME to a folder of this account") from None
        with self._changing():
            if self._users is None:
                self._users = (self.folder / "users").open("a")
                fcntl.flock(self._users, fcntl.LOCK_SH)
            self._start()

    def keep_running(self) -> bool:
        """Start the server again if it died; True when it had to be. Cheap enough for once a second."""
        if postmaster.running(data_folder(self.folder)):
            return False
        self.start()
        return True

    def stop(self) -> None:
        """Stop using the server; it is shut down (committing nothing, losing nothing) when nobody else uses it."""
        if self._users is None:
            return
        with self._changing():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # another command still uses it, and will stop it
            else:
                postmaster.stop(data_folder(self.folder))
            self._users.close()
            self._users = None

    def stop_if_unused(self) -> bool:
        """Shut down a server that outlived its users, for who cleans up after a kill. False when it is in use."""
        with (self.folder / "users").open("a") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            postmaster.stop(data_folder(self.folder))
        return True

    def _start(self) -> None:
        data = data_folder(self.folder)
        if postmaster.running(data) and self._answers(patience=30):
            return
        postmaster.stop(data)  # an orphan that does not answer, or one whose password we do not have
        account = account_for(data)
        binaries = readable_by(self.binaries, account)
        connection = self._prepared(data, binaries, account)
        for attempt in range(5):
            # the port of last time first: the other processes' DATABASE_URL then stays true after a crash
            port = connection.port if attempt == 0 and postmaster.is_free(connection.port) else postmaster.free_port()
            host = str(cluster.socket_folder(data) or "127.0.0.1")
            connection = Connection(port=port, password=connection.password, host=host)
            cluster.write_conf(data, port=port, fast=self.fast, account=account)
            self._remember(connection)
            postmaster.launch(data, binaries, account, log=self.folder / "start.log")
            if self._answers(patience=60):
                cluster.create_database(connection.url)
                return
            postmaster.stop(data)
            time.sleep(attempt)  # backends of a killed server may still hold its shared memory
        raise DidNotStart(log=str(self.folder / "start.log"), said=self._last_words(data))

    def _prepared(self, data: Path, binaries: Binaries, account: Account) -> Connection:
        """The folder is ready to start on, and we know its password."""
        known = self._connection()
        if not (data / "PG_VERSION").exists():
            connection = Connection(port=postmaster.free_port(), password=cluster.new_password())
            cluster.create(data, binaries, account, password=connection.password, fast=self.fast)
            return connection
        cluster.check_version(data, binaries)
        postmaster.forget_stale(data)
        if known is None:
            known = Connection(port=postmaster.free_port(), password=cluster.new_password())
            cluster.set_password(data, binaries, account, password=known.password)
        return known

    def _answers(self, *, patience: float) -> bool:
        """True as soon as the server takes our password; False when it dies, or after `patience` seconds."""
        connection = self._connection()
        return connection is not None and postmaster.answers(
            connection.url, data_folder(self.folder), patience=patience
        )

    def _connection(self) -> Connection | None:
        try:
            return Connection(**json.loads((self.folder / "connection.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _remember(self, connection: Connection) -> None:
        file = self.folder / "connection.json"
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(asdict(connection), out)
        fresh.replace(file)

    def _last_words(self, data: Path) -> str:
        logs = [self.folder / "start.log", *sorted((data / "log").glob("*.log"), key=lambda log: log.stat().st_mtime)]
        lines = [line for log in logs if log.exists() for line in log.read_text(errors="replace").splitlines()]
        return " | ".join(lines[-6:])

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Alone in starting or stopping."""
        with (self.folder / "change").open("a") as lock:
            until = time.monotonic() + CHANGE_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise PostgresError(
                            problem=f"another kefu command has been starting or stopping it for {CHANGE_SECONDS} s; "
                            f"end that command and try again"
                        ) from None
                    time.sleep(0.05)
            yield
