"""The house keeps its own rules where no tool checks them."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings

from kefu.kernel.home import BASE_DIR

ROOMS = sorted(config.name.partition(".")[2] for config in apps.get_app_configs() if config.name.startswith("kefu."))


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_on_one_screen_what_it_is(room: str):
    lines = (BASE_DIR / "kefu" / room / "README.md").read_text().splitlines()
    assert 5 <= len(lines) <= 60


def test_packs_hold_data_and_no_code():
    code = [path for path in (BASE_DIR / "packs").rglob("*") if path.suffix in {".py", ".js", ".sh"}]
    assert code == []


def test_every_installed_pack_is_there():
    assert [pack for pack in settings.PACKS if not (settings.PACKS_DIR / pack).is_dir()] == []


def test_no_file_knows_a_path_of_the_machine_it_was_written_on():
    known = ("/" + "work/", "/" + "root/.pyenv")
    texts = [
        *BASE_DIR.glob("docs/**/*.md"),
        *BASE_DIR.glob("kefu/**/*.py"),
        *BASE_DIR.glob("scripts/*"),
        BASE_DIR / "Makefile",
    ]
    assert [str(path) for path in texts if path.is_file() and any(word in path.read_text() for word in known)] == []
