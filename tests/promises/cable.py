"""The cable between a process and its database, which a test may cut and mend."""

from __future__ import annotations

import contextlib
import socket
import threading

from django.db import connection


class Cable:
    """Listens on `port` and carries every byte to the test's database and back, until it is cut."""

    def __init__(self) -> None:
        self.port = 0
        self._ends: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._listen, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Open connections break off in the middle of whatever they carry; new ones are refused."""
        ends, self._ends = [*self._ends, self._listener], []
        self._listener = None
        for end in ends:
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = _database()
            self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=(one, other), daemon=True).start()


def _database() -> socket.socket:
    at = connection.settings_dict
    host, port = at["HOST"] or "127.0.0.1", int(at["PORT"] or 5432)
    if host.startswith("/"):
        far = socket.socket(socket.AF_UNIX)
        far.connect(f"{host}/.s.PGSQL.{port}")
        return far
    return socket.create_connection((host, port))


def _carry(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := one.recv(65536):
            other.sendall(piece)
    for end in (one, other):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
