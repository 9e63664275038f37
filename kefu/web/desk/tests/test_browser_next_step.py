"""The next step, approvals and teaching as people use them: in Chromium."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from kefu.assistant.approvals.carrying import carry_out_approval
from kefu.assistant.models import ActionRecord, Approval, TeachingExample
from kefu.assistant.tests.shop import order, product, variant
from kefu.assistant.tests.test_turn import Talk
from kefu.assistant.turn.run import take_turn
from kefu.commerce.models import Return
from kefu.desk.inbound import InboundFile
from kefu.desk.models import Message
from kefu.desk.services import take_over
from kefu.people.models import Agent, Customer
from kefu.web.conftest import serious_faults
from kefu.web.desk.tests import stage
from kefu.web.desk.tests.browsing import Desks
from kefu.web.desk.tests.conftest import page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def talk(chat_channel: Any, mira: Customer) -> Talk:
    order(mira, "KF-1042", state="delivered", of=[variant(product(mira.brand), price_minor=8900)], delivered_days_ago=3)
    return Talk(chat_channel)


def with_tomas(talk: Talk, tomas: Agent) -> None:
    talk.says("I'd like to send my jacket back unused, it is too small")
    take_over(talk.conversation, by=tomas.actor())


def waits_for_approval(talk: Talk, mira: Customer) -> Approval:
    dear = variant(product(mira.brand, "storm-tent", titles={"en": "Storm tent"}), price_minor=39900)
    order(mira, "KF-2000", state="delivered", of=[dear], delivered_days_ago=3)
    talk.answered("The storm tent from order KF-2000 arrived damaged")
    take_turn(talk.says("here it is", files=(InboundFile("hole.png", stage.PIXEL),)).conversation_id)
    talk.answered("yes")
    return Approval.objects.get()


def test_the_next_step_is_sent_with_two_keys(desks: Desks, tomas: Agent, talk: Talk) -> None:
    with_tomas(talk, tomas)
    page = desks.sign_in(tomas, page_of(talk.conversation))
    box = page.locator("#suggestion")
    expect(box).to_contain_text("€89.00")
    expect(box).to_contain_text("Return an item")
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(page.locator(".from-agent")).to_contain_text("€89.00")
    expect(page.locator("#suggestion")).not_to_contain_text("Send this reply")
    assert desks.problems == []


def test_the_draft_is_edited_in_the_composer_and_moves_the_case(desks: Desks, tomas: Agent, talk: Talk) -> None:
    with_tomas(talk, tomas)
    page = desks.sign_in(tomas, page_of(talk.conversation))
    expect(page.locator("#suggestion")).to_contain_text("€89.00")
    page.keyboard.press("g")
    field = page.locator("#reply-text")
    assert "€89.00" in field.input_value()
    field.fill("Sorry to hear that! €89.00 goes back to your card once it is here. Shall I open the return?")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".from-agent")).to_contain_text("Sorry to hear that!")
    assert talk.conversation.cases.get().playbook == "return_item"


def test_the_deed_is_done_by_the_agent_and_then_told(desks: Desks, tomas: Agent, talk: Talk) -> None:
    with_tomas(talk, tomas)
    page = desks.sign_in(tomas, page_of(talk.conversation))
    page.get_by_role("button", name="Open a return").click()
    expect(page.locator("#suggestion")).to_contain_text("Tell the customer")
    assert Return.objects.count() == 1
    assert ActionRecord.objects.get(action="commerce.open_return").actor_id == tomas.pk
    page.get_by_role("button", name="Send this reply").click()
    expect(page.locator(".from-agent")).to_contain_text(Return.objects.get().number)
    assert desks.problems == []


def test_the_suggestion_follows_the_facts_and_leaves_the_writer_alone(desks: Desks, tomas: Agent, talk: Talk) -> None:
    with_tomas(talk, tomas)
    page = desks.sign_in(tomas, page_of(talk.conversation))
    expect(page.locator("#suggestion")).to_contain_text("€89.00")
    page.locator("#reply-text").press_sequentially("Hello Mira")
    talk.says("Never mind, forget it")
    expect(page.locator("#thread")).to_contain_text("Never mind")
    expect(page.locator("#suggestion")).not_to_contain_text("€89.00")
    expect(page.locator("#reply-text")).to_have_value("Hello Mira")
    expect(page.locator("#reply-text")).to_be_focused()


def test_an_approval_is_decided_on_its_page(
    desks: Desks,
    tomas: Agent,
    ines: Agent,
    talk: Talk,
    mira: Customer,
) -> None:
    page = desks.sign_in(ines, "/desk/approvals/")
    expect(page.get_by_text("Nothing waits.")).to_be_visible()
    row = waits_for_approval(talk, mira)
    card = page.locator(f"#approval-{row.pk}")
    expect(card).to_contain_text("€399.00")
    expect(page.locator("#approvals-count")).to_have_text("1")
    other = desks.sign_in(tomas, "/desk/approvals/")
    expect(other.locator(f"#approval-{row.pk}")).to_contain_text("Only a supervisor may decide this.")
    assert other.get_by_role("button", name="Approve").count() == 0
    card.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Nothing waits.")).to_be_visible()
    expect(page.locator("#approvals-count")).to_have_text("")
    carry_out_approval(row.pk)
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("done", ines)
    assert desks.problems == []


def test_an_approval_is_refused_in_its_conversation_with_a_reason(
    desks: Desks,
    ines: Agent,
    talk: Talk,
    mira: Customer,
) -> None:
    row = waits_for_approval(talk, mira)
    page = desks.sign_in(ines, page_of(talk.conversation))
    panel = page.locator(f"#approval-{row.pk}")
    expect(panel).to_contain_text("Send it again")
    panel.get_by_label("Why not?").fill("the photo shows another tent")
    panel.get_by_role("button", name="Don't approve").click()
    expect(page.locator(f"#approval-{row.pk}")).to_contain_text("not approved")
    carry_out_approval(row.pk)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("refused", "the photo shows another tent")
    assert Message.objects.filter(author="assistant").order_by("-pk")[0].why == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_fit_a_phone_and_a_screen_reader(
    desks: Desks,
    ines: Agent,
    talk: Talk,
    mira: Customer,
    language: str,
) -> None:
    waits_for_approval(talk, mira)
    shopping = Talk(talk.channel)
    shopping.says("I'd like to send my jacket back unused, it is too small")
    take_over(shopping.conversation, by=ines.actor())
    page = desks.sign_in(ines, viewport={"width": 390, "height": 844}, has_touch=True)
    Agent.objects.filter(pk=ines.pk).update(theme="dark", interface_language=language)
    for path in ("/desk/approvals/", page_of(shopping.conversation), page_of(talk.conversation)):
        page.goto(desks.address + path)
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        expect(page.locator('#suggestion[hx-trigger="load"]')).to_have_count(0)  # it has come, or there is none
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert serious_faults(page) == [], path


def test_what_a_colleague_corrects_is_accepted_on_the_teaching_page(
    desks: Desks,
    tomas: Agent,
    ines: Agent,
    talk: Talk,
) -> None:
    with_tomas(talk, tomas)
    page = desks.sign_in(tomas, page_of(talk.conversation))
    expect(page.locator("#suggestion")).to_contain_text("€89.00", timeout=20_000)
    page.get_by_role("button", name="What was this about?").click()
    page.get_by_label("Exchange an item").check()
    assert serious_faults(page) == []
    page.get_by_role("button", name="Keep as an example").click()
    expect(page.get_by_text("Kept under your name.")).to_be_visible()
    assert page.get_by_label("Keep as better wording").is_hidden()
    page.get_by_role("button", name="Edit it first").click()
    page.locator("#reply-text").fill("Sorry to hear that, Mira! Shall I open the return?")
    page.get_by_label("Keep as better wording").check()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".from-agent")).to_contain_text("Sorry to hear that, Mira!")
    kept = {one.kind: one for one in TeachingExample.objects.all()}
    assert "€89.00" in kept["reply"].heard
    assert kept["reply"].better == "Sorry to hear that, [name]! Shall I open the return?"
    Agent.objects.filter(pk=ines.pk).update(interface_language="zh-hans")
    review = desks.sign_in(ines, "/desk/teaching/", viewport={"width": 390, "height": 844}, has_touch=True)
    expect(review.locator(".lesson")).to_have_count(2)
    assert review.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious_faults(review) == []
    review.locator(f"#lesson-{kept['intent'].pk}").get_by_role("button", name="采纳").click()
    expect(review.locator(".lesson")).to_have_count(1)
    kept["intent"].refresh_from_db()
    assert (kept["intent"].author, kept["intent"].accepted_by) == (tomas, ines)
