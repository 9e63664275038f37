"""Rules from files: every fault at once, with line and cure; nothing hostile is ever compiled."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from kefu.assistant.policy import BadPolicies, load, pack_rules
from kefu.assistant.replies.texts import load_texts

GOOD = """
- id: {id}
  about: [commerce.refund]
  when: {when}
  decision: {decision}
  source: test
  date: 2026-03-01
  explains: policy.not_allowed
  explanation: {{en: why, zh: 原因}}
"""


def rule(when: str = '"true"', *, id: str = "a", decision: str = "refuse") -> str:
    return GOOD.format(id=id, when=when, decision=decision)


def faults(folder: Path, **more) -> list[str]:
    with pytest.raises(BadPolicies) as refused:
        load(folder, **more)
    return [str(fault) for fault in refused.value.faults]


def test_the_packs_rules_are_sound_and_every_text_they_name_exists() -> None:
    pack = Path(settings.PACKS_DIR) / "ecommerce"
    texts = load_texts(pack / "replies")
    rules = load(pack / "policies", texts=set(texts.keys()))
    assert rules == pack_rules("ecommerce")
    assert all(rule.source and rule.explanation["en"] and rule.explanation["zh"] for rule in rules)


@pytest.mark.parametrize(
    ("when", "cure"),
    [
        ("order.sate == 'paid'", "order has no sate"),
        ("order.total.cents > 1", "order.total has no cents"),
        ("weather == 'bad'", "unknown fact weather"),
        ("launch(order)", "unknown function launch()"),
        ("size(order.number) > 3", "use chars(text) or count(list)"),
        ("order.lines.exists(order, true)", "hides the fact order"),
        ("order.state ==", "this is not CEL"),
        ('""', "the condition is empty"),
        ('"' + "a" * 501 + '"', "500 is the most"),
        ("'" + "(" * 13 + "true" + ")" * 13 + "'", "12 is the most"),
        ("order.lines.all(a, order.lines.all(b, order.lines.all(c, true)))", "2 is the most"),
        ("[1, 2]", "when is a condition in CEL"),
    ],
)
def test_a_condition_that_cannot_be_used_is_refused_with_its_cure(write_rules, when: str, cure: str) -> None:
    found = faults(write_rules(rule(when)))
    assert any(cure in fault for fault in found), found
    assert all(fault.startswith("rules.yaml:") for fault in found)


@pytest.mark.parametrize(
    "when",
    [
        "'" + "!" * 20_000 + "true'",  # endless chains crash the library; they never reach it
        "'" + "a" + ".b" * 20_000 + "'",
        "'1" + "+1" * 20_000 + " == 1'",
        "'" + "(" * 5_000 + "'",
        '"\\u0000"',
        "'[1,2].map(x, [1,2].map(y, [1,2].map(z, x))) == []'",
    ],
)
def test_a_hostile_condition_never_reaches_the_library(write_rules, when: str) -> None:
    assert faults(write_rules(rule(when)))


def test_all_faults_come_at_once_each_with_its_line(write_rules) -> None:
    found = faults(
        write_rules(
            "- id: a\n  about: []\n  when: order.sate == 1\n  decision: maybe\n  colour: red\n"
            "- id: b\n  about: commerce.refund\n  when: true\n  decision: needs_approval\n  source: s\n"
            "  date: yesterday\n  up_to: lots\n  explanation: {en: x}\n"
            "- just text\n"
        )
    )
    told = "\n".join(found)
    for part in (
        "rules.yaml:2 a: about names the actions", "rules.yaml:3 a: order has no sate", 
        "rules.yaml:4 a: decision is 'maybe'",
        "rules.yaml:5 a: unknown field colour", "source is missing", "rules.yaml:11 b: date is the day",
        "rules.yaml:12 b: 'lots' is not an amount", "role must be one of", "the explanation in zh is missing",
        "a refusal tells the customer why", "rules.yaml:14 policy: a rule is a list of fields",
    ):  # fmt: skip
        assert part in told, (part, told)


def test_what_only_shows_when_rules_stand_together_is_found_too(write_rules) -> None:
    found = faults(
        write_rules(
            rule(id="a") + rule(id="a") + rule(id="policy.error") + rule("verification > 0", id="b", decision="allow")
        ),
        actions={"commerce.cancel_order"},
        texts={"policy.other"},
    )
    told = "\n".join(found)
    assert "the id is taken at rules.yaml:2" in told
    assert "policy.error is reserved" in told
    assert "no action is called commerce.refund" in told
    assert "no text has the key policy.not_allowed" in told
    assert "b: can never decide: a (rules.yaml:2) always goes before it" in told


@pytest.mark.parametrize("text", ["{", "a: b", "\t- x", "- [", "- {id: &a [*a]}", "just words"])
def test_what_is_not_a_list_of_rules_is_a_fault_and_no_crash(write_rules, text: str) -> None:
    assert faults(write_rules(text))


def test_a_file_that_is_changed_is_read_again(tmp_path, settings) -> None:
    settings.PACKS_DIR = tmp_path
    folder = tmp_path / "mine" / "policies"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(rule(id="first"))
    assert [one.id for one in pack_rules("mine")] == ["first"]
    (folder / "a.yaml").write_text(rule(id="second_one"))
    assert [one.id for one in pack_rules("mine")] == ["second_one"]


def test_the_reference_lists_every_fact_field_and_function() -> None:
    from kefu.assistant.policy.loader import FIELDS
    from kefu.assistant.policy.variables import HELPERS, SCHEMA

    page = (Path(settings.PACKS_DIR).parent / "docs" / "reference" / "policy.md").read_text(encoding="utf-8")
    names = {*SCHEMA, *FIELDS, *SCHEMA["order"], *SCHEMA["line"], *SCHEMA["customer"]}
    missing = [name for name in names if f"`{name}`" not in page] + [one for one in HELPERS if f"`{one}(" not in page]
    assert missing == []
