"""Tables a manager changes row by row: plain forms, checked while somebody types, kept in the file's draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kefu.assistant.editions import services
from kefu.assistant.editions.errors import DraftMovedOn
from kefu.assistant.editions.rows import moved, rows_in, with_row, without_row, written_row
from kefu.assistant.editions.sources import digest
from kefu.assistant.remedies.table import SHAPES
from kefu.commerce.tables.columns import Column
from kefu.commerce.tables.loader import read_sources
from kefu.commerce.tables.shapes import TABLES, Row
from kefu.kernel import clock
from kefu.web.desk import labels, shell, table_words
from kefu.web.desk.brand_files import BrandFile, editable
from kefu.web.desk.cases import reading_language
from kefu.web.desk.overtaken import overtaken
from kefu.web.desk.table_forms import fields_of, row_from
from kefu.web.middleware import AgentRequest

#: files in which the first row that fits is used
IN_ORDER = ("remedies/ladder.yaml",)
#: columns that stand in the row's head or foot, not in its list
_APART = ("floor",)


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row as people read it. facts: (column, value) pairs of what says something. change: "", "new" or "changed"."""

    id: str
    said: str
    facts: tuple[tuple[str, str], ...]
    source: str
    dated: str
    is_law: bool
    change: str = ""


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a draft does to a row: "new", "gone", "changed" or "moved", and (column, before, after) of what differs."""

    id: str
    what: str
    columns: tuple[tuple[str, str, str], ...] = ()


def shape_of(file: str) -> Mapping[str, Column]:
    """The columns of a table's file. Raises Http404."""
    kind, _slash, name = file.partition("/")
    shape = (TABLES if kind == "tables" else SHAPES).get(name.removesuffix(".yaml"))
    if shape is None:
        raise Http404("no such table")
    return shape


def read_rows(file: str, text: str) -> tuple[Row, ...]:
    """The rows of a text that can be read; () while it has faults."""
    kind, _slash, name = file.partition("/")
    tables, faults = read_sources({name: text}, shapes=TABLES if kind == "tables" else SHAPES)
    return () if faults else tables.rows.get(name.removesuffix(".yaml"), ())


def shown_rows(file: str, text: str, working: str) -> list[RowShown]:
    """The rows of the text, those marked that differ from what works."""
    before, shape = {row.id: row for row in read_rows(file, working)}, shape_of(file)
    found = []
    for row in read_rows(file, text):
        was = before.get(row.id)
        change = "new" if was is None else "changed" if _columns(was) != _columns(row) else ""
        facts = tuple(
            (table_words.column(name)[0], said)
            for name, held in row.values.items()
            if name not in _APART and held != shape[name].default and (said := table_words.shown(name, held))
        )
        found.append(
            RowShown(row.id, _said(row), facts, labels.source(row.source), row.dated.isoformat(),
                     row.values.get("floor") == "law", change)
        )  # fmt: skip
    return found


def _said(row: Row) -> str:
    return row.explanation.get(reading_language()) or row.explanation.get("en", "")


def _columns(row: Row) -> dict[str, Any]:
    own = {"source": row.source, "date": row.dated, "since": row.since, "until": row.until}
    return {**row.values, **own, "explanation": dict(row.explanation)}


def changes_of(file: str, working: str, text: str) -> list[RowChange]:
    """What the text changes row by row."""
    before, after = read_rows(file, working), read_rows(file, text)
    was, now = {row.id: row for row in before}, {row.id: row for row in after}
    found = []
    for row in after:
        if row.id not in was:
            found.append(RowChange(row.id, "new", _difference({}, _columns(row))))
        elif differs := _difference(_columns(was[row.id]), _columns(row)):
            found.append(RowChange(row.id, "changed", differs))
    found += [RowChange(row.id, "gone") for row in before if row.id not in now]
    kept = [row.id for row in before if row.id in now]
    if not after:
        return []
    order = [row.id for row in after if row.id in was]
    found += [RowChange(one, "moved") for one, other in zip(order, kept, strict=True) if one != other]
    return found


def _difference(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (table_words.column(name)[0], table_words.shown(name, was.get(name)), table_words.shown(name, now.get(name)))
        for name in now
        if was.get(name) != now[name] and (was.get(name) or now[name])
    )


# ---- one row ----


@require_http_methods(["GET", "POST"])
def row(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """The form of one row (?row=id), or of a new one. POST keeps it in the draft; 422 with the form while it has
    faults of its own."""
    opened, seen = editable(request, slug, file), request.POST.get("seen", "")
    row_id = _row_id(opened, request.GET.get("row", ""), may_be_gone=bool(seen))
    if request.method == "POST":
        columns = _dated(opened, row_id, row_from(request.POST, shape_of(file), row_id))
        text = with_row(opened.text, row_id, columns)
        problems, others = _problems(opened, row_id, text)
        if problems or others:
            return _form(request, opened, row_id, columns, problems, others, status=422)
        is_new = not request.GET.get("row")

        def change(now: str) -> str:
            if seen and not is_new and _digest_of(now, row_id) != seen:
                raise DraftMovedOn(file=file, row=row_id)
            free = _free_id(opened, now) if is_new else row_id
            return with_row(now, free, {**columns, "id": free})

        try:
            services.amend_draft(opened.brand, file, change=change, by=request.actor, author=request.agent)
        except DraftMovedOn:
            return _overtaken(request, editable(request, slug, file), row_id, columns)
        return redirect("desk:procedure", slug=slug, file=file)
    known = next((one for one in rows_in(opened.text) if one.id == row_id), None)
    new = {"date": clock.today(), "source": _("Shop: decided by the management"), "floor": "shop"}
    columns = dict(known.columns) if known else new
    return _form(request, opened, row_id, columns, {}, [])


@require_POST
def row_check(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """As somebody types: what is wrong with the row and what to write instead. Nothing is kept."""
    opened = editable(request, slug, file)
    row_id = _row_id(opened, request.GET.get("row", ""))
    text = with_row(opened.text, row_id, row_from(request.POST, shape_of(file), row_id))
    problems, others = _problems(opened, row_id, text)
    listed = [(table_words.column(name)[0], name, said) for name, said in problems.items()]
    return render(request, "desk/_row_check.html", {"problems": listed, "others": others})


@require_POST
def row_deed(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """Take a row out of the draft, or move it up or down."""
    opened = editable(request, slug, file)
    shape_of(file)
    row_id, deed = request.POST.get("row", ""), request.POST.get("deed", "")
    if deed not in ("remove", "up", "down"):
        raise Http404("no such deed")

    def change(now: str) -> str:
        return without_row(now, row_id) if deed == "remove" else moved(now, row_id, by=-1 if deed == "up" else 1)

    services.amend_draft(opened.brand, file, change=change, by=request.actor, author=request.agent)
    return redirect("desk:procedure", slug=slug, file=file)


def _digest_of(text: str, row_id: str) -> str:
    """Of what a row says; of a row that isn't there as well."""
    return digest(next((written_row(one.columns) for one in rows_in(text) if one.id == row_id), ""))


def _overtaken(request: AgentRequest, opened: BrandFile, row_id: str, columns: Mapping[str, Any]) -> HttpResponse:
    """The row as it stands now beside one's own."""
    now = {row.id: row for row in read_rows(opened.file, opened.text)}.get(row_id)
    own = {row.id: row for row in read_rows(opened.file, with_row(opened.text, row_id, columns))}.get(row_id)
    differs = _difference(_columns(now) if now else {}, _columns(own)) if own else ()
    title = table_words.table(opened.file)[0]
    return overtaken(request, opened, title=title, seen=_digest_of(opened.text, row_id), differences=differs)


def _row_id(opened: BrandFile, asked: str, *, may_be_gone: bool = False) -> str:
    """The row asked for; for a new one the next free name. may_be_gone: somebody may have taken it out meanwhile."""
    if not asked:
        return _free_id(opened, opened.text)
    known = (*rows_in(opened.text), *(rows_in(opened.working) if may_be_gone else ()))
    if asked not in {one.id for one in known}:
        raise Http404("no such row")
    return asked


def _free_id(opened: BrandFile, text: str) -> str:
    taken, name = {one.id for one in rows_in(text)}, opened.name.removesuffix(".yaml")
    return next(found for number in range(1, len(taken) + 2) if (found := f"shop.{name}_{number}") not in taken)


def _dated(opened: BrandFile, row_id: str, columns: dict[str, Any]) -> dict[str, Any]:
    """A row of the shop's own that was changed is dated today, unless its author dated it otherwise."""
    known = next((one.columns for one in rows_in(opened.text) if one.id == row_id), {})
    changed = {key: value for key, value in columns.items() if known.get(key) != value}
    if changed and "date" not in changed and columns.get("floor") != "law" and "date" in columns:
        return {**columns, "date": clock.today()}
    return columns


def _problems(opened: BrandFile, row_id: str, text: str) -> tuple[dict[str, str], list[str]]:
    """Faults of the row by column, and those that no column of it is to blame for. What was wrong before with other
    rows is not this form's matter."""
    shape, known = shape_of(opened.file), {str(one) for one in opened.faults() if one.row != row_id}
    problems: dict[str, str] = {}
    others = []
    for fault in opened.faults(text):
        column, _space, said = fault.said.partition(" ")
        if fault.row == row_id and fault.file == opened.name:
            if column in shape or column in ("since", "until", "source", "date", "explanation"):
                problems.setdefault(column, said)
            else:
                others.append(fault.said)
        elif str(fault) not in known:
            others.append(f"{fault.row or fault.file}: {fault.said}")
    return problems, others


def _form(
    request: AgentRequest, opened: BrandFile, row_id: str, columns: Mapping[str, Any], problems: Mapping[str, str],
    others: list[str], *, status: int = 200,
) -> HttpResponse:  # fmt: skip
    title, about = table_words.table(opened.file)
    is_new = all(one.id != row_id for one in rows_in(opened.text))
    context = {
        "brand": opened.brand, "file": opened.file, "title": title, "about": about, "row_id": row_id,
        "is_new": is_new, "others": others, "asked": "" if is_new else row_id,
        "seen": request.POST.get("seen", _digest_of(opened.text, row_id)),
        "language_word": labels.language,
        "fields": fields_of(shape_of(opened.file), columns, problems, opened.brand.languages or ["en"]),
    }  # fmt: skip
    return shell.page(request, "desk/table_row.html", context, status=status)
