"""The interface's catalogues: gathered from the code, checked for completeness, compiled for gettext.

python -m kefu.web.translations update    bring new texts into every .po, drop those that nobody says any more
python -m kefu.web.translations check     name every text that is missing or broken; ends with 1 if there is one
python -m kefu.web.translations compile   write the .mo files (they are not kept in git)
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from kefu.kernel.errors import Refused
from kefu.kernel.translations import compile_translations

WEB = Path(__file__).parent
#: rooms whose code has words for people: pages, and the labels of channels' forms
ROOMS = (WEB, WEB.parent / "channels")
LOCALE = WEB / "locale"
PACKS = WEB.parents[1] / "packs"
#: directory of each language besides English, which is what the code itself says
LANGUAGES = ("zh_Hans",)
_KEYWORDS = {"_": None, "noop": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_JINJA = {"extensions": "jinja2.ext.do", "newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
#: where the refusals live that a page may show: their docstrings are sentences for people
_REFUSALS = (
    "kefu.kernel.errors", "kefu.kernel.crypto", "kefu.desk.errors", "kefu.channels.base", "kefu.channels.errors",
    "kefu.web.desk.lists", "kefu.assistant.editions.errors", "kefu.assistant.approvals.errors",
)  # fmt: skip
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def texts() -> Catalog:
    """Every text of the interface as the code and the templates say it now."""
    catalog = Catalog(project="Kefu", charset="utf-8")
    for path in sorted(path for room in ROOMS for path in room.rglob("*.py")):
        if "tests" not in path.parts:
            _gather(catalog, path, "python", {})
    for path in sorted((WEB / "templates").rglob("*.html")):
        _gather(catalog, path, "jinja2.ext:babel_extract", _JINJA)
    for kind in _refusals():
        catalog.add(inspect.cleandoc(kind.__doc__ or "").replace("\n", " "), locations=[(kind.__module__, 0)])
    for place, said in (*_playbooks(), *_decisions()):
        catalog.add(said, locations=[(place, 0)])
    return catalog


def _playbooks() -> Iterator[tuple[str, str]]:
    """When the packs' playbooks are begun and when not: managers read it in the list of procedures."""
    for path in sorted(PACKS.glob("*/playbooks/**/*.yaml")):
        if not path.name.endswith(".scenarios.yaml"):
            said = yaml.safe_load(path.read_text(encoding="utf-8"))
            for key in ("when", "not_when"):
                if said.get(key):
                    yield path.relative_to(PACKS.parent).as_posix(), str(said[key])


def _decisions() -> Iterator[tuple[str, str]]:
    """Sources of rules and rows that are the shop's own decisions; laws and others' terms are cited as they stand."""
    for kind in ("policies", "tables", "remedies"):
        for path in sorted(PACKS.glob(f"*/{kind}/**/*.yaml")):
            for row in yaml.safe_load(path.read_text(encoding="utf-8")) or ():
                said = " ".join(str(row.get("source", "")).split())
                if "Shop:" in said:
                    yield path.relative_to(PACKS.parent).as_posix(), said


def _gather(catalog: Catalog, path: Path, method: str, options: dict[str, str]) -> None:
    for _line, message, comments, context in extract_from_file(method, path, keywords=_KEYWORDS, options=options):
        place = path.relative_to(WEB.parents[1]).as_posix()
        catalog.add(message, locations=[(place, 0)], auto_comments=comments, context=context)


def _refusals() -> Iterator[type[Refused]]:
    for name in _REFUSALS:
        for _name, kind in inspect.getmembers(import_module(name), inspect.isclass):
            if issubclass(kind, Refused) and kind.__module__ == name:
                yield kind


def catalogue_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _read(language: str) -> Catalog:
    path = catalogue_file(language)
    if not path.exists():
        return Catalog(locale=language, domain="django", project="Kefu", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def update() -> None:
    """Bring every .po up to date. Texts are matched exactly: a changed English sentence is translated anew."""
    template = texts()
    for language in LANGUAGES:
        catalog = _read(language)
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        # the header names nobody and no moment: two people who update write the same file
        catalog.project, catalog.version, catalog.copyright_holder = "Kefu", "1", "the Kefu authors"
        catalog.header_comment = (
            f"# Kefu's interface, {language}. Texts come from kefu/web and kefu/channels; see translations.py."
        )
        catalogue_file(language).parent.mkdir(parents=True, exist_ok=True)
        with catalogue_file(language).open("wb") as file:
            write_po(file, catalog, width=110, no_location=True, sort_output=True, omit_header=False)


def faults() -> list[str]:
    """What is missing or broken, one sentence each; empty when every language is complete."""
    template = texts()
    found = []
    for language in LANGUAGES:
        catalog = _read(language)
        for message in template:
            if message.id:
                translated = catalog.get(message.id, message.context)
                found += [f"{language}: {fault}" for fault in _faults_of(message, translated)]
        spare = [message.id for message in catalog if message.id and template.get(message.id, message.context) is None]
        found += [f"{language}: nobody says {one!r} any more; run update" for one in spare]
    return found


def _faults_of(message: Message, translated: Message | None) -> list[str]:
    source = message.id[0] if isinstance(message.id, tuple | list) else message.id
    said = (translated.string if translated else "") or ""
    words = [str(one) for one in said] if isinstance(said, tuple | list) else [said]
    if translated is None or not all(words):
        return [f"no translation of {source!r}"]
    if translated.fuzzy:
        return [f"the translation of {source!r} is marked fuzzy"]
    wanted = set(_PLACEHOLDER.findall(source))
    other = [one for one in words if set(_PLACEHOLDER.findall(one)) != wanted]
    return [f"{one!r} has other placeholders than {source!r}" for one in other]


def main(deed: str) -> int:
    import django

    django.setup()
    if deed == "update":
        update()
    elif deed == "compile":
        compile_translations(LOCALE)
    elif deed == "check":
        wrong = faults()
        print("\n".join(wrong))
        return 1 if wrong else 0
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
