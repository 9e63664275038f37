"""The measure on the public retail tasks: what it reads, how it compares, and that its pack holds together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.tau2.attempts import RULES, Generator
from bench.tau2.compare import differences
from bench.tau2.files import Action, BadFile, read_expected, read_tasks
from bench.tau2.scenarios import scenario_of
from bench.tau2.semantics import after
from bench.tau2.shop import use_pack
from bench.tau2.unseen.maker import Maker

DB = {
    "products": {"p": {"product_id": "p", "name": "Desk Lamp", "variants": {
        "1": {"item_id": "1", "options": {"color": "black"}, "available": True, "price": 10.0},
        "2": {"item_id": "2", "options": {"color": "white"}, "available": True, "price": 12.5},
        "3": {"item_id": "3", "options": {"color": "red"}, "available": False, "price": 9.0}}}},
    "users": {"mira_1": {
        "user_id": "mira_1", "name": {"first_name": "Mira", "last_name": "Lang"}, "email": "mira@example.com",
        "address": {"address1": "1 Elm", "address2": "", "city": "Albany", "state": "NY", "country": "USA",
                    "zip": "12084"},
        "payment_methods": {"paypal_1": {"source": "paypal", "id": "paypal_1"}}, "orders": ["#W1"]}},
    "orders": {"#W1": {
        "order_id": "#W1", "user_id": "mira_1", "status": "delivered",
        "items": [{"item_id": "1", "product_id": "p", "name": "Desk Lamp", "price": 10.0,
                   "options": {"color": "black"}}],
        "payment_history": [{"transaction_type": "payment", "amount": 10.0, "payment_method_id": "paypal_1"}],
        "address": {}, "fulfillments": []}},
}  # fmt: skip
DB["users"]["olek_2"] = {**DB["users"]["mira_1"], "user_id": "olek_2", "orders": [], "payment_methods": {
    "paypal_2": {"source": "paypal", "id": "paypal_2"}}}  # fmt: skip
EXCHANGE = {"name": "exchange_delivered_order_items", "arguments": {
    "order_id": "#W1", "item_ids": ["1"], "new_item_ids": ["2"], "payment_method_id": "paypal_1"}}  # fmt: skip


def tasks_file(folder: Path, *actions: dict) -> Path:
    file = folder / "tasks.json"
    file.write_text(json.dumps([{"id": 7, "evaluation_criteria": {"actions": list(actions)}}]), encoding="utf-8")
    return file


def test_an_action_that_no_tool_has_is_named(tmp_path):
    with pytest.raises(BadFile, match=r"task 7: no such action 'fly'"):
        read_tasks(tasks_file(tmp_path, {"name": "fly", "arguments": {}}))


def test_a_broken_line_of_right_states_is_named(tmp_path):
    file = tmp_path / "expected.jsonl"
    file.write_text('{"task_id": 1, "changed": {}}\n{"task_id": 2}\n', encoding="utf-8")
    with pytest.raises(BadFile, match=r":2: "):
        read_expected(file)


def test_states_are_compared_to_the_cent_and_sets_of_items_without_order():
    have = {"orders": {"#W1": {"total": 71.96000000000001, "return_items": ["b", "a"]}}, "users": {}}
    want = {"orders": {"#W1": {"total": 71.96, "return_items": ["a", "b"]}}, "users": {}}
    assert differences(have, want) == []
    want["orders"]["#W1"]["total"] = 71.97
    assert differences(have, want) == ["orders #W1 total: 71.96, expected 71.97"]


def test_a_task_becomes_a_customer_who_knows_no_more_than_they_are_told(tmp_path):
    (task,) = read_tasks(tasks_file(tmp_path, EXCHANGE))
    scenario = scenario_of(task, DB, seed=0)
    (wish,) = scenario.wishes
    assert wish.want == "exchange_items"
    assert wish.things[0].into == {"color": "white"}
    assert wish.order == ""
    assert "email" not in scenario.knows


def test_right_attempts_of_a_shop_are_made_from_its_data_alone():
    (returned,) = [one for one in Generator(DB).right(1) if one.action.name == "return_delivered_order_items"]
    assert returned.by == "mira_1"
    assert returned.action.args["payment_method_id"] == "paypal_1"
    assert all(rule.names for rule in RULES.values())


def test_the_benchs_own_playbooks_and_rules_hold_together(settings, tmp_path):
    from kefu.assistant.policy import pack_rules
    from kefu.assistant.turn.book import book_of

    settings.KEFU_HOME = tmp_path
    settings.PACKS_DIR = settings.PACKS_DIR  # put back after the test
    use_pack()
    book = book_of("tau2")
    assert {"return_item", "exchange_item", "change_item", "know_customer"} <= set(book.playbooks)
    ours = {rule.id for rule in pack_rules("tau2")}
    named = {name for rule in RULES.values() for name in rule.names if name.startswith("tau2.")}
    assert named <= ours


def test_a_writing_action_without_its_arguments_is_named(tmp_path):
    with pytest.raises(BadFile, match=r"task 7: cancel_pending_order lacks reason"):
        read_tasks(tasks_file(tmp_path, {"name": "cancel_pending_order", "arguments": {"order_id": "#W1"}}))


def test_fields_that_nobody_knows_are_left_alone(tmp_path):
    file = tmp_path / "tasks.json"
    task = {"id": 7, "mood": "sunny", "evaluation_criteria": {"actions": [{**EXCHANGE, "cost": 3}], "grade": "A"}}
    file.write_text(json.dumps([task]), encoding="utf-8")
    (read,) = read_tasks(file)
    assert read.actions[0].name == EXCHANGE["name"]


def test_the_right_end_state_is_worked_out_without_kefu():
    changed = after(DB, [Action(EXCHANGE["name"], EXCHANGE["arguments"])])
    assert changed["orders"]["#W1"]["exchange_price_difference"] == 2.5
    assert changed["orders"]["#W1"]["status"] == "exchange requested"
    sold_out = {**EXCHANGE["arguments"], "new_item_ids": ["3"]}
    assert after(DB, [Action(EXCHANGE["name"], sold_out)]) == {}


def test_new_tasks_are_the_same_for_a_seed_and_others_for_another():
    def told(seed: int) -> list[tuple]:
        return [(task.kinds, task.scenario) for task in Maker(DB, seed).tasks(31)]

    assert told(3) == told(3)
    assert told(3) != told(4)
    assert any("return" in kinds for kinds, _ in told(3))
