"""A backup is worth what a restore makes of it: round trip through the real commands, on databases of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from kefu.conftest import as_migrated, database_url

pytestmark = pytest.mark.django_db  # so that there is a migrated database to copy
SHOP = """
INSERT INTO people_brand (slug, name, pack, languages, currency, country, time_zone, settings)
VALUES ('lumen', 'Lumen 客服', 'ecommerce', '["en"]', 'EUR', 'DE', 'Europe/Berlin', '{}');
INSERT INTO desk_event (brand_id, kind, actor_kind, actor_name, facts, at)
SELECT id, 'desk.tested', 'system', '', '{}', now() FROM people_brand;
"""


@dataclass
class Installation:
    url: str
    home: Path

    def kefu(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"DATABASE_URL": self.url, "KEFU_HOME": str(self.home), "KEFU_DB_POOL": "0"}
        environment.pop("KEFU_SECRET_KEY", None)
        return subprocess.run(
            [sys.executable, "-m", "kefu", *words], env=environment, capture_output=True, text=True, timeout=100
        )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def shop_and_empty(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, Installation]]:
    """One installation with a brand, an event and a file; one with an empty database."""
    names = [f"kefu_backup_{kind}_{os.getpid()}" for kind in ("shop", "empty")]
    as_migrated(names[0])
    with psycopg.connect(database_url("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {names[1]}")
        shop, empty = (Installation(database_url(name), tmp_path_factory.mktemp(name)) for name in names)
        try:
            with psycopg.connect(shop.url) as connection:
                connection.execute(SHOP)
            (shop.home / "files" / "ab").mkdir(parents=True)
            (shop.home / "files" / "ab" / "photo.jpg").write_bytes(b"\xff\xd8 a photo")
            yield shop, empty
        finally:
            for name in names:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_what_was_backed_up_comes_back_whole_and_only_where_nothing_is_lost(
    shop_and_empty: tuple[Installation, Installation], tmp_path: Path
):
    shop, empty = shop_and_empty
    archive = tmp_path / "kefu.tar"

    made = shop.kefu("backup", str(archive))
    assert made.returncode == 0, made.stderr
    assert archive.stat().st_mode & 0o077 == 0
    with tarfile.open(archive) as members:
        assert "secret.key" not in members.getnames()
    assert "secret.key" in made.stdout  # where it lies, and that it must be kept

    came_back = empty.kefu("restore", str(archive))
    assert came_back.returncode == 0, came_back.stderr
    assert "another secret key" in came_back.stdout
    assert empty.rows("SELECT name FROM people_brand") == [("Lumen 客服",)]
    assert empty.rows("SELECT kind FROM desk_event") == [("desk.tested",)]
    assert (empty.home / "files" / "ab" / "photo.jpg").read_bytes() == b"\xff\xd8 a photo"
    with psycopg.connect(empty.url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute("DELETE FROM desk_event")  # the guards came back too

    again = empty.kefu("restore", str(archive))
    assert again.returncode == 1
    assert "--over" in again.stderr

    with psycopg.connect(empty.url):  # somebody works on it
        in_use = empty.kefu("restore", str(archive), "--over")
    assert in_use.returncode == 1
    assert "kefu up" in in_use.stderr

    over = empty.kefu("restore", str(archive), "--over")
    assert over.returncode == 0, over.stderr
    assert empty.rows("SELECT count(*) FROM people_brand") == [(1,)]


def test_a_damaged_archive_changes_nothing(shop_and_empty: tuple[Installation, Installation], tmp_path: Path):
    shop, _ = shop_and_empty
    archive, broken = tmp_path / "kefu.tar", tmp_path / "broken.tar"
    assert shop.kefu("backup", str(archive)).returncode == 0
    with tarfile.open(archive) as whole, tarfile.open(broken, "w") as half:
        half.addfile(whole.getmember("manifest.json"), whole.extractfile("manifest.json"))
        dump = whole.getmember("database.dump")
        content = whole.extractfile(dump)
        assert content is not None
        dump.size //= 2
        half.addfile(dump, content)
    refused = shop.kefu("restore", str(broken), "--over")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert shop.rows("SELECT name FROM people_brand") == [("Lumen 客服",)]

    (tmp_path / "letter.txt").write_text("not a backup")
    assert "not an archive" in shop.kefu("restore", str(tmp_path / "letter.txt"), "--over").stderr


def test_an_archive_that_wants_to_write_elsewhere_is_refused(
    shop_and_empty: tuple[Installation, Installation], tmp_path: Path
):
    shop, _ = shop_and_empty
    evil = tmp_path / "evil.tar"
    (tmp_path / "note").write_text("gotcha")
    with tarfile.open(evil, "w") as archive:
        archive.add(tmp_path / "note", "files/../../../gotcha")
    refused = shop.kefu("restore", str(evil), "--over")
    assert refused.returncode == 1
    assert "not an archive" in refused.stderr
    assert not list(shop.home.parent.rglob("gotcha"))
