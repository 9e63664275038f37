"""Processes of Kefu that can be killed (SIGKILL, no clean-up) at one exact moment.

`python -m tests.promises.dying` loads everything once and then forks a process for each line it reads, so that a test
does not pay for the start of each. The database is DATABASE_URL's. A line is JSON, and so is its answer:

    {"start": "worker", "point": "kefu.assistant.turn.run:gather:after"}      the new process's id
    {"start": "web", "port": 8123, "database_port": 5433}                     likewise; its database is at that port
    {"wait": 4711, "seconds": 30}                                             its return code, null while it lives

A point is "module:function", with ":before" or ":after" and optionally ":n" for the n-th call.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

from django.conf import settings


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


def work(*, threads: int = 1, wait: bool = False) -> None:
    from kefu.kernel.worker import run_worker

    run_worker(threads=threads, wait=wait)


def serve(*, port: int) -> None:
    from wsgiref.simple_server import make_server

    from kefu.web.wsgi import application

    with make_server("127.0.0.1", port, application) as server:
        server.serve_forever()


def load() -> None:
    """What every process of Kefu loads before its first job or request; opens no connection."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.kernel.settings")
    import django

    django.setup()
    from django.urls import get_resolver

    from kefu.assistant.policy import pack_rules
    from kefu.assistant.turn.book import book_of
    from kefu.assistant.understanding.door import warm

    warm()
    book_of("ecommerce")
    pack_rules("ecommerce")
    get_resolver().url_patterns  # noqa: B018  loads every view


def start(order: dict[str, Any]) -> int:
    """Fork; gives the child's id to the parent, and never returns in the child."""
    place, point, database_port = order.pop("start"), order.pop("point", ""), order.pop("database_port", 0)
    if child := os.fork():
        return child
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the pipe to the test is the parent's
    os.close(sys.stdin.fileno())
    code = 1
    try:
        if point:
            die_at(point)
        if database_port:
            database = settings.DATABASES["default"]
            database |= {"HOST": "127.0.0.1", "PORT": str(database_port)}
            database["OPTIONS"]["pool"] = {**database["OPTIONS"].get("pool", {}), "timeout": 1}  # seconds, not ten
        {"worker": work, "web": serve}[place](**order)
        code = 0
    finally:
        os._exit(code)


def wait_for(child: int, seconds: float) -> int | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    return None


def main() -> None:
    load()
    print(json.dumps("loaded"), flush=True)
    alive: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            answer: int | None = start(order)
            alive.add(answer or 0)
        else:
            answer = wait_for(order["wait"], order["seconds"])
            if answer is not None:
                alive.discard(order["wait"])
        print(json.dumps(answer), flush=True)
    for child in alive:  # the test is over, or was killed itself
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
