"""Changing, exchanging and sending back several things in the shop in memory.

Each item comes in M, L and XL, in blue and red; XL is sold out, L costs 20 euros more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kefu.assistant.engine.effects import Act, ActionResult
from kefu.assistant.facts import LineFact, OrderFact, ReturnFact

if TYPE_CHECKING:
    from kefu.assistant.dialogue.tests.stage import Shop

DEARER = 2000
DEADLINE = {"date": "2026-03-16"}
#: pieces of anything
MOST_THERE = 20


def money(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "EUR"}


def done(act: Act, value: dict[str, Any], rule: str) -> ActionResult:
    return ActionResult(act.action, act.step, True, value, rule=rule)


def refused(act: Act, code: str) -> ActionResult:
    return ActionResult(act.action, act.step, False, {}, code, "common.refused", decision="allow")


class OrderActs:
    """What Shop does about orders beyond cancelling and a return of one line."""

    def _line(self: Shop, ref: str) -> LineFact:  # type: ignore[misc]
        return next(line for one in self.orders for line in one.lines if line.ref == ref)

    def _order(self: Shop, number: str) -> OrderFact:  # type: ignore[misc]
        return next(one for one in self.orders if one.number == number)

    def _commerce_find_variant(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        line, wanted = self._line(act.args["line"]), act.args["wanted"]
        words = str(wanted.get("words", "")).lower()
        larger = any(word in words for word in ("larger", "bigger", "size up", "大一", "größer", "tight"))
        size = str(wanted.get("size") or ("L" if larger else line.size)).upper()
        color = wanted.get("color") or next((one for one in ("red", "blue") if one in words), line.color)
        known = size in ("M", "L", "XL") and color in ("blue", "red") and (size, color) != (line.size, line.color)
        found = known and size != "XL"
        facts = {"choices": ["blue, L", "red, M"], **({"new": f"{color}, {size}"} if known else {})}
        why = {"key": "variant.sold_out" if known else "variant.unclear", "facts": facts}
        value = {
            "found": found, "order": line.ref.rpartition("/")[0], "item": {"text": dict(line.titles)},
            "changes": [{"line": line.ref, "sku": f"{color}-{size}"}] if found else [],
            "new": f"{color}, {size}", "why": None if found else why, "choices": facts["choices"],
        }  # fmt: skip
        return done(act, value, "answers.own_order")

    def _commerce_find_variants(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        each = [self._commerce_find_variant(replace(act, args={**act.args, "line": ref})).value
                for ref in act.args["lines"]]  # fmt: skip
        missing = next((one for one in each if not one["found"]), None)
        told: dict[str, Any] = {"item": [one["item"] for one in each]}
        told |= {"item": [missing["item"]], "why": missing["why"]} if missing else {}
        changes = [] if missing else [change for one in each for change in one["changes"]]
        value = {"found": missing is None, "order": each[0]["order"], "changes": changes,
                 "new": [one["new"] for one in each], "why": None, **told}  # fmt: skip
        return done(act, value, "answers.own_order")

    def _quote(self, act: Act) -> ActionResult:
        sku = act.args["changes"][0]["sku"]
        minor = DEARER if sku.endswith("L") else 0
        note = {"key": "price.up_link", "facts": {"amount": money(minor)}} if minor else {"key": "price.same"}
        value = {
            "order_number": act.args["order"], "direction": "up" if minor else "same", "difference": money(minor),
            "refund": None, "charge": money(minor) if minor else None, "total": money(8900 + minor), "items": [],
            "new_items": [], "method": "", "refund_days": 5, "price_note": note, "deadline": DEADLINE,
        }  # fmt: skip
        return done(act, value, "answers.own_order")

    _commerce_quote_items_change = _commerce_quote_exchange = _quote

    def _commerce_change_items(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        self.done.append(act)
        minor = DEARER if act.args["changes"][0]["sku"].endswith("L") else 0
        value = {"order_number": act.args["order"], "difference": money(minor), "total": money(8900 + minor),
                 "method": "", "way": "link" if minor else "none", "refund_days": 5}  # fmt: skip
        return done(act, value, "change.before_packing")

    def _commerce_exchange_items(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        self.done.append(act)
        minor = DEARER if act.args["changes"][0]["sku"].endswith("L") else 0
        self._on_its_way_back([one["line"] for one in act.args["changes"]])
        value = {"return_number": "RT-2", "difference": money(minor), "deadline": DEADLINE, "address": "Lagerweg 1"}
        return done(act, value, "return.within_window")

    def _commerce_quote_quantity(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        line, wanted = self._line(act.args["line"]), act.args.get("quantity", 0)
        if wanted > MOST_THERE:
            return refused(act, "commerce.not_in_stock")
        if wanted == line.quantity:
            return refused(act, "commerce.nothing_changes")
        number = line.ref.rpartition("/")[0]
        if not wanted and len(self._order(number).lines) == 1:
            return refused(act, "commerce.whole_order")
        minor = (wanted - line.quantity) * line.unit_price.minor
        key = "price.up_link" if minor > 0 else "price.down"
        note = {"key": key, "facts": {"amount": money(abs(minor)), "refund_days": 5}}
        value = {
            "order_number": number, "item": {"text": dict(line.titles)}, "had": line.quantity, "pieces": wanted,
            "refund": money(-minor) if minor < 0 else None, "charge": money(minor) if minor > 0 else None,
            "total": money(8900 + minor), "price_note": note,
        }  # fmt: skip
        return done(act, value, "answers.own_order")

    _commerce_quote_take_out = _commerce_quote_quantity

    def _commerce_change_quantity(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        self.done.append(act)
        wanted = act.args.get("quantity", 0)
        way = "link" if wanted > self._line(act.args["line"]).quantity else "given_back"
        number = act.args["line"].rpartition("/")[0]
        value = {"order_number": number, "pieces": wanted, "total": money(8900), "way": way}
        return done(act, value, "change.before_packing")

    _commerce_take_out = _commerce_change_quantity

    def _commerce_quote_return(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        lines = [self._line(ref) for ref in act.args["lines"]]
        value = {
            "order_number": act.args["order"], "refund": money(sum(one.unit_price.minor for one in lines)),
            "items": [{"text": dict(one.titles)} for one in lines], "pieces": len(lines),
            "last_day": DEADLINE, "deadline": DEADLINE, "method": "card", "refund_days": 5, "given_note": "",
        }  # fmt: skip
        return done(act, value, "answers.own_order")

    def _commerce_return_items(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        self.done.append(act)
        self._on_its_way_back(act.args["lines"])
        value = {"return_number": "RT-3", "refund": money(17800), "deadline": DEADLINE, "refund_days": 5,
                 "address": "Lagerweg 1"}  # fmt: skip
        return done(act, value, "return.within_window")

    def _on_its_way_back(self: Shop, refs: list[str]) -> None:  # type: ignore[misc]
        from kefu.assistant.dialogue.tests.stage import NOW

        found = self._order(refs[0].rpartition("/")[0])
        lines = tuple(replace(one, returned=one.quantity) if one.ref in refs else one for one in found.lines)
        made = tuple(ReturnFact("return:2", "RT-2", ref, "open", NOW) for ref in refs)
        self.orders[self.orders.index(found)] = replace(found, lines=lines, returns=(*found.returns, *made))

    def _commerce_change_address(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        self.done.append(act)
        return done(act, {"order_number": act.args["order"]}, "change.before_packing")

    def _commerce_order_details(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        found = self._order(act.args["order"])
        value = {
            "order_number": found.number, "placed_at": {"at": found.placed_at.isoformat()},
            "items": [{"text": dict(one.titles)} for one in found.lines], "total": money(found.total.minor),
            "shipping": money(0), "address": "Lan***, 10115, Berlin, DE", "payment": {"key": "details.paid"},
        }  # fmt: skip
        return done(act, value, "answers.own_order")

    def _commerce_payment_standing(self: Shop, act: Act) -> ActionResult:  # type: ignore[misc]
        found = self._order(act.args["order"])
        standing = self.standings.get(found.number, "unpaid" if found.state == "unpaid" else "paid")
        value = {"standing": standing, "order_number": found.number, "open": money(found.total.minor),
                 "over": money(found.total.minor), "total": money(found.total.minor)}  # fmt: skip
        return done(act, value, "answers.own_order")
