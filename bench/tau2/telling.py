"""Items of the shop's data as the simulated customer tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Any


def thing_of(item: Json, user: Json, db: Json) -> Json:
    """Named by its product; with the options that tell it from the user's other ones of that name."""
    same = [
        one for key in user["orders"] for one in db["orders"][key]["items"]
        if one["name"] == item["name"] and one["item_id"] != item["item_id"]
    ]  # fmt: skip
    marks = {
        name: value for name, value in item["options"].items()
        if any(one["options"].get(name) != value for one in same)
    }  # fmt: skip
    return {"name": item["name"], "marks": marks}


def wishes_into(item: Json, new: Json, *, is_faulty: bool = False) -> Json:
    """What becomes of an item, by the options that change; `new` is another product's when it has that one's name."""
    changed: Mapping[str, str] = {
        name: value for name, value in new["options"].items() if item["options"].get(name) != value
    }
    if new.get("product_id", item["product_id"]) != item["product_id"]:
        return {"into": {"": f"a {new['name']}"}}
    if not changed:
        return {"into": {"": "the same item again, it is damaged" if is_faulty else "the same item again"}}
    return {"into": dict(changed)}
