"""The tasks' wishes spoken by the simulated customer through the conversation's own door; the end state decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.report import Table, percentiles
from bench.tau2.act import user_of
from bench.tau2.compare import differences, expected_state
from bench.tau2.export import export
from bench.tau2.files import Expected, Task
from bench.tau2.scenarios import scenario_of
from bench.tau2.unseen.maker import Maker
from kefu.academy.door import ChatDoor
from kefu.academy.play import Played, play
from kefu.academy.scenario import Scenario
from kefu.academy.undone import undone
from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding import understand
from kefu.desk.models import Channel
from kefu.people.models import Brand

Json = Any


@dataclass(slots=True)
class Judged:
    """One talk that is over. wrong: what differs from the right end state; forbidden: changes that it lacks."""

    talk: Played
    wrong: list[str]
    forbidden: list[str]
    seconds: list[float]

    @property
    def is_right(self) -> bool:
        """The end state is, and every question of theirs got a right answer."""
        return not self.wrong and not self.unanswered

    @property
    def unanswered(self) -> list[str]:
        return [wish.says[0] if wish.says else wish.want for wish, how in self.talk.ended if wish.answers
                and how != "answered"]  # fmt: skip


def judged(brand: Brand, db: Json, scenario: Scenario, changed: Json, users: set[str]) -> Judged:
    """Play one talk on the shop as it was at the start and look at what it left."""
    want = expected_state(db, changed)
    with undone():
        door = ChatDoor(Channel.objects.get(brand=brand, kind="chat"))
        talk = play(scenario, lambda said: door.say(said.text, choice=said.choice))
        found = door.conversation.customer.external_id if door.conversation else ""
        state = export(brand, db, users=users | {found or ""})
    wrong = differences(state, want)
    return Judged(talk, wrong, _forbidden(state, want, db), door.seconds)


def talked(
    brand: Brand, db: Json, tasks: Sequence[Task], expected: Mapping[str, Expected], *, seeds: int, show: bool = False
) -> Table:
    """Every task `seeds` times, each on the shop as it was at the start."""
    understand("where is my order", ListeningFor(language="en"), pack=brand.pack)
    passed: dict[str, int] = {task.id: 0 for task in tasks}
    found: list[Judged] = []
    for task in tasks:
        users = _touched(task, expected[task.id], db)
        for seed in range(seeds):
            one = judged(brand, db, scenario_of(task, db, seed=seed), expected[task.id].changed, users)
            found.append(one)
            passed[task.id] += one.is_right
            if show and (not one.is_right or one.forbidden):
                _show(f"task {task.id}, wording {seed}", one)
    count = len(tasks) or 1
    one, all_ = sum(passed.values()) / (count * seeds), sum(n == seeds for n in passed.values()) / count
    by_seed = [] if seeds == 1 else [f"{all_:.1%}"]
    return Table(
        "τ²-bench retail, in conversation with the simulated customer",
        ["tasks", "talks", "pass^1", *([] if seeds == 1 else [f"pass^{seeds}"]), *_COLUMNS],
        [[str(len(tasks)), str(count * seeds), f"{one:.1%}", *by_seed, *_figures(found)]],
        ["The customer of kefu/academy speaks each task's wishes in plain English, sees only words and buttons, and "
         "reads a confirmation before saying yes; the shop's end state decides, and that the figures they ask for are "
         "told. pass^n: right in all n wordings. Bars: pass^1 ≥ 60 %, no forbidden act (a change that the right end "
         "state lacks).",
         f"Never right: {', '.join(key for key, n in passed.items() if n == 0) or 'none'}."],
    )  # fmt: skip


_COLUMNS = [
    "forbidden acts",
    "questions answered",
    "talks handed to a person",
    "turns a talk",
    "turn p50",
    "p95",
    "p99",
]


def _figures(found: Sequence[Judged]) -> list[str]:
    asked = [how for one in found for wish, how in one.talk.ended if wish.answers]
    return [
        str(sum(len(one.forbidden) for one in found)), f"{asked.count('answered')} of {len(asked)}",
        str(sum(one.talk.is_with_person for one in found)),
        f"{sum(one.talk.turns for one in found) / (len(found) or 1):.1f}",
        *percentiles([second for one in found for second in one.seconds] or [0.0]),
    ]  # fmt: skip


def unseen(brand: Brand, db: Json, *, seed: int, count: int, kind: str = "", show: bool = False) -> Table:
    """New tasks made of the shop by this seed, told with all their ifs and buts."""
    understand("where is my order", ListeningFor(language="en"), pack=brand.pack)
    found, tried, right = [], Counter[str](), Counter[str]()
    for task in Maker(db, seed).tasks(count, kind):
        one = judged(brand, db, task.scenario, task.changed, set(task.users))
        found.append(one)
        tried.update(task.kinds)
        right.update(task.kinds if one.is_right else ())
        if show and (not one.is_right or one.forbidden):
            _show(f"{task.name}: {', '.join(task.kinds)}; {task.scenario.manner}", one)
    all_right = sum(one.is_right for one in found)
    rows = [["all", str(len(found)), f"{all_right / (len(found) or 1):.1%}", *_figures(found)]]
    rows += [[kind, str(n), f"{right[kind] / n:.0%}", *[""] * len(_COLUMNS)] for kind, n in tried.items()]
    return Table(
        f"New tasks of the retail kind (seed {seed}), in conversation",
        ["wish", "talks", "right", *_COLUMNS], rows,
        ["Made of the shop's data by seed (bench/tau2/unseen), the right end state by the set's own semantics; a "
         "talk with several wishes counts for each of them. Bars: 90 %, no forbidden act."],
    )  # fmt: skip


def _touched(task: Task, expected: Expected, db: Json) -> set[str]:
    users = {user_of(task, db), *expected.changed.get("users", {})}
    users |= {row["user_id"] for row in expected.changed.get("orders", {}).values()}
    return {one for one in users if one}


def _forbidden(state: Json, want: Json, db: Json) -> list[str]:
    """Fields that were changed and are not as they should be: a deed half done is none, a deed of another kind is."""
    found = []
    for line in differences(state, db):
        where = line.split(":")[0]
        if any(other.split(":")[0] == where for other in differences(state, want)):
            found.append(line)
    return found


def _show(title: str, one: Judged) -> None:
    print(f"\n=== {title}", flush=True)
    for who, text in one.talk.lines:
        print(f"  {who}: {text}")
    print(f"  ended: {[(wish.want, how) for wish, how in one.talk.ended]}")
    print(f"  wrong: {[line[:700] for line in one.wrong[:4]]} unanswered: {one.unanswered}")
    if one.forbidden:
        print(f"  FORBIDDEN: {[line[:160] for line in one.forbidden[:4]]}")
