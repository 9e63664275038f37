"""The database folder: made once, checked at every start, configured anew at every start."""

from __future__ import annotations

import locale
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg

from kefu.kernel.postgres.account import Account
from kefu.kernel.postgres.binaries import Binaries
from kefu.kernel.postgres.errors import DidNotStart, WrongVersion

SUPERUSER = DATABASE = "kefu"


def new_password() -> str:
    return secrets.token_urlsafe(24)


def create(data: Path, binaries: Binaries, account: Account, *, password: str, fast: bool) -> None:
    """initdb into a folder beside `data`, renamed when it is whole: a kill in between leaves nothing half made."""
    for leftover in data.parent.glob(".initdb-*"):
        shutil.rmtree(leftover)
    fresh = Path(tempfile.mkdtemp(dir=data.parent, prefix=".initdb-"))
    secret = Path(tempfile.mkstemp(dir=data.parent, prefix=".initdb-password-")[1])
    try:
        secret.write_text(password)
        account.give(fresh)
        account.give(secret)
        command = [
            binaries.program("initdb"),
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *_locale(),
            *(["--no-sync"] if fast else []),
        ]
        said = subprocess.run(
            command, cwd="/", env=_environment(), capture_output=True, text=True, check=False, **account.popen()
        )
        if said.returncode != 0:
            raise DidNotStart(said=(said.stderr or said.stdout).strip()[-600:])
        fresh.rename(data)
    finally:
        secret.unlink(missing_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)


def _locale() -> list[str]:
    """Trigrams of Chinese need a UTF-8 LC_CTYPE; sorting stays by code point, the same on every machine."""
    try:
        before = locale.setlocale(locale.LC_CTYPE)
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
        locale.setlocale(locale.LC_CTYPE, before)
    except locale.Error:  # older macOS has no C.UTF-8, but its own name for the same
        return ["--locale=C", "--lc-ctype=UTF-8"]
    return ["--locale=C.UTF-8"]


#: bytes of a socket's path; Linux takes 107, macOS 103
LONGEST_SOCKET = 103


def check_version(data: Path, binaries: Binaries) -> None:
    made_by = (data / "PG_VERSION").read_text().strip()
    if made_by != str(binaries.major):
        raise WrongVersion(folder=str(data), folder_version=made_by, programs_version=binaries.major)


def set_password(data: Path, binaries: Binaries, account: Account, *, password: str) -> None:
    """For a folder whose connection.json was lost; the server is not running."""
    statement = f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\n"
    command = [binaries.program("postgres"), "--single", "-D", str(data), "postgres"]
    said = subprocess.run(
        command, input=statement, cwd="/", env=_environment(), capture_output=True, text=True, check=False,
        **account.popen(),
    )  # fmt: skip
    if said.returncode != 0:
        raise DidNotStart(said=said.stderr.strip()[-600:])


def write_conf(data: Path, *, port: int, fast: bool, account: Account) -> None:
    """Our settings, and who may come in: this machine, with the password."""
    shared = min(1024, max(64, psutil.virtual_memory().total // 2**20 // 8))
    lines = [
        "# Written by kefu at every start. Put changes of your own into own.conf beside it.",
        "listen_addresses = '127.0.0.1'",
        f"unix_socket_directories = '{socket_folder(data) or ''}'",
        f"port = {port}",
        "max_connections = 120",
        f"shared_buffers = {shared}MB",
        f"effective_cache_size = {shared * 4}MB",
        "random_page_cost = 1.1",
        "jit = off",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "lc_messages = 'C'",
        "password_encryption = 'scram-sha-256'",
        "wal_level = minimal",
        "max_wal_senders = 0",
        "max_wal_size = 2GB",
        "logging_collector = on",
        "log_directory = 'log'",
        "log_filename = 'postgresql-%a.log'",
        "log_truncate_on_rotation = on",
        "log_min_duration_statement = 2000",
        *(["fsync = off", "synchronous_commit = off", "full_page_writes = off"] if fast else []),
        "include_if_exists = 'own.conf'",
    ]
    _write(data / "postgresql.conf", "\n".join(lines) + "\n", account)
    _write(data / "pg_hba.conf", "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n", account)


def socket_folder(data: Path) -> Path | None:
    """Where the server's socket lies: in the data folder, which is closed to others. Over TCP each statement costs
    both sides more. None where the path is too long for a socket or has characters that need quoting."""
    room = LONGEST_SOCKET - len("/.s.PGSQL.65535")
    return data if len(os.fsencode(data)) <= room and re.fullmatch(r"[\w./-]+", str(data), re.ASCII) else None


def create_database(url: str) -> None:
    """The database `kefu`, once."""
    with psycopg.connect(_maintenance(url), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _maintenance(url: str) -> str:
    return url.rsplit("/", 1)[0] + "/postgres"


def _write(file: Path, text: str, account: Account) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.chmod(0o600)
    account.give(fresh)
    fresh.replace(file)


def _environment() -> dict[str, str]:
    """Without PG* variables of the caller, which would point the programs elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
