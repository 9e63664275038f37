"""The talk around the cases: hello, not understanding, people, many things at once, coming back."""

from __future__ import annotations

from kefu.assistant.dialogue.drive import resume
from kefu.assistant.dialogue.tests.stage import Shop, Stage, delivered_order, keys, of_kind, order, parcel
from kefu.assistant.engine.effects import Ask, Confirm, HandOver, Say
from kefu.assistant.language import Ask as AskSomething
from kefu.assistant.language import (
    AskPerson,
    Choose,
    Deny,
    Feel,
    Fill,
    OutOfScope,
    Social,
    Start,
    Understanding,
)  # fmt: skip

WHERE = Start(0.9, "where is my parcel", "order_status")
CANCEL = Start(0.9, "cancel it", "cancel_order")


def verified() -> Stage:
    return Stage(Shop([order("KF-1042", "shipped", parcels=[parcel()])], verification=2))


def test_hello_thanks_and_goodbye_open_no_case() -> None:
    stage = Stage()
    for kind in ("greeting", "thanks", "goodbye", "praise"):
        told = stage.says(Social(0.9, "", kind))  # type: ignore[arg-type]
        assert keys(told) == [f"talk.{kind}"]
        assert all(key.startswith("~") for key, _ in told.effects)


def test_hello_with_a_wish_is_about_the_wish() -> None:
    assert keys(verified().says(Social(0.9, "hi", "greeting"), WHERE)) == ["order.on_time"]


def test_something_off_topic_is_declined_and_the_open_question_comes_back() -> None:
    stage = Stage()
    stage.says(WHERE)
    assert keys(stage.says(OutOfScope(0.9, "the weather"))) == ["talk.off_topic", "dialogue.back", "verify.both"]


def test_unsure_once_it_asks_with_the_near_misses() -> None:
    stage = Stage()
    (ask,) = of_kind(stage.says(text="hm", alternatives=[("return_item", 0.4), ("cancel_order", 0.38)]), Ask)
    assert [value for value, _ in ask.options] == ["return_item", "cancel_order", "human"]
    assert keys(stage.says(Choose(1, "Return", "return_item"))) == ["verify.both"]


def test_unsure_twice_it_gets_a_person_with_a_summary() -> None:
    stage = Stage()
    stage.says(text="asdf")
    (given,) = of_kind(stage.says(text="qwer"), HandOver)
    assert given.reason == "unsure"


def test_an_order_number_alone_is_kept_for_the_wish_that_follows() -> None:
    stage = verified()
    assert keys(stage.says(Fill(1, "KF-1042", "order_number", "KF-1042"))) == ["clarify.which"]
    told = stage.says(Choose(1, "where", "order_status"))
    assert of_kind(told, Say)[0].facts["order_number"] == "KF-1042"


def test_who_asks_for_a_person_gets_one_at_once_with_what_is_known() -> None:
    stage = Stage()
    stage.says(WHERE, Fill(1, "KF-1042", "order_number", "KF-1042"))
    (given,) = of_kind(stage.says(AskPerson(0.9, "a human please")), HandOver)
    assert (given.reason, given.summary["wish"]) == ("asked", "order_status")
    assert given.summary["known"]["order_number"] == "KF-1042"


def test_an_angry_customer_goes_to_a_person_and_nothing_is_done() -> None:
    stage = Stage(Shop(verification=2))
    told = stage.says(CANCEL, Feel(0.9, "angry!", "angry"))
    assert of_kind(told, HandOver)[0].reason == "angry"
    assert of_kind(told, HandOver)[0].summary["wish"] == "cancel_order"
    assert stage.shop.done == []


def test_the_person_who_takes_an_angry_customer_sees_order_parcel_and_mood() -> None:
    late = order("KF-1042", "shipped", parcels=[parcel(promised=-3)])
    stage = Stage(Shop([late], verification=2))
    told = stage.says(WHERE, Feel(0.9, "angry!", "angry"))
    assert keys(told) == ["order.late", "upset.given"]
    (given,) = of_kind(told, HandOver)
    assert (given.queue, given.priority) == ("logistics", 1)
    standing = given.summary["standing"]
    assert (given.summary["order"], given.summary["mood"], standing["state"]) == ("KF-1042", "angry", "shipped")
    assert standing["parcels"][0]["last"].endswith("in_transit Köln")
    assert standing["items"] == ["1 × Rain jacket"]


def test_handed_back_an_angry_customers_case_goes_on_where_it_stood() -> None:
    stage = Stage(Shop(verification=2))
    stage.says(CANCEL, Feel(0.9, "angry!", "angry"))
    stage.talk = resume(stage.talk, "1")
    assert keys(stage.says(CANCEL)) == ["cancel.confirm"]


def test_the_person_sees_what_else_is_open() -> None:
    stage = Stage()
    stage.says(WHERE, CANCEL)
    (given,) = of_kind(stage.says(AskPerson(0.9)), HandOver)
    assert [one["wish"] for one in given.summary["also_open"]] == ["cancel_order"]


def test_handed_back_the_case_goes_on_where_it_stood() -> None:
    stage = Stage()
    stage.says(WHERE)
    stage.says(AskPerson(0.9))
    stage.talk = resume(stage.talk, "1")
    assert keys(stage.proves()) == ["order.not_shipped"]


def test_six_problems_are_for_a_person() -> None:
    stage = Stage()
    intents = ["return_item", "cancel_order", "order_status", "exchange_item", "change_order", "refund_status"]
    for intent in intents:
        told = stage.says(Start(0.9, intent, intent))
    assert of_kind(told, HandOver)[0].reason == "many"


def test_a_question_is_answered_with_its_source_or_honestly_not_at_all() -> None:
    stage = Stage()
    stage.shop.answers = {"wash": {"by": "catalog.answer", "en": "At 30 degrees."}}
    ask = Start(0.9, "how do I wash it?", "product_question")
    told = stage.says(ask, AskSomething(0.9, "how do I wash it?", "how do I wash it?"), text="how do I wash it?")
    assert keys(told) == ["answer.product"]
    assert of_kind(told, Say)[0].cites == ("article:1@v1",)
    unknown = Start(0.9, "who made it?", "product_question")
    told = stage.says(unknown, AskSomething(0.9, "who made it?", "who made it?"), text="who made it?")
    assert keys(told) == ["answer.unknown", "person.offer"]
    assert keys(stage.says(Deny(0.9, "no"))) == ["person.left"]


def test_several_messages_get_one_reply() -> None:
    stage = verified()
    told = stage.hears(
        Understanding("hi", "en", (Social(0.9, "hi", "greeting"),)), Understanding("where", "en", (WHERE,))
    )
    assert keys(told) == ["talk.greeting", "order.on_time"]


def test_two_orders_in_one_question_are_two_cases() -> None:
    orders = [order(f"KF-{n}", "shipped", parcels=[parcel(f"KF-{n}")]) for n in (1, 2)]
    told = Stage(Shop(orders, verification=2)).says(
        WHERE, Fill(1, "KF-1", "order_number", "KF-1"), Fill(1, "KF-2", "order_number", "KF-2")
    )
    assert [say.facts["order_number"] for say in of_kind(told, Say)] == ["KF-1", "KF-2"]


def test_a_photo_is_asked_for_once_and_its_lack_stops_nothing() -> None:
    stage = Stage(Shop([delivered_order()], verification=2))
    asked = stage.says(Start(0.9, "it arrived broken", "item_problem"), Fill(0.9, "broken", "cause", "damaged"))
    assert keys(asked) == ["problem.sorry", "problem.photo"]
    assert keys(stage.says(Deny(0.9, "no"))) == ["remedy.offer.resend"]


def test_a_way_that_was_declined_is_not_offered_again() -> None:
    stage = Stage(Shop([delivered_order()], verification=2))
    stage.says(Start(0.9, "", "item_problem"), Fill(0.9, "", "cause", "damaged"))
    stage.says(Deny(0.9, "no"))
    assert keys(stage.says(Deny(0.9, "no"))) == ["remedy.offer.part_refund"]
    # what can't be had is said once, and what was declined before stays declined
    told = stage.says(Fill(0.9, "repair", "remedy", "repair"))
    assert keys(told) == ["remedy.not_possible", "remedy.offer.take_back"]


def test_a_yes_to_one_way_is_no_yes_to_another() -> None:
    stage = Stage(Shop([delivered_order()], verification=2))
    stage.says(Start(0.9, "", "item_problem"), Fill(0.9, "", "cause", "damaged"))
    resend = next(one for one in of_kind(stage.says(Deny(0.9, "no")), Confirm) if isinstance(one, Confirm))
    stage.says(Deny(0.9, "no"))
    stage.says(Choose(1.0, "yes", f"yes:{resend.deed.fingerprint()}"))  # the button of the older message
    assert stage.shop.done == []
