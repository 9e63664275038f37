"""The reference pages say what the code does: no setting and no command is missing, none is left over."""

from __future__ import annotations

import re

from kefu.command.main import COMMANDS
from kefu.kernel.home import BASE_DIR

_READ = re.compile(r"""(?:environ(?:\.get|\.setdefault)?[\[(]|getenv\()\s*["'](KEFU_[A-Z_]+|DATABASE_URL|CI)["']""")


def test_every_setting_of_the_code_is_documented_and_no_other():
    code = (path.read_text() for path in (BASE_DIR / "kefu").rglob("*.py") if "tests" not in path.parts)
    read = {name for text in code for name in _READ.findall(text)}
    page = (BASE_DIR / "docs" / "reference" / "settings.md").read_text()
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert documented == read


def test_every_command_is_documented_and_no_other():
    page = (BASE_DIR / "docs" / "reference" / "command.md").read_text()
    rows = re.findall(r"^\| (`kefu .*?) \|", page, re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`kefu (\w+)", row)}
    assert documented == set(COMMANDS)
