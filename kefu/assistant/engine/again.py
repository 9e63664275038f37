"""A proof that was given with a wrong number counts for the right one: "sorry, KF-1044" need not repeat the address."""

from __future__ import annotations

import json

from kefu.assistant.engine.playbook import Need
from kefu.assistant.engine.resolve import Found
from kefu.assistant.engine.state import CaseState


def keep_proof(state: CaseState, need: Need, number: str) -> None:
    """Remember a proof that is about to be forgotten, and the number with which it didn't do."""
    slot = state.slots.get(need.name)
    if need.kind == "proof" and slot is not None:
        state.before[need.name] = json.dumps([number, slot.value], ensure_ascii=False)


def proof_again(state: CaseState, need: Need, number: str) -> Found | None:
    """The remembered proof when another number has come since; each try is counted by the action as ever."""
    if need.kind != "proof" or need.name not in state.before or not number:
        return None
    tried_with, proof = json.loads(state.before[need.name])
    return Found(proof, "said before") if tried_with != number else None
