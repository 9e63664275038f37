"""Whatever promises money or a day names the rule it rests on, in every playbook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kefu.assistant.dialogue.tests.stage import Stage, the_book
from kefu.assistant.dialogue.tests.test_scenarios import _shop, _understood, stories
from kefu.assistant.engine.effects import Ask, Confirm, Say
from kefu.assistant.policy import pack_rules
from kefu.commerce.tables import tables_of

#: what happened, or what somebody has paid: told, not promised
TOLD = frozenset({"last", "placed_at", "placed_on", "delivered_on", "opened_on", "total", "order_total", "as_of"})


def promised(facts: dict[str, Any]) -> Iterator[str]:
    """The names of the amounts and days that a text is filled with."""
    for name, value in facts.items():
        if name in TOLD:
            continue
        if isinstance(value, dict) and ({"minor", "currency"} <= set(value) or set(value) == {"date"}):
            yield name
        elif isinstance(value, dict) and isinstance(value.get("facts"), dict):
            yield from promised(value["facts"])


def test_every_amount_and_every_day_that_is_promised_names_its_rule() -> None:
    known = {rule.id for rule in pack_rules("ecommerce")}
    known |= {row.id for rows in tables_of().rows.values() for row in rows}
    without: set[str] = set()
    unknown: set[str] = set()
    for given in stories():
        _, story = given.values
        stage = Stage(_shop(story.get("given", {})))
        for said in story["customer"]:
            outcome = stage.hears(_understood(said, stage))
            rules = {traced.case: traced.rules for traced in outcome.trace}
            for case, effect in outcome.effects:
                if isinstance(effect, Say | Ask | Confirm) and set(promised(effect.facts)) and not rules.get(case):
                    without.add(f"{outcome.talk.cases[case].playbook}: {effect.key}")
            unknown |= {rule for told in rules.values() for rule in told} - known
    assert without == set()
    assert unknown == set()


def test_the_tables_name_actions_that_want_the_level_they_say() -> None:
    from kefu.assistant.actions.registry import actions

    levels = {"none": 0, "order": 1, "customer": 2}
    for row in tables_of().table("verification"):
        for name in row["about"]:
            assert actions()[name].verification == levels[row["level"]], name


def test_no_playbook_of_parcels_and_accounts_is_without_a_story() -> None:
    told = {str(given.values[0].name).split(".")[0].removesuffix("_told") for given in stories()}
    own = {"customs_duties", "restricted_goods", "parcel_lost", "returned_to_sender", "delivery_change", "account_open",
           "account_change", "account_merge", "consent", "sign_in_trouble", "data_request", "loyalty_points",
           "complaint", "urgent"}  # fmt: skip
    assert own <= told & set(the_book().playbooks)
