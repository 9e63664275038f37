"""A process that kills itself (SIGKILL, no clean-up) at one exact moment: `python -m tests.promises.dying POINT PLACE`.

POINT is "module:function", with ":before" or ":after" and optionally ":n" for the n-th call. PLACE is "worker" (does
the jobs) or "web" (serves on the port in KEFU_TEST_PORT). The database is DATABASE_URL's.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any


def die_at(point: str) -> None:
    """Replace the function by one that kills the process before, or right after, its n-th call."""
    module_name, function_name, moment, *rest = point.split(":")
    nth = int(rest[0]) if rest else 1
    module = import_module(module_name)
    original: Callable[..., Any] = getattr(module, function_name)
    calls = 0

    @wraps(original)
    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if calls == nth and moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, function_name, dying)


def work() -> None:
    from kefu.kernel.worker import run_worker

    run_worker(threads=1, wait=False)


def serve() -> None:
    from wsgiref.simple_server import make_server

    from kefu.web.wsgi import application

    with make_server("127.0.0.1", int(os.environ["KEFU_TEST_PORT"]), application) as server:
        server.serve_forever()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.kernel.settings")
    import django

    django.setup()
    point, place = sys.argv[1:3]
    if point != "never":
        die_at(point)
    {"worker": work, "web": serve}[place]()


if __name__ == "__main__":
    main()
