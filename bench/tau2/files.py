"""The public files of a τ²-bench retail set: shop, tasks, and the rows as they should be after each task."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = Any
#: beside the project, where it is; KEFU_TAU2_DATA names another place
FOLDER = Path(os.environ.get("KEFU_TAU2_DATA", Path(__file__).resolve().parents[3] / "shared" / "data" / "tau2_retail"))


class BadFile(Exception):
    """A file that cannot be used; the message says which one, where and what it should be."""


@dataclass(frozen=True, slots=True)
class Action:
    """One call of the reference: its name and arguments as the set writes them."""

    name: str
    args: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Task:
    """`told`: the customer's part by field: reason_for_call, known_info, unknown_info, task_instructions."""

    id: str
    actions: tuple[Action, ...]
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def writes(self) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.name in WRITES)


@dataclass(frozen=True, slots=True)
class Expected:
    """`changed`: table -> key -> the whole row. `writes_ok` False: some write of the reference must be refused."""

    changed: Mapping[str, Mapping[str, Json]]
    writes_ok: bool = True


WRITES = frozenset({
    "cancel_pending_order", "exchange_delivered_order_items", "modify_pending_order_address",
    "modify_pending_order_items", "modify_pending_order_payment", "modify_user_address",
    "return_delivered_order_items",
})  # fmt: skip
_ADDRESS = ("address1", "address2", "city", "state", "country", "zip")
_ITEMS = ("order_id", "item_ids", "new_item_ids", "payment_method_id")
#: what each writing tool must be given
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "cancel_pending_order": ("order_id", "reason"),
    "exchange_delivered_order_items": _ITEMS,
    "modify_pending_order_address": ("order_id", *_ADDRESS),
    "modify_pending_order_items": _ITEMS,
    "modify_pending_order_payment": ("order_id", "payment_method_id"),
    "modify_user_address": ("user_id", *_ADDRESS),
    "return_delivered_order_items": ("order_id", "item_ids", "payment_method_id"),
}
READS = frozenset({
    "find_user_id_by_email", "find_user_id_by_name_zip", "get_user_details", "get_order_details",
    "get_product_details", "get_item_details", "list_all_product_types", "calculate", "transfer_to_human_agents",
    "think",
})  # fmt: skip


def read_db(folder: Path = FOLDER, *, file: Path | None = None) -> Json:
    """The shop: {"products": …, "users": …, "orders": …}. Raises BadFile."""
    path = file or folder / "db.json"
    db = _json(path)
    missing = {"products", "users", "orders"} - set(db if isinstance(db, dict) else ())
    if missing:
        raise BadFile(f"{path}: has no {', '.join(sorted(missing))}; it must be τ²-bench retail's db.json")
    return db


def read_tasks(path: Path) -> list[Task]:
    """Tasks in the file's order. Raises BadFile, also for an action that no retail tool has."""
    found = _json(path)
    if not isinstance(found, list):
        raise BadFile(f"{path}: must be a list of tasks")
    tasks = []
    for place, raw in enumerate(found):
        try:
            actions = tuple(
                Action(str(one["name"]), dict(one.get("arguments") or {}))
                for one in (raw.get("evaluation_criteria") or {}).get("actions") or ()
            )
            told = (raw.get("user_scenario") or {}).get("instructions") or {}
            task = Task(
                str(raw["id"]),
                actions,
                {k: v or "" for k, v in told.items()} if isinstance(told, dict) else {"reason_for_call": str(told)},
            )
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            raise BadFile(
                f"{path}: task {place}: {problem!r}; each task needs id and actions with name and arguments"
            ) from problem
        for action in task.actions:
            if action.name not in WRITES | READS:
                raise BadFile(
                    f"{path}: task {task.id}: no such action {action.name!r}; "
                    f"retail has {', '.join(sorted(WRITES | READS))}"
                )
            missing = [name for name in ARGUMENTS.get(action.name, ()) if name not in action.args]
            if missing:
                raise BadFile(f"{path}: task {task.id}: {action.name} lacks {', '.join(missing)}")
        tasks.append(task)
    return tasks


def read_expected(path: Path) -> dict[str, Expected]:
    """By task id. Raises BadFile."""
    found: dict[str, Expected] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as problem:
        raise BadFile(f"{path}: {problem.strerror}") from problem
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found[str(row["task_id"])] = Expected(row["changed"], bool(row.get("writes_ok", True)))
        except (ValueError, KeyError, TypeError) as problem:
            raise BadFile(f"{path}:{number}: {problem!r}; a line needs task_id and changed") from problem
    return found


def _json(path: Path) -> Json:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadFile(f"{path}: {problem.strerror}") from problem
    except ValueError as problem:
        raise BadFile(f"{path}: is not JSON ({problem})") from problem
