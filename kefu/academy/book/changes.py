"""What a talk has changed, in words that a story can write down.

A change that no sentence below is made for is told as "Model row: field was -> is", so that nothing passes unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kefu.academy.snapshot import photograph
from kefu.assistant.actions.aftercare import FEEDBACK_GIVEN
from kefu.commerce.models import Exchange
from kefu.desk.models import Event
from kefu.kernel.money import Money
from kefu.people.models import Brand

Row = Mapping[str, Any]
#: model name -> primary key -> row
Shot = dict[str, Mapping[int, Row]]

#: how a deed was done and by whom it was asked for; what was done stands in other rows
OF_THE_TALK = frozenset({"ActionRecord", "Identity"})
#: told by another row, or counted by the database from other rows
FOLLOWS = {
    "Order": {"address_changes", "item_changes", "payment_changes"},
    "OrderLine": {"returned_quantity"},
    "Payment": {"refunded_minor"},
    "Task": {"facts"},
}
#: rows that are part of another row's sentence
PARTS = frozenset({"ReturnLine", "ExchangeLine", "Cancellation"})


def taken(brand: Brand) -> Shot:
    """Every row of the brand but what a talk writes about itself; exchanges and feedback, which have no brand or are
    events, besides."""
    found: Shot = {label.partition(".")[2]: rows for label, rows in photograph([brand]).items()}
    found["Exchange"] = {row["id"]: row for row in Exchange.objects.filter(of_return__brand=brand).values()}
    said = Event.objects.filter(brand=brand, kind=FEEDBACK_GIVEN)
    found["Event"] = {row["id"]: dict(row) for row in said.values()}
    return found


def changes(before: Shot, after: Shot) -> list[str]:
    """Every change as a story words it, sorted. What follows from a deed that is told is not told again."""
    return sorted(_Difference(before, after).told())


class _Difference:
    def __init__(self, before: Shot, after: Shot) -> None:
        self.before, self.after = before, after

    def told(self) -> list[str]:
        lines: list[str] = []
        for model, rows in self.after.items():
            if model in PARTS or model in OF_THE_TALK:
                continue
            old = self.before.get(model, {})
            for pk, row in rows.items():
                if pk not in old:
                    lines += self._added(model, row)
                elif row != old[pk]:
                    lines += self._changed(model, pk, old[pk], row)
            lines += [
                f"{model} {pk} is gone" for pk in old.keys() - rows.keys() if not self._was_taken_out(model, old[pk])
            ]
        return lines

    def _added(self, model: str, row: Row) -> list[str]:
        if model == "Customer" and not row["external_id"]:
            return []  # a visitor whom nobody knows yet
        if model == "Coupon" and any(one["coupon_id"] == row["id"] for one in self._new("Remedy")):
            return []  # told with the remedy that it is
        if model == "OrderLine" and self._has_new_change(row["order_id"]):
            return []
        tell = ADDED.get(model)
        return [tell(self, row)] if tell else [f"a new {model}"]

    def _changed(self, model: str, pk: int, old: Row, row: Row) -> list[str]:
        fields = [name for name in row if row[name] != old[name] and name not in FOLLOWS.get(model, ())]
        if not fields:
            return []
        if model == "Order" and fields == ["state"]:
            return [f"{row['number']} {row['state']}"]
        if model == "Order" and self._has_new_change(pk):
            fields = [name for name in fields if name == "state"]
        if model == "OrderLine" and self._has_new_change(row["order_id"]):
            return []
        if model == "Variant" and fields == ["stock"] and pk in self._moved_variants():
            return []
        if model == "Return" and fields == ["state"]:
            return [f"{row['number']} {row['state']}"]
        name = row.get("number") or row.get("sku") or row.get("code") or pk
        return [f"{model} {name}: {field} {old[field]} -> {row[field]}" for field in fields]

    # ---- looking things up ----

    def _new(self, model: str) -> list[Row]:
        old = self.before.get(model, {})
        return [row for pk, row in self.after.get(model, {}).items() if pk not in old]

    def _has_new_change(self, order_id: int) -> bool:
        return any(one["order_id"] == order_id for one in self._new("OrderChange"))

    def _was_taken_out(self, model: str, row: Row) -> bool:
        return model == "OrderLine" and self._has_new_change(row["order_id"])

    def _moved_variants(self) -> set[int]:
        """Variants whose pieces a deed has moved: of cancelled or changed orders, of what is sent again or instead."""
        was = self.before["Order"]
        moved_orders = {pk for pk, row in self.after["Order"].items() if pk in was and row["state"] != was[pk]["state"]}
        moved_orders |= {one["order_id"] for one in self._new("OrderChange")}
        lines = [row for shot in (self.before, self.after) for row in shot["OrderLine"].values()]
        moved = {row["variant_id"] for row in lines if row["order_id"] in moved_orders}
        moved |= {self.after["OrderLine"][one["line_id"]]["variant_id"] for one in self._new("Remedy")}
        moved |= {one["variant_id"] for one in self._new("ExchangeLine")}
        tasks = [row for row in self._new("Task") if row["kind"] == "resend_parcel"]
        return moved | ({row["variant_id"] for row in lines} if tasks else set())

    def number(self, order_id: int) -> str:
        return str(self.after["Order"][order_id]["number"])

    def currency(self, order_id: int) -> str:
        return str(self.after["Order"][order_id]["currency"])

    def sku(self, variant_id: int) -> str:
        return str(self.after["Variant"][variant_id]["sku"])

    def line_sku(self, line_id: int) -> str:
        return self.sku(self.after["OrderLine"][line_id]["variant_id"])

    def lines_of(self, return_id: int) -> list[Row]:
        return [row for row in self.after["ReturnLine"].values() if row["of_return_id"] == return_id]


def _amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency))


def _change(found: _Difference, row: Row) -> str:
    number = found.number(row["order_id"])
    if row["kind"] == "address":
        parts = [str(row["became"].get(name) or "") for name in ("street", "postcode", "city")]
        return f"{number} goes to {', '.join(part for part in parts if part)}"
    if row["kind"] == "items":
        is_count = _skus(row["was"]) == _skus(row["became"])
        was, became = (", ".join(_counted(row[name]) if is_count else _skus(row[name])) for name in ("was", "became"))
        return f"{number}: {was} -> {became}, {_amount(row['difference_minor'], found.currency(row['order_id']))}"
    return f"{number} {row['kind']} changed"


def _skus(lines: Any) -> list[str]:
    """Article numbers anywhere in what a change keeps of the items, in their order."""
    if isinstance(lines, Mapping):
        own = [str(lines["sku"])] if "sku" in lines else []
        return own + [sku for value in lines.values() for sku in _skus(value)]
    return [sku for one in lines for sku in _skus(one)] if isinstance(lines, list) else []


def _counted(lines: list[Row]) -> list[str]:
    return [f"{one['sku']} x{one['quantity']}" for one in lines]


def _refund(found: _Difference, row: Row) -> str:
    order = found.after["Payment"][row["payment_id"]]["order_id"]
    return f"refund of {_amount(row['amount_minor'], row['currency'])} on {found.number(order)}"


def _return(found: _Difference, row: Row) -> str:
    pieces = sorted(
        f"{found.line_sku(one['line_id'])} x{one['quantity']} {one['reason']}" for one in found.lines_of(row["id"])
    )
    back = _amount(row["refund_minor"], found.currency(row["order_id"]))
    return f"return of {found.number(row['order_id'])}: {', '.join(pieces)}, {back}"


def _exchange(found: _Difference, row: Row) -> str:
    lines = [one for one in found.after["ExchangeLine"].values() if one["exchange_id"] == row["id"]]
    order = found.after["Return"][row["of_return_id"]]["order_id"]
    swaps = sorted(
        f"{found.line_sku(found.after['ReturnLine'][one['return_line_id']]['line_id'])} -> "
        f"{found.sku(one['variant_id'])}"
        for one in lines
    )
    return f"exchange: {', '.join(swaps)}, {_amount(row['difference_minor'], found.currency(order))}"


def _remedy(found: _Difference, row: Row) -> str:
    amount = f", {_amount(row['amount_minor'], row['currency'])}" if row["amount_minor"] else ""
    return f"{row['kind']} for {row['cause']}: {found.line_sku(row['line_id'])} x{row['quantity']}{amount}"


def _payment(found: _Difference, row: Row) -> str:
    return (
        f"payment of {_amount(row['amount_minor'], row['currency'])} {row['state']} on {found.number(row['order_id'])}"
    )


def _approval(found: _Difference, row: Row) -> str:
    amount = f", {_amount(row['amount_minor'], row['currency'])}" if row["amount_minor"] is not None else ""
    return f"asks {row['role']} for {row['action']}{amount}"


ADDED: Mapping[str, Callable[[_Difference, Row], str]] = {
    "OrderChange": _change,
    "Refund": _refund,
    "Return": _return,
    "Exchange": _exchange,
    "Remedy": _remedy,
    "Payment": _payment,
    "Approval": _approval,
    "Task": lambda found, row: f"task {row['department']} {row['kind']}",
    "StockNotice": lambda found, row: f"notice of {found.sku(row['variant_id'])}",
    "Consent": lambda found, row: f"{row['topic']} {'yes' if row['is_given'] else 'no'}",
    "OwnDataRequest": lambda found, row: " ".join(["request", row["kind"], *sorted(row["wanted"])]),
    "Event": lambda found, row: "feedback",
}
