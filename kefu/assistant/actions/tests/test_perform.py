"""The one door: order of checks, done once, recorded with the rule."""

from __future__ import annotations

import pytest

from kefu.assistant.actions import action_specs, actions, perform
from kefu.assistant.actions.registry import WRITES, action
from kefu.assistant.actions.tests.conftest import Do, a_call
from kefu.assistant.engine.effects import Deed
from kefu.assistant.models import ActionRecord
from kefu.assistant.policy import pack_rules
from kefu.assistant.tests.shop import order
from kefu.commerce.models import Order, OrderState, Refund, Return
from kefu.desk.models import Event, Verification
from kefu.people.models import Customer

pytestmark = pytest.mark.django_db
CANCEL = "commerce.cancel_order"


def states() -> dict[str, str]:
    return dict(Order.objects.values_list("number", "state"))


def test_a_confirmed_cancel_is_done_recorded_and_told_with_its_rule(talk, mira, do: Do) -> None:
    order(mira, "KF-1")
    result = do(talk, CANCEL, {"order": "KF-1"})
    assert (result.ok, result.rule, result.decision) == (True, "cancel.before_packing", "allow")
    assert result.value == {"order_number": "KF-1", "refund": {"minor": 12900, "currency": "EUR"},
                            "refund_days": 5, "method": "card"}  # fmt: skip
    record = ActionRecord.objects.get()
    assert (record.ok, record.rule, record.action, record.value) == (True, result.rule, CANCEL, result.value)
    event = Event.objects.get(kind="assistant.action_done")
    assert (event.facts["rule"], event.actor_kind) == ("cancel.before_packing", "assistant")
    assert Refund.objects.get().rule == "cancel.before_packing"


def test_the_same_key_gives_the_first_result_and_nothing_happens_twice(talk, mira, do: Do) -> None:
    order(mira, "KF-1")
    first = do(talk, CANCEL, {"order": "KF-1"})
    again = do(talk, CANCEL, {"order": "KF-1"})
    assert again == first
    assert (Refund.objects.count(), ActionRecord.objects.count()) == (1, 1)


def test_one_key_never_names_two_deeds(talk, mira, do: Do) -> None:
    order(mira, "KF-1")
    order(mira, "KF-2")
    do(talk, CANCEL, {"order": "KF-1"})
    result = do(talk, CANCEL, {"order": "KF-2"})
    assert (result.ok, result.code) == (False, "actions.key_taken")
    assert states()["KF-2"] == OrderState.PAID


@pytest.mark.parametrize("confirmed", ["", "yes", "0" * 32, Deed(CANCEL, {"order": "KF-2"}).fingerprint()])
def test_without_a_yes_to_exactly_this_nothing_is_done(talk, mira, do: Do, confirmed: str) -> None:
    order(mira, "KF-1")
    result = do(talk, CANCEL, {"order": "KF-1"}, confirmed=confirmed)
    assert (result.ok, result.code) == (False, "actions.not_confirmed")
    assert states() == {"KF-1": OrderState.PAID}


def test_a_yes_to_another_amount_is_no_yes(talk, mira, do: Do) -> None:
    order(mira, "KF-1")
    wrong = do(talk, CANCEL, {"order": "KF-1"}, amounts={"refund": {"minor": 99900, "currency": "EUR"}})
    assert wrong.code == "actions.not_confirmed"
    right = do(talk, CANCEL, {"order": "KF-1"}, amounts={"refund": {"minor": 12900, "currency": "EUR"}})
    assert right.ok


def test_a_refusal_does_not_use_up_the_key(talk, mira, do: Do) -> None:
    order(mira, "KF-1")
    assert not do(talk, CANCEL, {"order": "KF-1"}, confirmed="").ok
    assert do(talk, CANCEL, {"order": "KF-1"}).ok


def test_a_stranger_is_asked_for_proof_before_anything_else(stranger_talk, mira, do: Do) -> None:
    order(mira, "KF-1")
    result = do(stranger_talk, CANCEL, {"order": "KF-1"})
    assert (result.ok, result.code) == (False, "identity.needed")
    assert do(stranger_talk, CANCEL, {"order": "KF-9999"}) == result  # what exists makes no difference


@pytest.mark.parametrize("number", ["KF-2", "KF-9999"])
def test_anothers_order_and_no_order_are_told_alike(talk, mira, brand, do: Do, number: str) -> None:
    order(mira, "KF-1")
    order(Customer.objects.create(brand=brand, external_id="C-2", email="someone@example.com"), "KF-2")
    result = do(talk, CANCEL, {"order": number})
    assert (result.ok, result.code, result.value) == (False, "commerce.order_not_found", {})
    assert states()["KF-2"] == OrderState.PAID


def test_facts_that_lie_do_not_open_anothers_order(talk, mira, brand, do: Do) -> None:
    """Should facts ever hold too much, the row itself is asked again."""
    theirs = order(Customer.objects.create(brand=brand, external_id="C-2", email="someone@example.com"), "KF-2")
    from dataclasses import replace

    from kefu.assistant.gather import order_fact
    from kefu.commerce.sheets import sheets_numbered

    call = a_call(talk)
    (sheet,) = sheets_numbered(theirs.brand_id, [theirs.number], newest=1)
    fact = order_fact(sheet, tables=call.facts.tables, on=call.facts.today)
    call = replace(call, facts=replace(call.facts, orders=(fact,)))
    result = perform(call, CANCEL, {"order": "KF-2"}, confirmed=Deed(CANCEL, {"order": "KF-2"}).fingerprint())
    assert (result.ok, result.code) == (False, "commerce.order_not_found")


def test_a_packed_order_is_refused_by_name_of_the_rule(talk, mira, do: Do) -> None:
    order(mira, "KF-1", state="packing")
    result = do(talk, CANCEL, {"order": "KF-1"})
    assert (result.decision, result.rule, result.code) == ("refuse", "cancel.already_packing", "policy.refused")
    assert result.tells_customer == "policy.cancel_packing"
    assert ActionRecord.objects.get(ok=False).rule == "cancel.already_packing"
    assert Event.objects.get(kind="assistant.action_refused").facts["rule"] == "cancel.already_packing"


def test_a_large_refund_waits_for_a_supervisor(talk, mira, do: Do) -> None:
    order(mira, "KF-1", of=None)
    Order.objects.update(total_minor=90_000)
    from kefu.commerce.models import Payment

    Payment.objects.update(amount_minor=90_000)
    args = {"order": "KF-1", "amount": {"minor": 15_001, "currency": "EUR"}, "reason": "late"}
    result = do(talk, "commerce.refund", args)
    assert (result.decision, result.value, result.rule) == (
        "needs_approval", {"role": "supervisor"}, "refund.needs_supervisor",
    )  # fmt: skip
    assert Refund.objects.count() == 0
    args["amount"] = {"minor": 15_000, "currency": "EUR"}
    assert do(talk, "commerce.refund", args).ok
    assert Refund.objects.get().rule == "refund.assistant_limit"


def test_rules_that_allow_too_much_still_meet_the_actions_own_limit(talk, mira, do: Do, tmp_path) -> None:
    from kefu.assistant.policy import load
    from kefu.commerce.models import Payment

    order(mira, "KF-1")
    Payment.objects.update(amount_minor=90_000)
    (tmp_path / "loose.yaml").write_text(
        '- {id: loose, about: commerce.refund, when: "true", decision: allow, source: test, date: 2026-03-01,\n'
        "   explanation: {en: all, zh: 全部}}\n"
    )
    args = {"order": "KF-1", "amount": {"minor": 20_000, "currency": "EUR"}, "reason": "late"}
    result = do(talk, "commerce.refund", args, rules=load(tmp_path))
    assert (result.decision, result.rule) == ("needs_approval", "action.limit")
    assert Refund.objects.count() == 0


def test_three_refunds_in_a_month_bring_a_person_in(talk, mira, do: Do) -> None:
    order(mira, "KF-1")
    args = {"order": "KF-1", "amount": {"minor": 100, "currency": "EUR"}, "reason": "late"}
    assert all(do(talk, "commerce.refund", args, key=f"r{n}").ok for n in range(3))
    fourth = do(talk, "commerce.refund", args, key="r3")
    assert (fourth.decision, fourth.rule) == ("needs_approval", "refund.too_many")


def test_a_return_is_opened_once_with_deadline_refund_and_address(talk, mira, brand, do: Do) -> None:
    brand.settings = {"return_address": "Lumen Returns, Lagerstr. 1, 12345 Berlin"}
    brand.save()
    order(mira, "KF-1", state="delivered", delivered_days_ago=3)
    args = {"line": "KF-1/1", "reason": "too_small", "quantity": 1}
    result = do(talk, "commerce.open_return", args)
    assert result.ok, result
    assert result.value == {"return_number": "KF-1-R1", "refund": {"minor": 12900, "currency": "EUR"},
                            "deadline": {"date": "2026-03-16"}, "refund_days": 5,
                            "address": "Lumen Returns, Lagerstr. 1, 12345 Berlin"}  # fmt: skip
    assert result.rule == "return.withdrawal_eu"
    again = do(talk, "commerce.open_return", args, key="deed-2")
    assert (again.ok, again.rule, Return.objects.count()) == (False, "return.nothing_left", 1)


def test_a_refusal_below_leaves_no_half_state(talk, mira, do: Do) -> None:
    order(mira, "KF-1", state="delivered", delivered_days_ago=3)
    result = do(talk, "commerce.open_return", {"line": "KF-1/1", "reason": "too_small", "quantity": 5})
    assert (result.ok, result.code) == (False, "commerce.too_many_pieces")
    assert result.tells_customer == "return.too_many"
    assert (Return.objects.count(), ActionRecord.objects.filter(ok=True).count()) == (0, 0)
    assert ActionRecord.objects.get(ok=False).rule == "return.withdrawal_eu"


@pytest.mark.parametrize(
    "args",
    [
        {}, {"order": 7}, {"order": None}, {"order": ""}, {"order": "x" * 61}, {"order": ["KF-1"]},
        {"order": "KF-1\x00"}, {"order": "KF-1", "extra": 1}, {"order": {"$ne": ""}},
    ],
)  # fmt: skip
def test_arguments_of_the_wrong_shape_are_refused_and_do_nothing(talk, mira, do: Do, args) -> None:
    order(mira, "KF-1")
    assert do(talk, CANCEL, args).code == "actions.bad_arguments"
    assert states() == {"KF-1": OrderState.PAID}


@pytest.mark.parametrize(
    "amount",
    [
        {"minor": 0, "currency": "EUR"}, {"minor": -5, "currency": "EUR"}, {"minor": True, "currency": "EUR"},
        {"minor": 1.5, "currency": "EUR"}, {"minor": 5, "currency": "eur"}, {"minor": 10**13, "currency": "EUR"},
        5, "5",
    ],
)  # fmt: skip
def test_money_is_exact_or_refused(talk, mira, do: Do, amount) -> None:
    order(mira, "KF-1")
    result = do(talk, "commerce.refund", {"order": "KF-1", "amount": amount, "reason": "x"})
    assert result.code == "actions.bad_arguments"


def test_an_action_nobody_declared_is_refused(talk, do: Do) -> None:
    assert do(talk, "shop.give_everything_away", {}).code == "actions.unknown"


def test_a_rule_that_fails_refuses_and_an_editor_sees_it(talk, mira, do: Do, tmp_path) -> None:
    from kefu.assistant.policy import load

    order(mira, "KF-1")
    (tmp_path / "bad.yaml").write_text(
        '- {id: allow.all, about: commerce.cancel_order, when: "true", decision: allow, source: t, date: 2026-03-01,\n'
        "   explanation: {en: all, zh: 全部}}\n"
        "- {id: broken, about: commerce.cancel_order, when: counts.nobody_counted > 3, decision: refuse, source: t,\n"
        "   date: 2026-03-01, explains: policy.not_allowed, explanation: {en: x, zh: x}}\n"
    )
    result = do(talk, CANCEL, {"order": "KF-1"}, rules=load(tmp_path))
    assert (result.ok, result.rule) == (False, "policy.error")
    assert Event.objects.get(kind="assistant.policy_failed").facts["rule"] == "broken"
    assert states() == {"KF-1": OrderState.PAID}


def test_two_brands_never_meet_in_one_call(talk, other_brand) -> None:
    from dataclasses import replace

    with pytest.raises(ValueError, match="two brands"):
        perform(replace(a_call(talk), brand=other_brand), CANCEL, {"order": "KF-1"})


def test_our_own_faults_are_not_hidden(talk, mira, do: Do, monkeypatch) -> None:
    from kefu.commerce import services

    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("bug")

    order(mira, "KF-1")
    monkeypatch.setattr(services, "cancel_order", broken)
    with pytest.raises(RuntimeError, match="bug"):
        do(talk, CANCEL, {"order": "KF-1"})
    assert ActionRecord.objects.count() == 0


def test_every_rule_speaks_of_actions_that_exist_and_every_action_has_a_rule() -> None:
    spoken_of = {name for rule in pack_rules("ecommerce") for name in rule.about}
    assert spoken_of == set(actions())


def test_playbooks_see_each_action_as_it_is_declared() -> None:
    spec = action_specs()["commerce.open_return"]
    assert spec.kind == "writes"
    assert spec.confirm
    assert dict(spec.args) == {"line": "order_line", "reason": "choice", "quantity": "quantity"}
    assert spec.optional == {"quantity"}
    assert spec.returns == {"return_number", "refund", "deadline", "refund_days", "address"}
    assert "commerce.return_window_over" in spec.refusals


def test_what_pays_must_be_confirmed() -> None:
    def pay(call: a_call, *, order: str) -> None: ...  # type: ignore[valid-type]

    with pytest.raises(TypeError):
        action(name="test.pay", kind=WRITES, verification=Verification.ORDER)(pay)


def test_the_reference_lists_every_action_as_it_is_declared() -> None:
    import re
    from pathlib import Path

    page = (Path(__file__).parents[4] / "docs" / "reference" / "actions.md").read_text(encoding="utf-8")
    rows = {}
    for line in page.splitlines():
        if found := re.match(r"\| `([a-z]+\.[a-z_]+)` \|(.*)\|$", line):
            kind, needs, yes, arguments, answers = (cell.strip() for cell in found.group(2).split("|"))
            rows[found.group(1)] = (kind, needs, yes == "yes", arguments, set(re.findall(r"`(\w+)`", answers)))
    declared = {
        name: (
            str(one.kind),
            one.verification.name.lower(),
            one.confirm,
            ", ".join(f"`{parameter.name}`{'?' if parameter.is_optional else ''}" for parameter in one.parameters),
            set(one.returns),
        )
        for name, one in actions().items()
    }
    assert rows == declared
