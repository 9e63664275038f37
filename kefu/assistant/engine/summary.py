"""What the person who takes a case over should see first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from kefu.assistant.engine.playbook import Need
from kefu.assistant.engine.resolve import ACCEPTS, find_order
from kefu.assistant.engine.state import CaseState, Json
from kefu.assistant.facts import Facts, OrderFact, ShipmentFact

TRIED_AT_MOST = 8
#: orders, lines and parcels told to the person one by one
SHOWN_AT_MOST = 3


def summary_of(state: CaseState, needs: Mapping[str, Need], facts: Facts, *, step: str, reason: str) -> dict[str, Json]:
    """Plain JSON: wish, where the case stands, what is known and heard, what was tried. Proofs are left out, for a
    summary is kept in events, which are for ever."""
    slots = {name: slot.value for name, slot in state.slots.items() if name in needs and needs[name].kind != "proof"}
    tried = [{"step": way[0], "outcome": way[2]} for way in state.walked if way[1] in ("check", "act")]
    number = order_meant(state, needs, facts)
    order = facts.order(number) if number else None
    return {
        "wish": state.intent or state.playbook,
        "playbook": f"{state.playbook}@{state.version}",
        "step": step,
        "reason": reason,
        "known": slots,
        "heard": {item.kind: item.value for item in state.heard if item.kind not in ACCEPTS["proof"]},
        "order": number,
        **({"standing": _standing(order, facts)} if order else _orders(facts)),
        "tried": tried[-TRIED_AT_MOST:],
        "mood": state.mood,
        "verified": facts.verification,
    }


def _standing(order: OrderFact, facts: Facts) -> dict[str, Json]:
    """The order as it is when the person is called: what a colleague would look up first."""
    lines = [f"{line.quantity} × {line.title('en')}" for line in order.lines[:SHOWN_AT_MOST]]
    told: dict[str, Json] = {
        "state": order.state,
        "placed_on": order.placed_at.astimezone(facts.zone).date().isoformat(),
        "items": [*lines, *(["…"] if len(order.lines) > SHOWN_AT_MOST else [])],
        "total": str(order.total),
    }
    if order.refunded.minor:
        told["refunded"] = str(order.refunded)
    if order.shipments:
        told["parcels"] = [_parcel(one, facts) for one in order.shipments[:SHOWN_AT_MOST]]
    if order.returns:
        told["returns"] = [f"{one.number} ({one.state})" for one in order.returns[:SHOWN_AT_MOST]]
    return told


def _parcel(parcel: ShipmentFact, facts: Facts) -> dict[str, Json]:
    told: dict[str, Json] = {"carrier": parcel.carrier, "tracking_number": parcel.tracking_number,
                             "state": parcel.state}  # fmt: skip
    if parcel.promised_on:
        told["promised_on"] = parcel.promised_on.isoformat()
    if parcel.events:
        last = parcel.events[-1]
        on = last.at.astimezone(facts.zone).date()
        told["last"] = f"{on.isoformat()} {last.code} {last.place}".rstrip()
    return told


def _orders(facts: Facts) -> dict[str, Json]:
    """Nobody said which order it is: the newest ones, so that nobody has to ask either."""
    newest = facts.orders[:SHOWN_AT_MOST]
    return {"orders": [{"order": order.number, "state": order.state} for order in newest]} if newest else {}


def order_meant(state: CaseState, needs: Mapping[str, Need], facts: Facts) -> str:
    """Number of the order this case is about, as far as its slots tell; else what the talk was about."""
    best = ""
    for name, slot in state.slots.items():
        need = needs.get(name)
        if need is None:
            continue
        if need.kind == "order_line":
            return str(slot.value).rpartition("/")[0]
        if need.kind == "order":
            best = str(slot.value)
        elif need.kind == "order_number" and not best:
            order = find_order(facts, str(slot.value))
            best = order.number if order else ""
    return best or state.about


def short_hash(*parts: Json) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
