"""Every visible text of the pages has a Chinese one; none is left over, none is fuzzy.

Texts are found as Babel finds them: gettext calls in kefu/web and kefu/api, {% trans %} and _() in the templates,
gettext() in the scripts. `--write` adds what is missing to the catalogues, empty, and drops what is gone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "kefu" / "web" / "locale"
KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "trans": None,
}  # fmt: skip
TEMPLATES = {"encoding": "utf-8", "trimmed": "true", "silent": "false"}
#: catalogue -> folder, patterns
SOURCES: dict[str, list[tuple[str, list[tuple[str, str]], dict[str, str]]]] = {
    "django": [
        ("kefu/web", [("**.py", "python"), ("templates/**", "jinja2.ext.babel_extract:babel_extract")], TEMPLATES),
        ("kefu/api", [("**.py", "python")], {}),
    ],
    "djangojs": [("kefu/web/static", [("**.js", "javascript")], {})],
}


def main(*, write: bool) -> int:
    faults = []
    for domain in SOURCES:
        wanted = Catalog()
        for file, line, message, context in _texts(domain):
            wanted.add(message, locations=[(file, line)], context=context)
        if not len(wanted):
            continue
        files = sorted(LOCALE.glob(f"*/LC_MESSAGES/{domain}.po"))
        if not files:
            faults.append(
                f"there is no {domain}.po below {LOCALE.relative_to(ROOT)}, but {len(wanted)} texts to translate"
            )
        for catalogue in files:
            faults += _compare(catalogue, wanted, write=write)
    print("\n".join(faults) if faults else "complete")
    return 1 if faults else 0


def _texts(domain: str) -> Iterator[tuple[str, int, Any, str | None]]:
    for folder, methods, options in SOURCES[domain]:
        known = [
            (pattern, method.partition(":")[0] if "jinja" not in method else "jinja2") for pattern, method in methods
        ]
        if not (ROOT / folder).exists():
            continue
        for name, line, message, _comments, context in extract_from_dir(
            str(ROOT / folder), known, {"**": options, "templates/**": options}, keywords=KEYWORDS,
            directory_filter=lambda path: Path(path).name not in ("tests", "locale", "migrations", "vendor"),
        ):  # fmt: skip
            yield f"{folder}/{name}", line, message, context


def _compare(file: Path, wanted: Catalog, *, write: bool) -> list[str]:
    name = file.relative_to(ROOT)
    with file.open("rb") as source:
        have = read_po(source)
    if write:
        have.update(wanted, no_fuzzy_matching=True, keep_user_comments=True)
        have.obsolete.clear()
        with file.open("wb") as out:
            write_po(out, have, width=110, no_location=True, sort_output=True)
    faults = []
    for message in wanted:
        if not message.id:
            continue
        found = have.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        where = ":".join(map(str, message.locations[0])) if message.locations else ""
        if found is None or not found.string or (isinstance(found.string, tuple) and not all(found.string)):
            faults.append(f"{name}: no translation of {message.id!r} ({where})")
        elif found.fuzzy:
            faults.append(f"{name}: the translation of {message.id!r} is marked fuzzy: look at it, drop the mark")
    for message in have:
        if (
            message.id
            and wanted.get(message.id if isinstance(message.id, str) else message.id[0], message.context) is None
        ):
            faults.append(f"{name}: nothing uses {message.id!r} any more: drop it")
    return faults


if __name__ == "__main__":
    sys.exit(main(write="--write" in sys.argv[1:]))
