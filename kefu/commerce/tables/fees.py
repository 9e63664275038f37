"""Who pays for what when goods come back, by the table of fees."""

from __future__ import annotations

from datetime import date

from kefu.commerce.tables.shapes import Row, Tables


def payer_row(tables: Tables, fee: str, country: str, *, on: date) -> Row | None:
    """The row that says who pays; law before the shop's own, one that names the country before one for all."""
    law = tables.nearest("fees", country, on=on, fee=fee, floor="law")
    return law or tables.nearest("fees", country, on=on, fee=fee)


def way_out_refund(tables: Tables, shipping_minor: int, *, country: str, is_whole_order: bool, on: date) -> int:
    """What goes back of the delivery costs, in minor units: all of them when everything comes back and the seller
    bears them in that country; else nothing."""
    row = payer_row(tables, "way_out", country, on=on) if is_whole_order else None
    return shipping_minor if row is not None and row["paid_by"] == "seller" else 0
