"""A manager changes how long customers may send goods back: typed wrong, mended, tried, published, brought back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from kefu.academy.book.drafts import Trial, Turned
from kefu.academy.book.judging import Ended
from kefu.academy.book.story import Story
from kefu.assistant.tests.shop import order
from kefu.assistant.turn.run import take_turn
from kefu.desk.inbound import Inbound
from kefu.desk.models import Author, Channel, Message, Verification
from kefu.desk.services import receive_message
from kefu.people.models import Agent, Brand, Customer, Role, Seat
from kefu.web.conftest import serious_faults
from kefu.web.desk import trials
from kefu.web.desk.tests.browsing import Desks
from kefu.web.models import DraftTrial

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RETURNS = "tables/returns.yaml"
PAGES = {
    "procedures": ("procedures_of", []), "table": ("procedure", [RETURNS]), "row": ("table_row", [RETURNS]),
    "ladder": ("procedure", ["remedies/ladder.yaml"]), "limits": ("procedure", ["policies/remedy.yaml"]),
    "playbook": ("procedure", ["playbooks/return_item.yaml"]), "words": ("words", []),
    "wording": ("wording", ["en", "policy.return_hygiene"]),
}  # fmt: skip


@pytest.fixture
def manager(ines: Agent, brand: Brand) -> Agent:
    Seat.objects.filter(agent=ines, brand=brand).update(role=Role.MANAGER)
    return ines


def address(name: str, *args: str) -> str:
    return reverse(f"desk:{name}", args=["lumen", *args])


def asks(chat: Channel, mira: Customer, number: int) -> str:
    """Mira asks, signed in, and is answered by the assistant itself; what it said."""
    inbound = Inbound(external_id=f"ask-{number}", address=f"visitor-{number}", text="I want to return order KF-77",
                      language="en", proven_email=mira.email, verification=Verification.CUSTOMER)  # fmt: skip
    talk = receive_message(chat, inbound).conversation
    take_turn(talk.pk)
    said = Message.objects.filter(conversation=talk, author=Author.ASSISTANT).order_by("pk")
    return "\n".join(said.values_list("text", flat=True))


def a_trial(*_: Any, **__: Any) -> Trial:
    story = Story("Sends a jacket back after a month", "en", "returns", "en.yaml")
    was, now = Ended(cases=("return_item refused",)), Ended(cases=("return_item return_opened",))
    return Trial(of=3, played=2, left_out=0, turned=(Turned(story, was, (), now, ("no case",)),))


def test_from_a_wrong_number_to_an_answer_by_the_new_rule_and_back(
    desks: Desks, manager: Agent, brand: Brand, mira: Customer, chat_channel: Channel, monkeypatch: Any
) -> None:  # fmt: skip
    order(mira, "KF-77", state="delivered", delivered_days_ago=38)
    before = asks(chat_channel, mira, 1)
    page = desks.sign_in(manager, address("table_row", RETURNS))
    page.get_by_label("Countries").fill("Germany")
    page.get_by_label("Days").fill("ninety")
    page.get_by_label("Who says so").select_option("shop")
    expect(page.locator("#row-check")).to_contain_text("two capital letters")
    expect(page.locator("#row-check")).to_contain_text("must be a whole number")
    page.get_by_label("Countries").fill("DE")
    page.get_by_label("Days").fill("90")
    page.get_by_label("English").fill("In Germany we take goods back for 90 days.")
    page.get_by_label("Chinese").fill("德国90天内可退货。")
    expect(page.locator("#row-check")).not_to_contain_text("cannot be kept")
    page.get_by_role("button", name="Keep in the draft").click()
    expect(page.locator(".draft-box")).to_contain_text("is new")
    assert asks(chat_channel, mira, 2) == before  # a draft changes nothing
    monkeypatch.setattr(trials, "try_draft", a_trial)
    page.get_by_role("button", name="Try on the scenario book").click()
    expect(page.locator("#trial")).to_contain_text("0 stories played")
    trials.play(DraftTrial.objects.get().pk)
    expect(page.locator("#trial")).to_contain_text("Sends a jacket back after a month")
    expect(page.locator("#trial")).to_contain_text("Return an item: Return opened")
    page.get_by_label("Why").first.fill("as our rivals do")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("as our rivals do")).to_be_visible()
    after = asks(chat_channel, mira, 3)
    assert after != before
    page.get_by_role("button", name="Bring the delivered one back").click()
    expect(page.get_by_text("90 days")).to_have_count(0)
    assert asks(chat_channel, mira, 4) == before
    assert desks.problems == []


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_every_page_is_usable_by_everybody_at_any_width(
    desks: Desks, manager: Agent, theme: str, width: int
) -> None:  # fmt: skip
    Agent.objects.filter(pk=manager.pk).update(theme=theme)
    manager.refresh_from_db()
    page = desks.sign_in(manager, viewport={"width": width, "height": 900})
    for name, (view, args) in PAGES.items():
        page.goto(desks.address + address(view, *args))
        assert serious_faults(page) == [], name
        sheet = page.locator(".sheet")
        wide = sheet.evaluate("sheet => sheet.scrollWidth - sheet.clientWidth")
        assert wide <= 0, f"{name} is {wide} px too wide at {width}"
        shoot(page, f"{name}-{theme}-{width}")


def shoot(page: Page, name: str) -> None:
    """Pictures to look at, when KEFU_PICTURES names a folder."""
    if folder := os.environ.get("KEFU_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))
