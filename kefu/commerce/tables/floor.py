"""Law is the floor: what a brand's edition of the tables may not take away from customers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kefu.commerce.tables.columns import EVERYWHERE
from kefu.commerce.tables.loader import TableFault
from kefu.commerce.tables.proof import LEVELS
from kefu.commerce.tables.shapes import Row, Tables

LAW = "law"
#: columns of a law row that may only grow, or only shrink, in the customer's favour
AT_LEAST = {"returns": ("days",)}
AT_MOST = {"data_rights": ("days", "months"), "service": ("days",)}
#: columns of a law row that stay as they are
FIXED = {
    "returns": ("marketplace", "floor", "for", "off_weekend", "shop_may_differ"),
    "not_returnable": ("floor", "kind"),
    "fees": ("floor", "fee"),
    "verification": ("floor",),
    "data_rights": ("floor", "working"),
    "service": ("floor",),
}


def weakened(before: Tables, after: Tables) -> list[TableFault]:
    """Every place where `after` gives customers less than the law rows of `before`: with its row, line and cure."""
    now = {row.id: row for rows in after.rows.values() for row in rows}
    faults: list[TableFault] = []
    for table in FIXED:
        for row in before.table(table):
            if row.values.get("floor") == LAW:
                faults += _of_row(row, now.get(row.id))
        known = {row.id for row in before.table(table)}
        for row in after.table(table):
            if row.id not in known:
                faults += _of_new(row, before)
    return sorted(faults)


def _of_row(was: Row, now: Row | None) -> Iterator[TableFault]:
    if now is None or now.table != was.table:
        if was.table != "not_returnable" and not (was.table == "fees" and was["paid_by"] == "buyer"):
            yield _fault(was, "this row is law and is missing; put it back")
        return
    for column in FIXED[was.table]:
        if now[column] != was[column]:
            yield _fault(now, f"{column} is law; put {_said(was[column])} back")
    for column in AT_LEAST.get(was.table, ()):
        if now[column] < was[column]:
            yield _fault(now, f"{column} is law; it may be {was[column]} or more")
    for column in AT_MOST.get(was.table, ()):
        if _is_more(now[column], was[column]):
            yield _fault(now, f"{column} is law; it may be {was[column]} or less")
    if was.table == "not_returnable":
        if not now["countries"] <= was["countries"]:
            yield _fault(now, "the law excepts these goods in no other country; take the new countries out")
        if not set(was["unless"]) <= set(now["unless"]):
            yield _fault(now, f"unless is law; it holds {', '.join(was['unless'])} at least")
        return
    yield from _as_wide(was, now)
    if _paid_by_buyer(now) and not _paid_by_buyer(was):
        yield _fault(now, "the law lets the seller pay; put seller back")
    if was.table == "verification":
        wanted, least = now["level"], was["level"]
        if wanted != least and (least == "none" or LEVELS.index(wanted) < LEVELS.index(least)):
            cure = "none, for the right may not be made harder" if least == "none" else f"{least} or higher"
            yield _fault(now, f"level is law; it may be {cure}")


def _as_wide(was: Row, now: Row) -> Iterator[TableFault]:
    """The row goes on to hold for all countries, actions and days for which it held."""
    for column in ("countries", "about"):
        if column in was.values and EVERYWHERE not in now[column] and not set(was[column]) <= set(now[column]):
            left_out = ", ".join(sorted(set(was[column]) - set(now[column])))
            yield _fault(now, f"{column} is law; put {left_out} back")
    if now.since is not None and (was.since is None or now.since > was.since):
        yield _fault(now, "since is law; the row may not begin later")
    if now.until is not None and (was.until is None or now.until < was.until):
        yield _fault(now, "until is law; the row may not end earlier")


def _of_new(row: Row, before: Tables) -> Iterator[TableFault]:
    """A row of the brand's own stands beside the law, never above it."""
    if row.values.get("floor") == LAW:
        yield _fault(row, "law comes with Kefu and its updates; write floor: shop for a row of your own")
        return
    if row.table == "not_returnable":
        covered = _law_countries(before, "returns") - _excepted(before, row["kind"])
        taken = covered if EVERYWHERE in row["countries"] else covered & row["countries"]
        if taken:
            yield _fault(row, f"the law lets these goods come back in {_some(taken)}; take them out of countries")
    if row.table == "fees" and row["paid_by"] == "buyer":
        free = {
            country
            for one in before.table("fees")
            if one.values["floor"] == LAW and one["fee"] == row["fee"] and one["paid_by"] == "seller"
            for country in one["countries"]
        }
        taken = free if EVERYWHERE in row["countries"] else free & row["countries"]
        if taken:
            yield _fault(row, f"the law lets the seller pay this in {_some(taken)}; take them out of countries")
    if row.table == "verification":
        least = {action: one["level"] for one in before.table("verification") for action in one["about"]}
        for action in row["about"]:
            known = least.get(action)
            lower = known is not None and LEVELS.index(row["level"]) < LEVELS.index(known)
            if lower or (known == "none" and row["level"] != "none"):
                yield _fault(row, f"{action} has the level {known} by law; take it out of this row")


def _law_countries(tables: Tables, table: str) -> frozenset[str]:
    rows = (row for row in tables.table(table) if row["floor"] == LAW and not row.values.get("shop_may_differ"))
    return frozenset(country for row in rows for country in row["countries"])


def _excepted(tables: Tables, kind: str) -> frozenset[str]:
    return frozenset(
        country for row in tables.table("not_returnable") if row["kind"] == kind for country in row["countries"]
    )


def _paid_by_buyer(row: Row) -> bool:
    return "buyer" in (row.values.get("paid_by"), row.values.get("sending_back"))


def _is_more(now: Any, was: Any) -> bool:
    """A time above the law's; what the law leaves open may be filled in."""
    if was is None:
        return False
    if now is None:
        return True
    return bool(now > was)


def _said(value: Any) -> str:
    return {True: "true", False: "false", "": "nothing"}.get(value, str(value))


def _some(countries: frozenset[str] | set[str]) -> str:
    listed = sorted(countries)
    return ", ".join(listed[:6]) + (" …" if len(listed) > 6 else "")


def _fault(row: Row, said: str) -> TableFault:
    file, _, line = row.place.rpartition(":")
    return TableFault(file, int(line), row.id, said)
