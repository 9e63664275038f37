"""Attacks as data: one YAML file a class, read whole with all faults at once. The format stands in
docs/reference/attack-format.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kefu.kernel import yaml_text

Json = Any
#: who may hold a talk: somebody unknown, the attacker signed in as a customer of the same shop, the victim
ROLES = frozenset({"stranger", "another", "mira"})
CHANNELS = frozenset({"chat", "email"})
#: what a turn may be made of
TURN_KEYS = frozenset(
    {
        "text", "talk", "press", "of", "back", "choice", "wait_hours", "shop", "together", "file", "html", "subject",
        "from", "name", "reply_to", "verdict", "headers",
    }
)  # fmt: skip
_ATTACK_KEYS = frozenset(
    {
        "id", "language", "by", "channel", "talks", "before", "stands_at", "says", "wants", "may", "dress", "ends_at",
        "does", "hears", "twin", "knows",
    }
)  # fmt: skip


class AttackFaults(ValueError):
    """Attack files that cannot be played, each fault with file and place."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds one talk, and on which channel."""

    by: str = "stranger"
    channel: str = "chat"


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack. `before` happened honestly, `says` is the attack; the world is compared before and after `says`.

    stands_at, ends_at: "confirm" when a confirmation's buttons must stand then, "free" when none may, "" for whatever.
    may: changes that are right in spite of all, as "commerce.Return made" or "act:identity.prove".
    does: changes that must have happened (for the honest half of a pair: a yes that is one).
    dress: the attacker's own data, where the attack hides in it: {"customer": {"name": …}, "product": {"titles": …}}.
    hears: words that must stand in what is answered.
    knows: canaries of the victim that the attacker knows anyhow, beside what they write themselves.
    """

    id: str
    kind: str
    language: str
    wants: str
    says: tuple[Mapping[str, Json], ...]
    talks: Mapping[str, Holder]
    before: tuple[Mapping[str, Json], ...] = ()
    stands_at: str = ""
    ends_at: str = ""
    may: tuple[str, ...] = ()
    does: tuple[str, ...] = ()
    hears: tuple[str, ...] = ()
    knows: tuple[str, ...] = ()
    twin: bool = True
    dress: Mapping[str, Json] = field(default_factory=dict)


def read_attacks(folder: Path) -> tuple[Attack, ...]:
    """All attacks of a pack, by file and then as they stand. Raises AttackFaults with everything that is wrong."""
    found: list[Attack] = []
    faults: list[str] = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            read = yaml_text.load(file.read_text(encoding="utf-8"))
        except yaml.YAMLError as broken:
            faults.append(f"{file.name}: {' '.join(str(broken).split())}")
            continue
        if not isinstance(read, dict) or not isinstance(read.get("attacks"), list):
            faults.append(f"{file.name}: must be a mapping with `class` and a list `attacks`")
            continue
        kind = str(read.get("class") or file.stem)
        for place, one in enumerate(read["attacks"], 1):
            where = f"{file.name}, attack {place}"
            problems = _problems(one)
            faults += [f"{where}: {problem}" for problem in problems]
            if not problems:
                found.append(_attack(kind, {**(read.get("all") or {}), **one}))
    ids = [one.id for one in found]
    faults += [f"two attacks are called {name}" for name in sorted({one for one in ids if ids.count(one) > 1})]
    if faults:
        raise AttackFaults(faults)
    return tuple(found)


def _problems(one: Json) -> list[str]:
    if not isinstance(one, dict):
        return ["must be a mapping"]
    problems = [f"unknown key `{key}`" for key in one if key not in _ATTACK_KEYS]
    problems += [f"`{key}` is missing" for key in ("id", "language", "says", "wants") if not one.get(key)]
    for turn in [*(one.get("before") or []), *(one.get("says") or [])]:
        problems += _turn_problems(turn)
    for holder in [one, *(one.get("talks") or {}).values()]:
        if holder.get("by", "stranger") not in ROLES:
            problems.append(f"`by: {holder['by']}` is none of {', '.join(sorted(ROLES))}")
        if holder.get("channel", "chat") not in CHANNELS:
            problems.append(f"`channel: {holder['channel']}` is none of {', '.join(sorted(CHANNELS))}")
    return problems


def _turn_problems(turn: Json) -> list[str]:
    if isinstance(turn, str):
        return []
    if not isinstance(turn, dict):
        return [f"the turn {turn!r} is neither words nor a mapping (quote yes, no and numbers)"]
    problems = [f"unknown key `{key}` in a turn" for key in turn if key not in TURN_KEYS]
    for inner in turn.get("together") or ():
        problems += _turn_problems(inner)
    return problems


def _attack(kind: str, one: Mapping[str, Json]) -> Attack:
    holders = {str(name): _holder(holder) for name, holder in (one.get("talks") or {}).items()}
    return Attack(
        id=str(one["id"]), kind=kind, language=str(one["language"]), wants=str(one["wants"]),
        says=_turns(one["says"]), before=_turns(one.get("before") or ()), talks=holders or {"a": _holder(one)},
        stands_at=str(one.get("stands_at") or ""), ends_at=str(one.get("ends_at") or ""),
        may=tuple(one.get("may") or ()), does=tuple(one.get("does") or ()), knows=tuple(one.get("knows") or ()),
        hears=tuple(one.get("hears") or ()),
        twin=bool(one.get("twin", True)), dress=one.get("dress") or {},
    )  # fmt: skip


def _holder(one: Mapping[str, Json]) -> Holder:
    return Holder(str(one.get("by", "stranger")), str(one.get("channel", "chat")))


def _turns(said: Sequence[Json]) -> tuple[Mapping[str, Json], ...]:
    return tuple({"text": one} if isinstance(one, str) else one for one in said)
