"""Cancelling: only what was shown, only after a plain yes, only once."""

from __future__ import annotations

from dataclasses import replace

from kefu.assistant.dialogue.tests.stage import Shop, Stage, delivered_order, keys, line, of_kind, order, parcel
from kefu.assistant.engine.effects import ActionResult, Ask, Close, Confirm, HandOver
from kefu.assistant.language import Affirm, Choose, Correct, Deny, Fill, Start, Stop
from kefu.assistant.language import Ask as AskSomething

CANCEL = Start(0.9, "cancel my order", "cancel_order")
YES = Affirm(0.9, "yes")


def verified(*orders: object) -> Stage:
    return Stage(Shop(list(orders) or [order()], verification=2))  # type: ignore[arg-type]


def test_it_shows_what_goes_back_and_cancels_after_a_yes() -> None:
    stage = verified()
    asked = stage.says(CANCEL)
    (confirm,) = of_kind(asked, Confirm)
    assert confirm.deed.args == {"order": "KF-1042"}
    assert confirm.deed.amounts["refund"] == {"minor": 8900, "currency": "EUR"}
    done = stage.says(YES)
    assert keys(done) == ["cancel.done"]
    assert [act.args for act in stage.shop.done] == [{"order": "KF-1042"}]
    assert of_kind(done, Close)[0].disposition == "cancelled"


def test_a_yes_before_anything_was_shown_is_for_nothing() -> None:
    stage = verified()
    stage.says(YES, CANCEL)
    assert stage.shop.done == []


def test_a_yes_with_a_condition_is_answered_and_asked_again() -> None:
    stage = verified()
    stage.says(CANCEL)
    told = stage.says(
        Affirm(0.9, "yes but", is_conditional=True), AskSomething(0.9, "", "when do I get the refund?"),
        text="yes but when do I get the refund?",
    )  # fmt: skip
    assert stage.shop.done == []
    assert keys(told)[0] == "follow.cancelled"
    assert keys(told)[-1] == "cancel.confirm"
    stage.says(YES)
    assert len(stage.shop.done) == 1


def test_a_no_leaves_the_order_alone() -> None:
    stage = verified()
    stage.says(CANCEL)
    assert keys(stage.says(Deny(0.9, "no"))) == ["cancel.kept"]
    assert stage.shop.done == []


def test_a_yes_that_comes_with_another_order_is_for_neither() -> None:
    stage = verified(order("KF-1"), order("KF-2"))
    stage.says(CANCEL, Fill(1, "KF-1", "order_number", "KF-1"))
    changed = stage.says(YES, Correct(1, "KF-2", "order_number", "KF-2"))
    assert stage.shop.done == []
    assert of_kind(changed, Confirm)[0].deed.args == {"order": "KF-2"}
    stage.says(YES)
    assert [act.args["order"] for act in stage.shop.done] == ["KF-2"]


def test_changing_there_and_back_needs_a_new_yes() -> None:
    stage = verified(order("KF-1"), order("KF-2"))
    stage.says(CANCEL, Fill(1, "KF-1", "order_number", "KF-1"))
    stage.says(Correct(1, "KF-2", "order_number", "KF-2"))
    stage.says(Correct(1, "KF-1", "order_number", "KF-1"))
    assert stage.shop.done == []
    stage.says(YES)
    assert [act.args["order"] for act in stage.shop.done] == ["KF-1"]


def test_an_order_that_left_between_question_and_yes_is_not_cancelled() -> None:
    stage = verified()
    stage.says(CANCEL)
    stage.shop.orders[0] = replace(stage.shop.orders[0], state="shipped", shipments=(parcel(),))
    told = stage.says(YES)
    assert stage.shop.done == []
    assert keys(told) == ["cancel.shipped"]


def test_an_amount_that_changed_between_question_and_yes_is_shown_anew() -> None:
    stage = verified()
    stage.says(CANCEL)
    found = stage.shop.orders[0]
    stage.shop.orders[0] = replace(found, refunded=replace(found.paid, minor=1000))
    again = stage.says(YES)
    assert stage.shop.done == []
    assert of_kind(again, Confirm)[0].deed.amounts["refund"]["minor"] == 7900


def test_a_shipped_order_cannot_be_cancelled_and_that_is_said() -> None:
    assert keys(verified(order(state="shipped", parcels=[parcel()])).says(CANCEL)) == ["cancel.shipped"]


def test_a_delivered_order_becomes_a_return_when_the_customer_wants_it() -> None:
    stage = verified(delivered_order())
    stage.says(CANCEL, Fill(1, "KF-1042", "order_number", "KF-1042"))
    asked = stage.says(YES)
    assert keys(asked) == ["return.why"]


def test_what_the_rules_refuse_is_explained_and_a_person_offered() -> None:
    stage = verified()
    stage.shop.refuses["commerce.cancel_order"] = ActionResult(
        "", "", False, code="policy.refused", tells_customer="policy.cancel_packing", rule="cancel.already_packing",
        decision="refuse",
    )  # fmt: skip
    stage.says(CANCEL)
    told = stage.says(YES)
    assert keys(told) == ["policy.cancel_packing", "person.offer"]
    assert "cancel.already_packing" in told.trace[0].rules
    assert of_kind(stage.says(YES), HandOver)


def test_what_needs_approval_goes_to_a_person() -> None:
    stage = verified()
    stage.shop.refuses["commerce.cancel_order"] = ActionResult("", "", False, decision="needs_approval", rule="limit")
    stage.says(CANCEL)
    told = stage.says(YES)
    assert of_kind(told, HandOver)[0].reason == "approval"


def test_never_mind_drops_it() -> None:
    stage = verified()
    stage.says(CANCEL)
    assert keys(stage.says(Stop(0.9, "never mind"))) == ["stop.done"]
    stage.says(YES)
    assert stage.shop.done == []


def test_a_question_in_between_is_answered_and_the_confirmation_asked_again() -> None:
    stage = verified(order("KF-1"), order("KF-2", "shipped", parcels=[parcel("KF-2")]))
    stage.says(CANCEL, Fill(1, "KF-1", "order_number", "KF-1"))
    told = stage.says(
        Start(0.9, "by the way, where is my other order", "order_status"), text="by the way, where is my other order?"
    )  # fmt: skip
    assert keys(told) == ["order.on_time", "dialogue.back", "cancel.confirm"]
    stage.says(YES)
    assert [act.args["order"] for act in stage.shop.done] == ["KF-1"]


def test_two_wishes_in_one_message_are_both_dealt_with() -> None:
    stage = verified(order("KF-1"), order("KF-2", "shipped", parcels=[parcel("KF-2")]))
    told = stage.says(
        CANCEL, Fill(1, "KF-1", "order_number", "KF-1"),
        Start(0.9, "where is KF-2", "order_status"), Fill(1, "KF-2", "order_number", "KF-2"),
    )  # fmt: skip
    assert keys(told) == ["order.on_time", "cancel.confirm"]


def test_which_of_two_orders_is_asked_with_buttons_and_a_pressed_one_counts() -> None:
    stage = verified(order("KF-1"), order("KF-2", lines=[line("KF-2/1", "Wool socks", "羊毛袜")]))
    (ask,) = of_kind(stage.says(CANCEL), Ask)
    assert ask.options == (("KF-1", "KF-1 · Rain jacket"), ("KF-2", "KF-2 · Wool socks"))
    shown = stage.says(Choose(1, "KF-2", "KF-2"))
    assert of_kind(shown, Confirm)[0].deed.args == {"order": "KF-2"}


def test_unclear_answers_end_with_a_person_and_never_with_a_loop() -> None:
    stage = verified(order("KF-1"), order("KF-2"))
    stage.says(CANCEL)
    assert keys(stage.says(text="hmm")) == ["cancel.which"]
    assert of_kind(stage.says(text="dunno"), HandOver)[0].reason == "unsure"


def test_the_proof_that_one_case_gets_lets_the_other_go_on() -> None:
    stage = Stage()
    stage.says(CANCEL, Start(0.9, "where is it", "order_status"))
    told = stage.proves()
    assert sorted(keys(told)) == ["cancel.confirm", "order.not_shipped"]


def test_yes_and_no_in_one_breath_is_neither() -> None:
    stage = verified()
    stage.says(CANCEL)
    assert keys(stage.says(Choose(1, "yes", "yes"), Deny(0.9, "no"), YES)) == ["cancel.confirm.again"]
    assert stage.shop.done == []


def test_the_button_of_an_older_question_is_for_nothing() -> None:
    stage = verified(order("KF-1"), order("KF-2"))
    first = of_kind(stage.says(CANCEL, Fill(1, "KF-1", "order_number", "KF-1")), Confirm)[0].deed.fingerprint()
    stage.says(Correct(1, "KF-2", "order_number", "KF-2"))
    stage.says(Choose(1, "yes", f"yes:{first}"))
    assert stage.shop.done == []


def test_a_yes_is_not_kept_for_later() -> None:
    stage = verified(order("KF-1"), order("KF-2"))
    stage.says(CANCEL, Fill(1, "KF-1", "order_number", "KF-1"))
    stage.says(YES, Correct(1, "KF-2", "order_number", "KF-2"))
    stage.says(Correct(1, "KF-1", "order_number", "KF-1"))
    assert stage.shop.done == []


def test_whoever_keeps_changing_their_mind_gets_a_person_at_last() -> None:
    stage = verified(order("KF-1"), order("KF-2"))
    stage.says(CANCEL, Fill(1, "KF-1", "order_number", "KF-1"))
    for turn in range(40):
        number = f"KF-{turn % 2 + 1}"
        told = stage.says(Correct(1, number, "order_number", number))
        if of_kind(told, HandOver):
            break
    assert of_kind(told, HandOver)[0].reason == "unsure"
    assert stage.shop.done == []
