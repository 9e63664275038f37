"""The desk as people use it: in Chromium, with the web and the events process running beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kefu.desk import services
from kefu.desk.models import Channel, Closure, Conversation, Message, MessageKind, Owner, Status
from kefu.people.models import Agent
from kefu.web.conftest import serious_faults
from kefu.web.desk.tests import stage
from kefu.web.desk.tests.browsing import Desks
from kefu.web.desk.tests.conftest import page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def rows(page: Page) -> Any:
    return page.locator("#list .row")


def fresh(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def test_what_arrives_is_seen_without_reloading(desks: Desks, tomas: Agent, chat_channel: Channel) -> None:
    page = desks.sign_in(tomas, "/desk/?list=unassigned")
    expect(page.get_by_text("Nobody waits for a person.")).to_be_visible()
    talk = stage.writes(chat_channel, "Is anybody there?", language="en", name="Mira")
    stage.handed_over(talk)
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_contain_text("Is anybody there?")
    expect(page.locator('[data-count="unassigned"]')).to_have_text("1")
    rows(page).first.click()
    expect(page.locator("#thread")).to_contain_text("Is anybody there?")
    stage.writes(chat_channel, "Hello?", thread=talk)
    expect(page.locator("#thread")).to_contain_text("Hello?")
    assert desks.problems == []


def test_a_long_talk_opens_at_its_newest_message(desks: Desks, tomas: Agent, chat_channel: Channel) -> None:
    talk = stage.writes(chat_channel, "the first of many words", language="en")
    for n in range(25):
        stage.writes(chat_channel, f"and more, number {n}", thread=talk)
    page = desks.sign_in(tomas, "/desk/?list=all")
    rows(page).first.click()
    expect(page.locator("#thread").get_by_text("number 24")).to_be_in_viewport()


def test_the_list_does_not_jump_under_the_hand(desks: Desks, tomas: Agent, chat_channel: Channel) -> None:
    for n in range(3):
        stage.writes(chat_channel, f"question {n}", address=f"visitor-{n}", language="en")
    page = desks.sign_in(tomas, "/desk/?list=all")
    rows(page).first.hover()
    stage.writes(chat_channel, "something new", address="visitor-9", language="en")
    expect(page.locator("#new-rows")).to_have_text("1 new")
    expect(rows(page).first).to_contain_text("question 2")
    page.locator("#new-rows").click()
    expect(rows(page).first).to_contain_text("something new")
    expect(rows(page)).to_have_count(4)


def test_a_whole_case_by_keyboard(desks: Desks, tomas: Agent, chat_channel: Channel) -> None:
    talk = stage.handed_over(stage.writes(chat_channel, "The jacket is too small", language="en", name="Mira"))
    page = desks.sign_in(tomas, "/desk/?list=unassigned", by_form=True)
    press = page.keyboard.press
    press("j")
    press("Enter")
    expect(page.locator("#thread")).to_contain_text("The jacket is too small")
    press("t")
    expect(page.locator("#head")).to_contain_text("Your turn")
    assert fresh(talk).assignee == tomas

    press("n")
    page.keyboard.type("She is in a hurry.")
    press("Control+Enter")
    expect(page.locator(".is-note")).to_contain_text("She is in a hurry.")
    press("Escape")
    press("r")
    page.keyboard.type("Send it back, here is how.")
    press("Control+Enter")
    expect(page.locator(".from-agent")).to_contain_text("Send it back, here is how.")
    expect(page.locator("#reply-text")).to_have_value("")
    press("Escape")

    press("h")
    expect(page.locator("#head")).to_contain_text("Assistant")
    assert fresh(talk).owner == Owner.ASSISTANT
    press("e")
    press("ArrowDown")  # solved -> answered
    press("Enter")
    expect(page.locator("#head")).to_contain_text("Closed")
    assert fresh(talk).status == Status.CLOSED
    assert Closure.objects.get(conversation=talk).disposition == "answered"
    assert list(Message.objects.exclude(author="customer").values_list("kind", flat=True)) == [
        MessageKind.NOTE, MessageKind.MESSAGE,
    ]  # fmt: skip
    assert desks.problems == []


def test_the_sheet_of_keys_opens_with_a_question_mark(desks: Desks, tomas: Agent) -> None:
    page = desks.sign_in(tomas)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("hand back to the assistant")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("t e ?")
    expect(page.locator("#q")).to_have_value("t e ?")


def test_a_draft_survives_a_reload_and_is_gone_once_sent(desks: Desks, tomas: Agent, chat_channel: Channel) -> None:
    talk = stage.writes(chat_channel, "When does it come?", language="en")
    page = desks.sign_in(tomas, page_of(talk))
    page.locator("#reply-text").fill("On Thursd")
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("On Thursd")
    stage.writes(chat_channel, "Please hurry", thread=talk)
    expect(page.locator("#thread")).to_contain_text("Please hurry")
    expect(page.locator("#reply-text")).to_have_value("On Thursd")
    page.locator("#reply-text").fill("On Thursday.")
    page.locator("#reply-form .send").click()
    expect(page.locator(".from-agent")).to_contain_text("On Thursday.")
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("")


def test_two_people_on_one_conversation_see_each_other(
    desks: Desks, tomas: Agent, ines: Agent, chat_channel: Channel
) -> None:
    talk = stage.writes(chat_channel, "Hello", language="en")
    one = desks.sign_in(tomas, page_of(talk))
    other = desks.sign_in(ines, page_of(talk))
    expect(one.locator("#presence")).to_have_text("Ines is looking at this too")
    other.locator("#reply-text").press_sequentially("I have")
    expect(one.locator("#presence")).to_have_text("Ines is writing a reply")
    other.goto(desks.address + "/desk/")
    expect(one.locator("#presence")).to_be_hidden()


def test_whoever_is_slower_hears_it_before_sending(
    desks: Desks, tomas: Agent, ines: Agent, chat_channel: Channel
) -> None:
    talk = stage.writes(chat_channel, "Hello", language="en")
    page = desks.sign_in(tomas, page_of(talk))
    page.locator("#reply-text").fill("My answer")
    services.reply(talk, text="Ines was here.", by=ines.actor())
    expect(page.locator("#thread")).to_contain_text("Ines was here.")
    # Ines owns it now: nothing can be sent over her head, and what was written is kept
    expect(page.locator("#reply-form")).to_contain_text("Ines has this conversation.")
    services.hand_back(talk, by=ines.actor())
    expect(page.locator("#reply-text")).to_have_value("My answer")
    assert not Message.objects.filter(text="My answer").exists()


def test_the_assistants_answer_meanwhile_is_told_before_sending(
    desks: Desks, tomas: Agent, chat_channel: Channel
) -> None:
    talk = stage.writes(chat_channel, "Hello", language="en")
    page = desks.sign_in(tomas, page_of(talk))
    page.locator("#reply-text").fill("My answer")
    stage.assistant_says(talk, "Good morning, which order is it about?")
    expect(page.locator("#overtaken")).to_contain_text("Assistant has just answered")
    page.locator("#reply-form .send").click()
    expect(page.locator("#reply-form .send")).to_have_text("Send anyway")
    expect(page.locator("#reply-text")).to_have_value("My answer")
    page.locator("#reply-form .send").click()
    expect(page.locator(".from-agent")).to_contain_text("My answer")


def test_a_mail_is_shown_as_sent_without_telling_its_sender(desks: Desks, tomas: Agent, talks: dict) -> None:
    page = desks.sign_in(tomas, page_of(talks["parcel"]))
    answered: list[str] = []
    stopped: dict[str, str] = {}
    page.on("response", lambda response: answered.append(response.url))
    page.on("requestfailed", lambda request: stopped.update({request.url: request.failure}))
    page.get_by_role("button", name="As it was sent").click()
    expect(page.frame_locator(".mail-frame").locator("b")).to_have_text("KF-1042")
    assert stopped == {"https://example.com/pixel.gif": "csp"}
    assert not [url for url in answered if "example.com" in url]


def test_why_opens_and_folds_under_the_reply(desks: Desks, tomas: Agent, talks: dict) -> None:
    page = desks.sign_in(tomas, page_of(talks["parcel"]))
    button = page.get_by_role("button", name="Why?")
    button.click()
    why = page.locator(".why[id^=why-]")
    expect(why).to_contain_text("answers.own_order")
    button.click()
    expect(why).to_be_empty()


def test_olek_sees_nothing_of_another_brand(desks: Desks, olek: Agent, talks: dict, chat_channel: Channel) -> None:
    page = desks.sign_in(olek, "/desk/?list=all")
    stage.writes(chat_channel, "a secret of Lumen", address="visitor-s", language="en")
    page.wait_for_timeout(600)
    expect(rows(page)).to_have_count(0)
    assert page.goto(desks.address + page_of(talks["mine"])).status == 404
    assert "Lumen" not in page.content()


def test_on_a_phone_the_list_and_the_talk_are_two_pages(desks: Desks, tomas: Agent, talks: dict) -> None:
    page = desks.sign_in(tomas, "/desk/?list=all", viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_text("The jacket is too small").tap()
    expect(page.locator("#thread")).to_be_visible()
    expect(page.locator("#list")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="Back to the list").tap()
    expect(page.locator("#list")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_has_a_serious_fault_for_those_who_use_a_screen_reader(
    desks: Desks, ines: Agent, talks: dict, language: str
) -> None:
    page = desks.sign_in(ines)
    Agent.objects.filter(pk=ines.pk).update(theme="dark", interface_language=language)
    looks: list[tuple[str, Callable[[], object]]] = [
        ("/desk/?list=all", lambda: None),
        (page_of(talks["parcel"]), lambda: page.locator("[data-why]").first.click()),
        (page_of(talks["mine"]), lambda: page.locator("#closing summary").click()),
        (page_of(talks["ines"]), lambda: page.keyboard.press("n")),
        ("/desk/channels/", lambda: None),
    ]
    for path, deed in looks:
        page.goto(desks.address + path)
        deed()
        page.wait_for_timeout(150)
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        assert serious_faults(page) == [], path
        # the same page in the other theme: a theme changes colours and nothing else
        page.evaluate("document.documentElement.dataset.theme = 'light'")
        assert serious_faults(page, only_colours=True) == [], path
