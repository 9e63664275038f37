"""The simulated customer against a Kefu that is played by the test: words and buttons in, words and presses out."""

from __future__ import annotations

from typing import Any

import pytest

from kefu.academy.customer import Customer
from kefu.academy.scenario import LANGUAGES, BadScenario, Scenario, read_scenario
from kefu.academy.wording import wordings_of

YES_NO = (("yes:abc", "Yes"), ("no:abc", "No"))


def scenario(**more: Any) -> Scenario:
    wish = {"want": "return_items", "things": ["Water Bottle", {"name": "Desk Lamp", "marks": {"color": "black"}}],
            "keeps": ["Bookshelf"], "pay": ["PayPal"], "order": "KF-1042"}  # fmt: skip
    data: dict[str, Any] = {"name": "Mira", "wishes": [wish], "knows": {"name": "Mira Lang", "postcode": "10115"}}
    return read_scenario(data | more)


def test_a_customer_opens_with_the_wish_and_names_the_things():
    said = Customer(scenario()).open()
    assert "Water Bottle" in said.text
    assert "Desk Lamp" in said.text
    assert "Bookshelf" not in said.text


def test_the_same_seed_talks_the_same_and_another_seed_otherwise():
    openings = {Customer(scenario(seed=seed)).open().text for seed in range(6)}
    assert Customer(scenario(seed=3)).open() == Customer(scenario(seed=3)).open()
    assert len(openings) > 1


def test_asked_who_they_are_they_say_what_they_know_and_no_more():
    mira = Customer(scenario())
    mira.open()
    said = mira.answer("Please send me your e-mail address, or your full name and postcode.")
    assert said is not None
    assert "Mira Lang" in said.text
    assert "10115" in said.text
    assert "@" not in said.text


def test_what_they_do_not_know_they_say_so():
    mira = Customer(scenario(knows={}, wishes=[{"want": "cancel_order", "things": ["Lamp"]}]))
    mira.open()
    said = mira.answer("Please send me the email address you used.")
    assert said is not None
    assert "email" in said.text


def test_a_right_confirmation_gets_a_yes_by_its_button():
    mira = Customer(scenario())
    mira.open()
    said = mira.answer("Return of Water Bottle and Desk Lamp, refund to PayPal. Shall I do that?", YES_NO)
    assert said is not None
    assert said.choice == "yes:abc"


@pytest.mark.parametrize(
    "shown",
    [
        "Return of Water Bottle, refund to PayPal. Shall I do that?",  # one is missing
        "Return of Water Bottle, Desk Lamp and Bookshelf, refund to PayPal. Shall I?",  # one too many
        "Return of Water Bottle and Desk Lamp, refund to your Visa. Shall I do that?",  # another way of payment
    ],
)
def test_a_wrong_confirmation_is_never_agreed_to(shown):
    mira = Customer(scenario())
    mira.open()
    said = mira.answer(shown, YES_NO)
    assert said is not None
    assert not said.choice.startswith("yes")
    assert said.text.lower().startswith("no")


def says_yes(wish: dict[str, Any], shown: str) -> bool:
    """Whether somebody with this one wish agrees to the confirmation."""
    mira = Customer(scenario(wishes=[wish]))
    mira.open()
    said = mira.answer(shown, YES_NO)
    assert said is not None
    return said.choice == "yes:abc"


def test_an_exchange_is_only_right_with_what_was_wanted_instead():
    wish = {"want": "exchange_items", "things": [{"name": "Keyboard", "into": {"switch type": "clicky"}}]}
    for shown, is_right in [("Keyboard (linear) becomes Keyboard (clicky). Shall I?", True),
                            ("Keyboard (linear) becomes Keyboard (tactile). Shall I?", False)]:  # fmt: skip
        assert says_yes(wish, shown) is is_right


def test_an_address_must_be_whole():
    wish = {"want": "change_address", "order": "KF-1", "address": "12 Elm Street, Berlin, 10115"}
    for shown, is_right in [("New address: 12 Elm Street, 10115 Berlin. Shall I?", True),
                            ("New address: 12 Elm Street, 10999 Berlin. Shall I?", False)]:  # fmt: skip
        assert says_yes(wish, shown) is is_right


def test_after_the_answer_to_the_yes_comes_the_next_wish_and_then_goodbye():
    wishes = [{"want": "cancel_order", "order": "KF-1"}, {"want": "order_status", "order": "KF-2"}]
    mira = Customer(scenario(wishes=wishes))
    mira.open()
    mira.answer("Order KF-1 will be cancelled. Shall I?", YES_NO)
    said = mira.answer("It's cancelled.")
    assert said is not None
    assert "KF-2" in said.text
    bye = mira.answer("Order KF-2 arrives on Monday.")
    assert bye is not None
    assert mira.is_done
    assert [how for _, how in mira.ended] == ["done", "told"]
    assert mira.answer("Bye!") is None


def test_refused_they_take_what_they_would_have_instead():
    instead = {"want": "cancel_order", "order": "KF-9"}
    wish = {"want": "change_items", "things": [{"name": "Suitcase", "into": "a coat"}], "instead": instead}
    mira = Customer(scenario(wishes=[wish]))
    mira.open()
    said = mira.answer("I'm sorry, that isn't possible.")
    assert said is not None
    assert "cancel" in said.text
    assert "KF-9" in said.text


def test_a_person_is_asked_for_only_when_the_scenario_says_so():
    for wants_person in (True, False):
        mira = Customer(scenario(wants_person=wants_person))
        mira.open()
        said = mira.answer("Would you like a colleague to look at it?", (("person", "Yes, a colleague"), ("no", "No")))
        assert said is None or (said.choice == "person") is wants_person


def test_somebody_who_regrets_says_no_to_what_they_wished():
    mira = Customer(scenario(wishes=[{"want": "cancel_order", "order": "KF-1", "regrets": True}]))
    mira.open()
    said = mira.answer("Order KF-1 will be cancelled. Shall I?", YES_NO)
    assert said is not None
    assert said.choice == "no:abc"


def test_nobody_talks_for_ever():
    mira = Customer(scenario())
    mira.open()
    said, count = mira.answer("What?"), 0
    while said is not None:
        said, count = mira.answer("What?"), count + 1
    assert count < 20


def test_all_eight_languages_can_say_and_hear_the_same():
    english = wordings_of("en")
    for language in LANGUAGES:
        words = wordings_of(language)
        assert set(words.say) == set(english.say), language
        assert set(words.hear) == set(english.hear), language


def test_a_scenario_with_faults_names_them_all():
    with pytest.raises(BadScenario) as refused:
        read_scenario({"language": "tlh", "manner": "rude", "wishes": [{"want": "fly"}], "knows": {"iban": "1"}})
    assert len(refused.value.faults) == 5


def test_a_second_thought_is_told_before_the_yes():
    wish = {"want": "return_items", "things": ["Mug"], "adds": ["Lamp"], "keeps": ["Lamp", "Shelf"]}
    mira = Customer(scenario(wishes=[wish]))
    mira.open()
    said = mira.answer("You return Mug. Shall I do that?", YES_NO)
    assert said is not None
    assert "Lamp" in said.text
    assert said.choice == ""
    agreed = mira.answer("You return Mug and Lamp. Shall I do that?", YES_NO)
    assert agreed is not None
    assert agreed.choice == "yes:abc"


def test_what_they_would_have_instead_is_told_in_one_breath_in_every_language():
    for language in LANGUAGES:
        wish = {"want": "change_items", "things": ["Lamp"], "tells_instead": True,
                "instead": {"want": "cancel_order", "order": "KF-77"}}  # fmt: skip
        said = Customer(scenario(language=language, wishes=[wish])).open()
        assert "Lamp" in said.text
        assert "KF-77" in said.text


def test_a_question_is_answered_only_by_the_right_figure():
    wish = {"want": "ask", "says": ["What does it cost?", "How much is it?"], "answers": ["1234.50"]}
    for reply, how in (("It costs $1,234.50.", "answered"), ("It costs $1,234.", "not answered")):
        mira = Customer(scenario(wishes=[wish]))
        mira.open()
        for _ in range(6):
            mira.answer(reply)
        assert [ended for _, ended in mira.ended] == [how]


def test_up_to_their_limit_they_buy_and_above_it_they_do_not():
    wish = {"want": "ask", "says": ["How much is the cheapest lamp?"], "answers": ["80"], "limit": "100",
            "then": {"want": "other", "says": ["then I take it"]},
            "instead": {"want": "other", "says": ["too dear for me"]}}  # fmt: skip
    mira = Customer(scenario(wishes=[wish]))
    mira.open()
    said = mira.answer("The cheapest lamp is $80.00.")
    assert said is not None
    assert said.text == "then I take it"
