"""A taken port is said before anything starts, with the cure."""

from __future__ import annotations

import errno
import socket

from kefu.kernel.errors import Refused


class PortTaken(Refused):
    """Another program listens there. Stop it, or choose another port with --port (and --events-port)."""

    code = "command.port_taken"


class PortForbidden(Refused):
    """This account may not listen there. Choose a port above 1023, or an address this machine has."""

    code = "command.port_forbidden"


def require_free(host: str, port: int) -> None:
    """Raises PortTaken or PortForbidden."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                raise PortTaken(host=host, port=port) from None
            raise PortForbidden(host=host, port=port, problem=problem.strerror) from None
