"""The processes of a Kefu: started together, mended, ended together; and jobs that outlive their worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import connection

from kefu.command.department import Department
from kefu.command.main import COMMANDS, cli
from kefu.command.ports import PortTaken, require_free
from kefu.kernel.home import BASE_DIR
from kefu.kernel.postgres.postmaster import free_port
from kefu.kernel.worker import CRASHES, revive_stalled_jobs


def wait_for(what: Callable[[], object], *, seconds: float = 20) -> object:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain")


# --- children -----------------------------------------------------------------------------------------------------


class Troupe(Department):
    """A department whose only children are what a test adds."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        super().__init__(port=free_port(), events_port=free_port(), say=lambda *line: self.lines.append(line))
        self.children.clear()

    def said(self, text: str) -> bool:
        return any(text in line for _, line in self.lines)


def script(tmp_path: Path, code: str) -> list[str]:
    file = tmp_path / "child.py"
    file.write_text(textwrap.dedent(code))
    return [sys.executable, str(file)]


def test_a_child_that_dies_is_started_again_and_its_lines_are_shown(tmp_path: Path):
    troupe = Troupe()
    troupe.add(
        "child", script(tmp_path, "import os; print('I am', os.getpid(), flush=True); import time; time.sleep(60)")
    )
    with troupe:
        wait_for(lambda: troupe.said("I am"))
        first = troupe.children[0].process
        assert first is not None
        first.kill()
        wait_for(lambda: first.poll() is not None)
        troupe.mend()
        assert troupe.said("was killed by signal 9; it is started again in 1 s")
        wait_for(lambda: troupe.mend() or troupe.children[0].process)
        second = troupe.children[0].process
        assert second is not None
        assert second.pid != first.pid
    assert second.poll() is not None


def test_a_child_that_falls_at_once_is_started_ever_more_slowly(tmp_path: Path):
    troupe = Troupe()
    troupe.add("child", script(tmp_path, "raise SystemExit(3)"))
    with troupe:
        wait_for(lambda: troupe.mend() or troupe.said("started again in 2 s"))
    assert troupe.said("ended with code 3; it is started again in 1 s")


def test_a_killed_parent_leaves_no_children(tmp_path: Path):
    """The children hold a pipe that only the parent keeps open; its end is the signal."""
    child = script(tmp_path, """
        import time
        from kefu.command import lifeline
        lifeline.hold()
        print("up", flush=True)
        time.sleep(60)
        """)  # fmt: skip
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(f"""
            import os, sys, time
            from tests.test_processes import Troupe
            troupe = Troupe()
            troupe.add("child", {child!r})
            troupe.start()
            while not troupe.said("up"): time.sleep(0.02)
            print(troupe.children[0].process.pid, flush=True)
            time.sleep(60)
            """)],
        cwd=BASE_DIR, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "kefu.kernel.settings", "PYTHONPATH": str(BASE_DIR)},
    )  # fmt: skip
    with parent:
        assert parent.stdout is not None
        orphan = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    wait_for(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)


def test_a_taken_port_is_said_with_the_cure():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTaken, match="--port"):
            require_free("127.0.0.1", other.getsockname()[1])


def test_help_lists_the_commands_that_are_there():
    said = CliRunner().invoke(cli, ["--help"])
    assert said.exit_code == 0
    for name in ("up", "web", "events", "worker", "mail", "backup", "restore", "check"):
        assert f"  {name} " in said.output
    assert CliRunner().invoke(cli, ["no-such-command"]).exit_code == 2
    assert set(COMMANDS) >= {"demo", "chat", "import", "export"}


# --- jobs ---------------------------------------------------------------------------------------------------------


def put_job(*, attempts: int = 1, worker: int | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status, attempts, worker_id) "
            "VALUES ('tests', 'tests.nothing', 0, '{}', 'doing', %s, %s) RETURNING id",
            [attempts, worker],
        )
        return int(cursor.fetchone()[0])


def put_worker(*, seconds_ago: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - make_interval(secs => %s)) RETURNING id",
            [seconds_ago],
        )
        return int(cursor.fetchone()[0])


def status_of(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job])
        return str(cursor.fetchone()[0])


def test_jobs_of_a_dead_worker_are_done_again_and_those_of_a_living_one_are_not(db: None):
    dead = put_job(worker=put_worker(seconds_ago=120))
    forgotten = put_job(worker=None)
    alive = put_job(worker=put_worker(seconds_ago=5))
    assert sorted(revive_stalled_jobs(60)) == [dead, forgotten]
    assert [status_of(job) for job in (dead, forgotten, alive)] == ["todo", "todo", "doing"]
    assert revive_stalled_jobs(60) == []


def test_a_job_that_kills_every_worker_is_given_up(db: None):
    poison = put_job(attempts=CRASHES, worker=None)
    revive_stalled_jobs(60)
    assert status_of(poison) == "failed"


TASKS = """
import os, sys, time
import django
django.setup()
from django.db import connection, transaction
from kefu.kernel.jobs import job

@job(queue="tests", name="tests.inner")
def inner(of): pass

@job(queue="tests", name="tests.write")
def write(word):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO tests_words VALUES (%s, %s)", [word, os.getpid()])
        inner.defer(of=word)
        if word == "slow" and not os.path.exists(sys.argv[1]):
            open(sys.argv[1], "w").close()
            time.sleep(60)          # killed here, with the row and the inner job written but not committed
        if word == "fails":
            raise ZeroDivisionError

from kefu.kernel.worker import run_worker
run_worker(threads=2, queues=["tests"])
"""


@pytest.fixture
def words(transactional_db: None) -> Iterator[Callable[[], list[str]]]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE tests_words (word text, pid int)")

    def read() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT word FROM tests_words ORDER BY word")
            return [row[0] for row in cursor.fetchall()]

    yield read
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE tests_words")


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    name = connection.settings_dict["NAME"]
    url = settings.DATABASE_URL.rsplit("/", 1)[0] + f"/{name}"

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", TASKS, str(tmp_path / "was-here")],
            cwd=BASE_DIR,
            env=os.environ
            | {"DATABASE_URL": url, "KEFU_STALLED_SECONDS": "2", "DJANGO_SETTINGS_MODULE": "kefu.kernel.settings",
               "PYTHONPATH": str(BASE_DIR)},
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def defer(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status, attempts) "
            "VALUES ('tests', 'tests.write', 0, jsonb_build_object('word', %s::text), 'todo', 0)",
            [word],
        )


def inner_jobs() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'of' FROM procrastinate_jobs WHERE task_name = 'tests.inner' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def test_a_job_whose_worker_is_killed_in_the_middle_is_done_once_by_another(
    words: Callable[[], list[str]], start_worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
):
    defer("slow")
    first = start_worker()
    wait_for((tmp_path / "was-here").exists)
    first.kill()
    first.wait()
    assert words() == []  # rolled back with its inner job
    assert inner_jobs() == []
    start_worker()
    wait_for(lambda: words() == ["slow"])
    wait_for(lambda: inner_jobs() == ["slow"])


def test_a_job_that_fails_leaves_nothing_it_had_asked_for(
    words: Callable[[], list[str]], start_worker: Callable[[], subprocess.Popen[bytes]]
):
    """Procrastinate's usual worker would keep the inner job: it defers on a connection of its own."""
    defer("fails")
    defer("works")
    worker = start_worker()
    wait_for(lambda: words() == ["works"])
    wait_for(lambda: inner_jobs() == ["works"])
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert inner_jobs() == ["works"]
