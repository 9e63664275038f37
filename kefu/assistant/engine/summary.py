"""What the person who takes a case over should see first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from kefu.assistant.engine.playbook import Need
from kefu.assistant.engine.resolve import ACCEPTS, find_order
from kefu.assistant.engine.state import CaseState, Json
from kefu.assistant.facts import Facts

TRIED_AT_MOST = 8


def summary_of(state: CaseState, needs: Mapping[str, Need], facts: Facts, *, step: str, reason: str) -> dict[str, Json]:
    """Plain JSON: wish, where the case stands, what is known and heard, what was tried. Proofs are left out, for a
    summary is kept in events, which are for ever."""
    slots = {name: slot.value for name, slot in state.slots.items() if name in needs and needs[name].kind != "proof"}
    tried = [{"step": way[0], "outcome": way[2]} for way in state.walked if way[1] in ("check", "act")]
    return {
        "wish": state.intent or state.playbook,
        "playbook": f"{state.playbook}@{state.version}",
        "step": step,
        "reason": reason,
        "known": slots,
        "heard": {item.kind: item.value for item in state.heard if item.kind not in ACCEPTS["proof"]},
        "order": order_meant(state, needs, facts),
        "tried": tried[-TRIED_AT_MOST:],
        "mood": state.mood,
        "verified": facts.verification,
    }


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
