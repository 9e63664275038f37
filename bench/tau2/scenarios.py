"""A task of the set as a scenario for the simulated customer: who they are, and the reference's deeds as their wishes.

Nothing of the task's own wording is taken: what is wanted is told in the words of kefu/academy, with the names, options
and labels of the shop's data. From the text comes only what the customer knows: an e-mail address, order numbers.
"""

from __future__ import annotations

import re
from typing import Any

from bench.tau2.act import FAULTY, user_of
from bench.tau2.files import Action, Task
from bench.tau2.shop import label_of
from bench.tau2.telling import thing_of, wishes_into
from kefu.academy.scenario import Scenario, read_scenario

Json = Any
_WANTS = {
    "cancel_pending_order": "cancel_order",
    "return_delivered_order_items": "return_items",
    "exchange_delivered_order_items": "exchange_items",
    "modify_pending_order_items": "change_items",
    "modify_pending_order_address": "change_address",
    "modify_pending_order_payment": "change_payment",
    "modify_user_address": "change_default_address",
}
#: what somebody asks for whose task wants nothing changed
ONLY_ASKS = ["What is the status of my orders?", "Can you tell me about my orders?", "What did I order?"]
WANTS_PERSON = ["I'd like to talk to a human, please.", "Please let me talk to a person.", "I need a real person."]


def scenario_of(task: Task, db: Json, *, seed: int) -> Scenario:
    """The task's customer, with wordings by seed."""
    user = db["users"][user_of(task, db)] if user_of(task, db) else None
    told = " ".join(task.told.values())
    wishes = _wishes(task, db, told) if user else []
    if not wishes:
        wants_person = any(action.name == "transfer_to_human_agents" for action in task.actions)
        says = WANTS_PERSON if wants_person else ONLY_ASKS
        wishes = [{"want": "other", "says": says, "otherwise": "person" if wants_person else "leave"}]
    return read_scenario(
        {"name": f"task {task.id}", "language": "en", "seed": seed, "wishes": wishes, "clicks": seed % 2 == 0,
         "opens_with": "greeting" if seed % 4 == 3 else "wish", "knows": _knows(user, told) if user else {}}
    )  # fmt: skip


def _knows(user: Json, told: str) -> dict[str, str]:
    name, found = user["name"], {}
    if user["email"] in told:
        found["email"] = user["email"]
    if user["address"]["zip"] in told or not found:
        found |= {"name": f"{name['first_name']} {name['last_name']}", "postcode": user["address"]["zip"]}
    return found


def _wishes(task: Task, db: Json, told: str) -> list[Json]:
    """One for each deed, in the reference's order. The same deed twice with another payment is one wish with two ways
    to pay."""
    wishes: dict[str, Json] = {}
    for action in task.writes:
        key = f"{action.name}:{sorted((k, str(v)) for k, v in action.args.items() if k != 'payment_method_id')}"
        if action.name == "modify_user_address":
            key += f":{len(wishes)}"
        wish = _wish(action, db, told)
        if key in wishes:
            wishes[key]["pay"] += [one for one in wish["pay"] if one not in wishes[key]["pay"]]
        else:
            wishes[key] = wish
    return list(wishes.values())


def _wish(action: Action, db: Json, told: str) -> Json:
    args = action.args
    wish: Json = {"want": _WANTS[action.name], "pay": []}
    order = db["orders"].get(args.get("order_id"))
    user = db["users"][order["user_id"]] if order else db["users"][args["user_id"]]
    if order is not None and re.sub(r"\D", "", order["order_id"]) in told:
        wish["order"] = order["order_id"]
    if "payment_method_id" in args and args["payment_method_id"] in user["payment_methods"]:
        wish["pay"] = [label_of(user["payment_methods"][args["payment_method_id"]])]
    if "reason" in args:
        wish["reason"] = args["reason"]
    if "address1" in args:
        parts = [args["address1"], args["address2"], args["city"], args["state"], args["zip"]]
        wish["address"] = ", ".join(part for part in parts if part)
    if order is None:
        return wish
    if "item_ids" not in args:
        wish["things"] = [thing_of(item, user, db) for item in _telling(order, user, db)]
        return wish
    new_ids = args.get("new_item_ids") or [None] * len(args["item_ids"])
    left = list(order["items"])
    things = []
    for item_id, new_id in zip(args["item_ids"], new_ids, strict=False):
        item = next((one for one in left if one["item_id"] == item_id), None) or _known(item_id, db)
        if item in left:
            left.remove(item)
        thing = thing_of(item, user, db)
        if new_id is not None:
            thing |= wishes_into(item, _known(new_id, db), is_faulty=FAULTY.search(told) is not None)
        things.append(thing)
    if any(thing["marks"] for thing in things):  # of things they have twice they look the number up
        wish["order"] = order["order_id"]
    names = {thing["name"] for thing in things}
    wish["things"] = things
    wish["keeps"] = sorted({one["name"] for one in left} - names)
    return wish


def _known(item_id: str, db: Json) -> Json:
    for product in db["products"].values():
        if item_id in product["variants"]:
            return {"name": product["name"], "product_id": product["product_id"], **product["variants"][item_id]}
    return {"name": item_id, "product_id": "", "item_id": item_id, "options": {}}


def _telling(order: Json, user: Json, db: Json) -> list[Json]:
    """Items that tell the order from the user's others: those that no other has, else all."""
    others = {item["name"] for key in user["orders"] if key != order["order_id"] for item in db["orders"][key]["items"]}
    own = [item for item in order["items"] if item["name"] not in others]
    return (own or list(order["items"]))[:2]
