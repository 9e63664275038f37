"""A whole installation in one file: the database, the uploaded files, and a note which key they belong to.

The archive is a tar: `manifest.json`, `database.dump` (pg_dump, custom format), `files/…`, and `secret.key` when asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings
from django.db import connection

from kefu.kernel import clock
from kefu.kernel.errors import KefuError, Refused
from kefu.kernel.postgres.binaries import find_binaries

FORMAT = 1


class NotAnArchive(Refused):
    """The file is not an archive of `kefu backup`, or it is damaged. Take another copy of it."""

    code = "kernel.not_an_archive"


class DatabaseInUse(Refused):
    """Other processes work on this database. Stop `kefu up` and whatever else uses it, then restore again."""

    code = "kernel.database_in_use"


class DatabaseNotEmpty(Refused):
    """This database holds a shop already. Restore into an empty one, or replace it for good with --over."""

    code = "kernel.database_not_empty"


class DumpFailed(KefuError):
    """PostgreSQL's own program failed. When it speaks of versions: set KEFU_PG_BIN to the programs of your server's
    version."""

    code = "kernel.dump_failed"


@dataclass(frozen=True, slots=True)
class Manifest:
    """key: a fingerprint of the SECRET_KEY that the secrets inside are encrypted with; files: how many."""

    format: int
    made_at: str
    key: str
    files: int
    has_key: bool


def key_fingerprint() -> str:
    return hashlib.sha256(f"kefu:backup:{settings.SECRET_KEY}".encode()).hexdigest()[:16]


def back_up(target: Path, *, with_key: bool = False) -> Manifest:
    """Write the archive, readable by its owner alone. Kefu may run meanwhile: the database is dumped as of one moment,
    and the files of its rows, never changed once written, are copied after it. Raises DumpFailed."""
    part = target.with_name(f".{target.name}.part")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".kefu-backup-") as folder:
        dump = Path(folder) / "database.dump"
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        files = list(_files())
        manifest = Manifest(FORMAT, clock.now().isoformat(), key_fingerprint(), len(files), with_key)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                with tarfile.open(fileobj=out, mode="w|") as archive:
                    _add_text(archive, "manifest.json", json.dumps(asdict(manifest)))
                    if with_key:
                        _add_text(archive, "secret.key", settings.SECRET_KEY)
                    archive.add(dump, "database.dump")
                    for file in files:
                        archive.add(file, f"files/{file.relative_to(settings.MEDIA_ROOT).as_posix()}")
                out.flush()
                os.fsync(out.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return manifest


def restore(source: Path, *, over: bool = False) -> Manifest:
    """Put an archive's database and files in place of what is here.

    The database changes in one transaction, all or nothing; files that were here before are moved aside.
    Raises NotAnArchive, DatabaseInUse, DatabaseNotEmpty (unless `over`), DumpFailed. Migrate afterwards.
    """
    home = Path(settings.KEFU_HOME)
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as folder:
        manifest = _unpack(source, Path(folder))
        _require_unused()
        if not over:
            _require_empty()
        _replace_database(Path(folder) / "database.dump")
        _replace_files(Path(folder) / "files")
    return manifest


def _unpack(source: Path, folder: Path) -> Manifest:
    """Only regular files below names of our own, whatever the tar says."""
    (folder / "files").mkdir()
    manifest = None
    try:
        with tarfile.open(source, mode="r:") as archive:
            for member in archive:
                name = PurePosixPath(member.name)
                if not member.isfile() or name.is_absolute() or ".." in name.parts:
                    raise NotAnArchive(file=str(source), problem=f"it holds {member.name!r}")
                content = archive.extractfile(member)
                if content is None:
                    raise NotAnArchive(file=str(source))
                if member.name == "manifest.json":
                    manifest = Manifest(**json.load(content))
                elif member.name == "database.dump" or name.parts[0] == "files":
                    _copy(content, folder / name)
    except (tarfile.TarError, OSError, ValueError, TypeError) as problem:
        raise NotAnArchive(file=str(source), problem=str(problem)) from problem
    if manifest is None or manifest.format != FORMAT or not (folder / "database.dump").exists():
        raise NotAnArchive(file=str(source))
    return manifest


def _copy(content: IO[bytes], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        shutil.copyfileobj(content, out)


def _replace_database(dump: Path) -> None:
    """pg_restore writes SQL, psql runs it; COMMIT is sent only when pg_restore ended well."""
    binaries, environment = find_binaries(), _environment()
    with tempfile.TemporaryFile() as errors:
        psql = subprocess.Popen(
            [binaries.program("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors,
        )  # fmt: skip
        pg_restore = subprocess.Popen(
            [binaries.program("pg_restore"), "--file=-", "--no-owner", "--no-privileges", str(dump)],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
        with psql, pg_restore:
            if psql.stdin is None or pg_restore.stdout is None:
                raise DumpFailed()
            try:
                psql.stdin.write(b"BEGIN; DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n")
                shutil.copyfileobj(pg_restore.stdout, psql.stdin)
                if pg_restore.wait() == 0:
                    psql.stdin.write(b"\nCOMMIT;\n")
                psql.stdin.close()
            except BrokenPipeError:  # psql stopped at an error, which it has told
                pg_restore.kill()
        if psql.returncode != 0 or pg_restore.returncode != 0:
            errors.seek(0)
            raise DumpFailed(said=errors.read()[-600:].decode(errors="replace").strip())


def _replace_files(fresh: Path) -> None:
    media = Path(settings.MEDIA_ROOT)
    if media.exists() and any(media.iterdir()):
        media.rename(media.with_name(f"{media.name}.before-restore-{clock.now():%Y%m%d-%H%M%S}"))
    elif media.exists():
        media.rmdir()
    media.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(fresh, media)


def _require_unused() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        others = cursor.fetchone()[0]
    connection.close()
    if others:
        raise DatabaseInUse(connections=others)


def _require_empty() -> None:
    if "people_brand" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM people_brand")
            brands = cursor.fetchone()[0]
        if brands:
            raise DatabaseNotEmpty(brands=brands)
    connection.close()


def _files() -> Iterator[Path]:
    media = Path(settings.MEDIA_ROOT)
    return (path for path in sorted(media.rglob("*")) if path.is_file() and not path.is_symlink())


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(text.encode()), 0o600
    archive.addfile(info, BytesIO(text.encode()))


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [find_binaries().program(program), *arguments],
        env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise DumpFailed(program=program, said=done.stderr[-600:].strip())


def _environment() -> dict[str, str]:
    """The connection as libpq's variables: a password on a command line is there for everybody to read."""
    given = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
             "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {variable: str(given[name]) for name, variable in names.items() if given.get(name)}
