"""The reference pages say what the code does: nothing is missing, nothing is left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from kefu.assistant.dialogue.talk import Traced
from kefu.assistant.engine.effects import HAND_OVER_REASONS
from kefu.assistant.turn import why
from kefu.command.main import COMMANDS
from kefu.kernel.home import BASE_DIR

_READ = re.compile(r"""(?:environ(?:\.get|\.setdefault)?[\[(]|getenv\()\s*["'](KEFU_[A-Z_]+|DATABASE_URL|CI)["']""")
_KIND = re.compile(r"(?:desk|assistant|commerce|channels|people)\.[a-z_]+")
DOCS = BASE_DIR / "docs"


def page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def part(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one."""
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def code() -> Iterator[Path]:
    return (path for path in (BASE_DIR / "kefu").rglob("*.py") if "tests" not in path.parts)


def rows(text: str) -> dict[str, str]:
    """First cell -> second cell of each table row whose first cell is one `name`."""
    return dict(re.findall(r"^\| `([^`|]+)` \| ?(.*?) ?\|$", text, re.MULTILINE))


def test_every_setting_of_the_code_is_documented_and_no_other():
    read = {name for path in code() for name in _READ.findall(path.read_text())}
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", page("settings.md"), re.MULTILINE))
    assert documented == read


def test_every_command_is_documented_and_no_other():
    cells = re.findall(r"^\| (`kefu .*?) \|", page("command.md"), re.MULTILINE)
    documented = {name for cell in cells for name in re.findall(r"`kefu (\w+)", cell)}
    assert documented == set(COMMANDS)


def test_every_kind_of_event_is_documented_and_no_other():
    declared = set()
    for path in code():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
                value = node.value.value
                in_events = path.name == "events.py" or path.name == "perform.py"
                if names and in_events and isinstance(value, str) and _KIND.fullmatch(value):
                    declared.add(value)
    documented = {name for name in rows(page("events.md")) if _KIND.fullmatch(name)}
    assert documented == declared
    assert len(declared) > 30


def test_events_are_recorded_by_the_names_of_their_kinds_and_never_by_hand():
    """A kind that is typed where it is recorded would be missing on the page."""
    for path in code():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("record", "record_apart")) and node.args:
                first = node.args[0]
                assert not isinstance(first, ast.Constant), f"{path}:{node.lineno}"
                if ast.unparse(node.func).startswith(("events.", "desk_events.")):
                    assert any(word.arg == "by" for word in node.keywords), f"{path}:{node.lineno} has no actor"


def test_the_why_of_a_reply_has_the_shape_that_is_documented():
    told = rows(part(page("events.md"), "Why"))
    keys = _keys_of(why.explain)
    assert list(told) == keys
    for function, key in ((why._meant, "understanding"), (Traced.to_json, "cases")):
        assert [name for name in _keys_of(function) if f"`{name}`" not in told[key]] == []
    assert {field.name for field in fields(Traced)} >= {"case", "playbook", "steps", "rules", "rows", "acts"}


def _keys_of(function: object) -> list[str]:
    """The keys of the first dictionary that a function returns, as its source says them."""
    import inspect
    import textwrap

    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))  # type: ignore[arg-type]
    returned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    shape = next(one for one in returned if isinstance(one, ast.Dict))
    return [str(key.value) for key in shape.keys if isinstance(key, ast.Constant)]


def test_the_reasons_for_calling_a_person_are_documented():
    line = re.search(r"Reasons of a hand-over: (.+)\.", page("events.md"))
    assert line is not None
    assert tuple(re.findall(r"`(\w+)`", line[1])) == HAND_OVER_REASONS


def test_every_page_stands_on_its_shelf_in_the_list_of_documents():
    listed = set(re.findall(r"\]\(([\w/.-]+\.md)\)", (DOCS / "README.md").read_text(encoding="utf-8")))
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"README.md"}
    assert there - listed == set()
    assert {path for path in listed if not path.startswith("../")} - there <= {"bench.md"}  # written by make bench


def test_every_room_says_on_one_screen_what_it_owns():
    rooms = [path for path in (BASE_DIR / "kefu").iterdir() if (path / "__init__.py").exists()]
    assert [room.name for room in rooms if not (room / "README.md").exists()] == []
    assert [room.name for room in rooms if len((room / "README.md").read_text().splitlines()) > 60] == []


def test_the_readme_names_only_files_that_exist():
    text = (BASE_DIR / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:packs|docs|kefu)/[\w/.-]+)`", text))
    assert named
    assert [name for name in named if not (BASE_DIR / name).exists()] == []
