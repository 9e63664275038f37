"""What the plain forms write: one row, one limit, one text, one playbook turned off, and nothing beside it."""

from __future__ import annotations

import pytest

from kefu.assistant.editions.faults import faults_of
from kefu.assistant.editions.limits import limits_of, with_limit
from kefu.assistant.editions.rows import moved, rows_in, with_row, without_row
from kefu.assistant.editions.sources import pack_sources
from kefu.assistant.editions.switching import is_off, turned_off
from kefu.assistant.editions.wording import texts_in, with_wording
from kefu.assistant.policy import load_sources
from kefu.commerce.tables.loader import read_sources

LADDER = pack_sources("ecommerce", "remedies")["remedies/ladder.yaml"]
REMEDY = pack_sources("ecommerce", "policies")["policies/remedy.yaml"]


@pytest.mark.parametrize("file", sorted(pack_sources("ecommerce", "tables")))
def test_every_row_written_anew_says_the_same(file):
    text, name = pack_sources("ecommerce", "tables")[file], file.partition("/")[2]
    again = text
    for row in rows_in(text):
        again = with_row(again, row.id, row.columns)
    before, after = read_sources({name: text})[0], read_sources({name: again})
    assert after[1] == []
    assert [(one.id, one.values) for one in after[0].rows[name[:-5]]] == [
        (one.id, one.values) for one in before.rows[name[:-5]]
    ]


def test_a_row_moves_with_what_it_says_and_the_others_stay():
    ids = [row.id for row in rows_in(LADDER)]
    assert [row.id for row in rows_in(moved(LADDER, ids[2], by=-1))] == [ids[0], ids[2], ids[1], *ids[3:]]
    assert moved(LADDER, ids[0], by=-1) == LADDER
    assert [row.id for row in rows_in(without_row(LADDER, ids[1]))] == [ids[0], *ids[2:]]
    assert moved(moved(LADDER, ids[2], by=1), ids[2], by=-1) == LADDER


def test_a_limit_changes_in_every_rule_that_knows_it_and_in_their_words():
    own = [
        one for one in limits_of(load_sources({"remedy.yaml": REMEDY})) if (one.actor, one.role) == ("agent", "agent")
    ]
    amounts = {**own[0].by_currency, "EUR": "80.00"}
    after = {rule.id: rule for rule in load_sources({"remedy.yaml": with_limit(REMEDY, own[0], amounts)})}
    assert "80.00 EUR" in [str(one) for one in after["remedy.agent_limit"].up_to]
    assert '"80.00 EUR"' in after["remedy.agent_over_limit"].when.source
    assert after["remedy.agent_limit"].explanation["en"] == "An agent makes faults good up to 80 euros."
    assert "80欧元" in after["remedy.agent_limit"].explanation["zh"]
    untouched = {rule.id: rule for rule in load_sources({"remedy.yaml": REMEDY})}["remedy.assistant_limit"]
    assert after["remedy.assistant_limit"].up_to == untouched.up_to


def test_a_text_is_worded_anew_and_no_other_line_changes():
    text = pack_sources("ecommerce", "replies")["replies/en/returns.yaml"]
    key = next(iter(texts_in(text)))
    again = with_wording(text, key, {"chat": "First: line\nsecond {x}", "letter": "Dear {name}"})
    assert texts_in(again)[key] == {"chat": "First: line\nsecond {x}", "letter": "Dear {name}"}
    assert {one: said for one, said in texts_in(again).items() if one != key} == {
        one: said for one, said in texts_in(text).items() if one != key
    }


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["return_item", "cancel_order", "item_problem"])
def test_a_playbook_turned_off_can_work_and_gives_everybody_to_a_person(brand, name):
    file = f"playbooks/{name}.yaml"
    text = turned_off(pack_sources("ecommerce", "playbooks")[file])
    assert is_off(text)
    assert faults_of(brand, file, text) == []
