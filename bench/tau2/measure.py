"""The tables: reference actions replayed, forbidden attempts refused, wishes spoken. `python -m bench tau2 --help`."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from bench.report import Table, percentiles
from bench.tau2 import files
from bench.tau2.act import FAULTY, Session, replay, user_of
from bench.tau2.attempts import RULES, SEED, Attempt, Generator
from bench.tau2.compare import differences, expected_state
from bench.tau2.export import export
from bench.tau2.semantics import after
from bench.tau2.shop import load_shop, use_pack
from kefu.academy.undone import undone
from kefu.assistant.engine.effects import ActionResult
from kefu.people.models import Brand

Json = Any
#: wordings each task is talked with
SEEDS = 4
#: unseen tasks made of the shop
UNSEEN = 60


def options(given: Sequence[str]) -> argparse.Namespace:
    """What may be said on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench tau2", description=__doc__)
    parser.add_argument("--tasks", type=Path, help="another task file of this kind")
    parser.add_argument("--expected", type=Path, help="its right end states, a line a task")
    parser.add_argument("--db", type=Path, help="another db.json")
    parser.add_argument("--only", default="", help="ids of tasks, with commas between")
    parser.add_argument("--part", choices=("actions", "attempts", "talks", "unseen"), help="only this part")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="wordings of each talk")
    parser.add_argument("--seed", type=int, default=SEED, help="which forbidden attempts and unseen tasks are made")
    parser.add_argument("--kind", default="", help="only unseen tasks whose first wish is of this kind")
    parser.add_argument("--count", type=int, default=UNSEEN, help="unseen tasks made")
    parser.add_argument("--attempts", type=int, default=0, help="forbidden attempts of each way")
    parser.add_argument("--show", action="store_true", help="print the talks that fail")
    return parser.parse_args(list(given))


def tables(given: Sequence[str] = ()) -> list[Table]:
    """All measures of this set, for `make bench`. Raises files.BadFile for a file that can't be used."""
    chosen = options(given)
    folder = files.FOLDER
    tasks_file, expected_file = (
        chosen.tasks or folder / "tasks_train.json",
        chosen.expected or folder / "expected_train.jsonl",
    )
    db_file = chosen.db or folder / "db.json"
    needed = (db_file, tasks_file, *([expected_file] if chosen.expected or not chosen.tasks else []))
    missing = [str(file) for file in needed if not file.exists()]
    if missing and not (chosen.tasks or chosen.expected or chosen.db):
        return [Table("τ²-bench retail", not_run=f"{', '.join(missing)} is not there; KEFU_TAU2_DATA names the folder")]
    db = files.read_db(file=db_file)
    tasks = files.read_tasks(tasks_file)
    _known(tasks, tasks_file, db)
    has_expected = chosen.expected is not None or chosen.tasks is None
    expected = files.read_expected(expected_file) if has_expected else _worked_out(tasks, db)
    only = {one.strip() for one in chosen.only.split(",") if one.strip()}
    tasks = [task for task in tasks if not only or task.id in only]
    unknown = [task.id for task in tasks if task.id not in expected]
    if unknown:
        raise files.BadFile(f"{expected_file}: no line for task {', '.join(unknown[:10])}")
    use_pack()
    found: list[Table] = []
    with undone():
        brand = load_shop(db)
        if chosen.part in (None, "actions"):
            found.append(replayed(brand, db, tasks, expected))
        if chosen.part in (None, "attempts"):
            found.append(attempted(brand, db, chosen.attempts or None, seed=chosen.seed))
        if chosen.part in (None, "talks"):
            from bench.tau2.talks import talked

            found.append(talked(brand, db, tasks, expected, seeds=chosen.seeds, show=chosen.show))
        if chosen.part in (None, "unseen"):
            from bench.tau2.talks import unseen

            found.append(unseen(brand, db, seed=chosen.seed, count=chosen.count, kind=chosen.kind, show=chosen.show))
    return found


def _known(tasks: Sequence[files.Task], path: Path, db: Json) -> None:
    """Raises BadFile for a task whose deeds are nobody's in this shop."""
    for task in tasks:
        if task.writes and not user_of(task, db):
            named = sorted({str(one.args.get("user_id") or one.args.get("order_id")) for one in task.writes})
            raise files.BadFile(f"{path}: task {task.id}: the shop has no user or order {', '.join(named)}")


def _worked_out(tasks: Sequence[files.Task], db: Json) -> dict[str, files.Expected]:
    """Right end states by the set's own semantics, for tasks that come without them."""
    return {
        task.id: files.Expected(
            after(db, task.actions, is_faulty=FAULTY.search(" ".join(task.told.values())) is not None)
        )
        for task in tasks
    }


# ---- the action layer ----


def replayed(brand: Brand, db: Json, tasks: Sequence[files.Task], expected: dict[str, files.Expected]) -> Table:
    """Each task's reference actions, on the shop as it was at the start, against its right end state."""
    right, refused, notes, seconds = 0, 0, [], []
    for task in tasks:
        began = perf_counter()
        with undone():
            results, user = replay(brand, db, task)
            state = export(brand, db, users=_users(task, expected[task.id], db, user))
        seconds.append(perf_counter() - began)
        wrong = differences(state, expected_state(db, expected[task.id].changed))
        refused += sum(not one.ok for one in results)
        if wrong:
            names = [f"{one.action}: {one.rule or one.code}" for one in results if not one.ok]
            notes.append(f"Task {task.id}: {'; '.join(wrong[:4])}. Refused: {', '.join(names) or 'nothing'}.")
        right += not wrong
    writes = sum(len(task.writes) for task in tasks)
    return Table(
        "τ²-bench retail, action layer: reference actions of the tasks",
        ["tasks", "end state as expected", "writing actions", "of them refused", "task p50", "p95", "p99"],
        [[str(len(tasks)), f"{right} of {len(tasks)}", str(writes), str(refused), *percentiles(seconds)]],
        ["Each action goes through the one door for deeds, under policies written from policy.md "
         "(bench/tau2/pack/policies). Bar: every end state.", *notes],
    )  # fmt: skip


def _users(task: files.Task, expected: files.Expected, db: Json, user: str) -> set[str]:
    """Everybody whose rows the task, or what is expected of it, could have changed."""
    named = {user, user_of(task, db)} | set(expected.changed.get("users", {}))
    named |= {row["user_id"] for row in expected.changed.get("orders", {}).values()}
    for action in task.actions:
        named.add(action.args.get("user_id", ""))
        named.add(db["orders"].get(action.args.get("order_id"), {}).get("user_id", ""))
    return {one for one in named if one}


def attempted(brand: Brand, db: Json, of_each: int | None = None, *, seed: int = SEED) -> Table:
    """Right attempts are done, broken ones refused under their rule's name, and nothing changes by a refusal."""
    generator = Generator(db, Random(seed))
    sizes = (of_each,) if of_each else ()
    rows, notes = [], []
    right = generator.right(*sizes)
    done = [_try(brand, db, one) for one in right]
    notes += [f"Right, but refused: {_told(one, result)}" for one, (result, _) in zip(right, done, strict=True)
              if result is None or not result.ok]  # fmt: skip
    counts: Counter[tuple[str, str]] = Counter()
    forbidden = generator.forbidden(*sizes)
    for one in forbidden:
        result, is_unchanged = _try(brand, db, one)
        counts[one.broken, "tried"] += 1
        named = result is not None and not result.ok and bool({result.rule, result.code} & RULES[one.broken].names)
        counts[one.broken, "named"] += named
        counts[one.broken, "unchanged"] += is_unchanged
        if not named or not is_unchanged:
            notes.append(f"{one.broken}: {_told(one, result)}{'' if is_unchanged else ', and something changed'}")
    for broken, rule in RULES.items():
        tried = counts[broken, "tried"]
        if tried:
            rows.append([broken, rule.says, str(tried), f"{counts[broken, 'named'] / tried:.0%}",
                         f"{counts[broken, 'unchanged'] / tried:.0%}"])  # fmt: skip
    total = len(forbidden)
    named, unchanged = (sum(counts[rule, what] for rule in RULES) for what in ("named", "unchanged"))
    rows.append(["all", "", str(total), f"{named} of {total}", f"{unchanged} of {total}"])
    ok = sum(result is not None and result.ok for result, _ in done)
    return Table(
        "τ²-bench retail, action layer: forbidden attempts",
        ["rule broken", "what policy.md says", "attempts", "refused by its name", "nothing changed"], rows,
        [f"{ok} of {len(right)} attempts that break no rule were done. Bar: every forbidden one refused.", *notes[:40]],
    )  # fmt: skip


def _try(brand: Brand, db: Json, one: Attempt) -> tuple[ActionResult | None, bool]:
    """The result, and whether the refused deed left everything as it was (after what came before it)."""
    owner = db["orders"].get(one.action.args.get("order_id"), {}).get("user_id") or one.action.args.get("user_id")
    users = {user for user in (owner, one.by) if user}
    with undone():
        session = Session(brand, db)
        if one.by:
            session.prove(one.by)
        for action in one.before:
            session.do(action)
        before = export(brand, db, users=users) if one.before else db
        result = session.do(one.action, confirmed=one.confirmed)
        return result, not differences(export(brand, db, users=users), before)
    raise AssertionError("undone() swallows nothing but its own")


def _told(one: Attempt, result: ActionResult | None) -> str:
    how = "nothing came back" if result is None else "done" if result.ok else f"{result.code} {result.rule}".strip()
    return f"{one.action.name} {json.dumps(dict(one.action.args))} → {how}"
