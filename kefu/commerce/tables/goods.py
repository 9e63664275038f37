"""Which goods need not be taken back, by the table not_returnable. Pure."""

from __future__ import annotations

from datetime import date

from kefu.commerce.tables.shapes import Tables


def may_come_back(tables: Tables, *, is_returnable: bool, kind: object, country: str, on: date) -> bool:
    """Whether goods sent to the country may come back without a fault.

    is_returnable: what the shop says of the product. kind: why it says no, the attribute not_returnable_because. Where
    the law of the country gives days, the shop's no only counts for the kinds that the table excepts there; a no
    without a kind is taken as it is, for nobody can tell what the law says of it.
    """
    if is_returnable or not isinstance(kind, str) or not kind:
        return is_returnable
    if any(row["kind"] == kind and row.is_for(country) for row in tables.table("not_returnable", on=on)):
        return False
    return any(
        row["floor"] == "law" and not row["shop_may_differ"] and row.is_for(country)
        for row in tables.table("returns", on=on)
    )
