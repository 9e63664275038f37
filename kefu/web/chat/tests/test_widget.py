"""The widget as a customer meets it: in Chromium, on a page of another origin that is strict about what may load."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from kefu.channels.chat.identity import signature
from kefu.desk import services
from kefu.desk.models import Attachment, Conversation, Message
from kefu.kernel import clock
from kefu.people.actors import assistant
from kefu.people.models import Agent, Customer
from kefu.web.chat.pages import bundle
from kefu.web.chat.tests.browser import Shop
from kefu.web.chat.tests.conftest import PNG
from kefu.web.conftest import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def say_as_assistant(text: str, **more: object) -> Message:
    conversation = Conversation.objects.get()
    return services.say_as_assistant(conversation, text=text, by=assistant(conversation.brand_id), **more)  # type: ignore[arg-type]


def wait_for_row(model: type, count: int = 1) -> None:
    until = time.monotonic() + 6
    while model.objects.count() < count:  # type: ignore[attr-defined]
        assert time.monotonic() < until, f"no {model.__name__}"
        time.sleep(0.03)


def open_chat(page: Page) -> None:
    page.get_by_role("button", name="Open the chat").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def bubble(page: Page, text: str) -> Locator:
    return page.locator("kefu-chat .bubble").filter(has_text=text)


def write(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")


def test_a_customer_writes_and_hears_the_assistant_and_then_a_person(shop: Shop, tomas: Agent) -> None:
    page = shop.open()
    open_chat(page)
    log = page.get_by_role("log")
    expect(log).to_contain_text("digital assistant")  # it says at once that it is a machine
    write(page, "Where is my parcel?")
    expect(log).to_contain_text("Where is my parcel?")
    wait_for_row(Message)
    say_as_assistant("It is on its way: https://track.example/1. javascript:alert(1)")
    expect(log).to_contain_text("It is on its way")
    link = log.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("href", "https://track.example/1")
    conversation = Conversation.objects.get()
    services.reply(conversation, text="<b>Tomas</b> here", by=tomas.actor())
    expect(log).to_contain_text("<b>Tomas</b> here")  # as text, not as markup
    expect(page.get_by_role("dialog")).to_contain_text("Tomas is answering you")
    expect(page.get_by_role("button", name="Talk to a person")).to_be_hidden()
    assert shop.problems == []


def test_reloading_the_page_keeps_the_talk_and_a_closed_panel_counts_what_is_new(shop: Shop) -> None:
    page = shop.open()
    open_chat(page)
    write(page, "Hello")
    wait_for_row(Message)
    say_as_assistant("First answer")
    expect(page.get_by_role("log")).to_contain_text("First answer")
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("First answer")  # open as it was left
    page.get_by_role("dialog").get_by_role("button", name="Close the chat").click()
    say_as_assistant("Second answer")
    say_as_assistant("Third answer")
    expect(page.get_by_role("button", name="Open the chat, 2 unread")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Open the chat, 2 unread").click()
    expect(page.get_by_role("log")).to_contain_text("Third answer")
    expect(bubble(page, "First answer")).to_have_count(1)
    until = time.monotonic() + 5
    while Conversation.objects.get().unread_by_customer and time.monotonic() < until:
        time.sleep(0.05)
    assert Conversation.objects.get().unread_by_customer == 0


def test_what_is_written_without_a_connection_is_sent_once_when_it_is_back(shop: Shop) -> None:
    page = shop.open()
    open_chat(page)
    write(page, "before")
    wait_for_row(Message)
    page.context.set_offline(True)
    expect(page.get_by_role("status").get_by_text("No connection")).to_be_visible()
    write(page, "written offline")
    write(page, "and another")
    expect(page.get_by_role("log")).to_contain_text("Will be sent when the connection is back")
    say_as_assistant("said meanwhile")
    page.context.set_offline(False)
    expect(page.get_by_role("log")).to_contain_text("said meanwhile")
    wait_for_row(Message, 4)
    expect(page.get_by_text("No connection")).to_be_hidden()
    page.wait_for_timeout(300)
    said = [m.text for m in Message.objects.filter(author="customer").order_by("id")]
    assert said == ["before", "written offline", "and another"]
    for text in (*said, "said meanwhile"):
        expect(bubble(page, text)).to_have_count(1)


def test_where_no_stream_gets_through_the_answers_are_fetched(shop: Shop) -> None:
    page = shop.open()
    page.context.route("**/events/chat*", lambda route: route.abort())
    open_chat(page)
    write(page, "Hello")
    wait_for_row(Message)
    say_as_assistant("fetched")
    expect(page.get_by_role("log")).to_contain_text("fetched", timeout=10_000)
    expect(page.get_by_text("No connection")).to_be_hidden()


def test_a_choice_is_made_by_keyboard_and_free_text_stays_possible(shop: Shop) -> None:
    page = shop.open()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Open the chat")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type("return something")
    page.keyboard.press("Enter")
    wait_for_row(Message)
    say_as_assistant("Which one?", choices=[("line:1", "Rain jacket"), ("line:2", "Wool hat")])
    hat = page.get_by_role("button", name="Wool hat")
    expect(hat).to_be_visible()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(hat).to_be_focused()
    page.keyboard.press("Enter")
    wait_for_row(Message, 3)
    chosen = Message.objects.latest("id")
    assert (chosen.text, chosen.extras["choice"]) == ("Wool hat", "line:2")
    expect(hat).to_be_hidden()
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Open the chat")).to_be_focused()


def test_a_picture_is_shown_with_its_progress_and_reaches_the_desk(shop: Shop, tmp_path: Path) -> None:
    page = shop.open()
    open_chat(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a picture or file").click()
    picture = tmp_path / "broken zip.png"
    picture.write_bytes(PNG)
    chooser.value.set_files(picture)
    expect(page.get_by_title("broken zip.png is ready to send")).to_be_visible()
    write(page, "Look")
    wait_for_row(Message)
    file = Attachment.objects.get()
    assert (file.name, file.content_type, file.message) == ("broken zip.png", "image/png", Message.objects.get())
    expect(page.get_by_alt_text("Picture: broken zip.png")).to_be_visible()
    page.reload()
    expect(page.get_by_alt_text("Picture: broken zip.png")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a picture or file").click()
    program = tmp_path / "run.exe"
    program.write_bytes(b"MZ")
    chooser.value.set_files(program)
    expect(page.get_by_role("alert")).to_contain_text("run.exe cannot be sent here")
    assert shop.problems == []


def test_a_customer_signed_in_at_the_shop_is_known_and_forgotten_after_signing_out(shop: Shop, mira: Customer) -> None:
    from kefu.kernel import crypto

    shop.channel.secrets = crypto.encrypt('{"identity": "a secret"}', purpose="channel-secrets")
    shop.channel.save()
    facts = {
        "customer": "C-1001",
        "email": "mira@example.com",
        "name": "Mira",
        "exp": int(clock.now().timestamp()) + 600,
    }
    signed = {**facts, "signature": signature("a secret", channel=str(shop.channel.public_id), **facts)}
    page = shop.open(attributes=f"data-identity='{json.dumps(signed)}'")
    open_chat(page)
    write(page, "my last order")
    wait_for_row(Message)
    conversation = Conversation.objects.get()
    assert (conversation.customer, conversation.verification) == (mira, 2)
    page.reload()
    expect(bubble(page, "my last order")).to_have_count(1)
    page.goto(f"{page.url}?signed-out")
    open_chat(page)
    expect(page.get_by_role("log")).to_contain_text("digital assistant")
    expect(bubble(page, "my last order")).to_have_count(0)


def test_chinese_is_spoken_where_the_page_or_the_browser_speaks_it(shop: Shop) -> None:
    page = shop.open(language="zh-CN")
    page.get_by_role("button", name="打开客服聊天").click()
    expect(page.get_by_role("log")).to_contain_text("智能客服")
    page.get_by_role("button", name="转人工").click()
    wait_for_row(Message)
    assert Message.objects.get().text == "我想找人工客服"
    assert Conversation.objects.get().language == "zh"


def test_on_a_phone_it_is_a_sheet_that_keeps_the_focus(shop: Shop) -> None:
    page = shop.open(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    open_chat(page)
    dialog = page.get_by_role("dialog")
    box = dialog.bounding_box()
    assert box
    assert {side: round(length) for side, length in box.items()} == {"x": 0, "y": 0, "width": 360, "height": 640}
    assert dialog.get_attribute("aria-modal") == "true"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "KEFU-CHAT"


def test_no_serious_fault_of_access_is_found(shop: Shop) -> None:
    page = shop.open(color_scheme="dark")
    open_chat(page)
    write(page, "Hello")
    wait_for_row(Message)
    say_as_assistant("See https://lumen.example", choices=[("yes", "Yes, cancel it"), ("no", "No")])
    expect(page.get_by_role("button", name="Yes, cancel it")).to_be_visible()
    page.wait_for_timeout(300)
    assert serious_faults(page, "kefu-chat") == []
    page.emulate_media(color_scheme="light")
    assert serious_faults(page, "kefu-chat", only_colours=True) == []


def test_at_twice_the_size_and_from_right_to_left_everything_is_in_reach(shop: Shop) -> None:
    # 200 % zoom on a 1280 x 720 screen leaves 640 x 360
    page = shop.open(viewport={"width": 640, "height": 360}, extra='dir="rtl"')
    open_chat(page)
    for name in ("Close the chat", "Add a picture or file", "Talk to a person"):
        expect(page.get_by_role("dialog").get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Your message")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_the_chat_has_a_page_of_its_own(shop: Shop) -> None:
    page = shop.open()
    page.goto(f"{shop.kefu}/chat/{shop.channel.public_id}/")
    write(page, "from the page")
    wait_for_row(Message)
    say_as_assistant("heard you")
    expect(page.get_by_role("log")).to_contain_text("heard you")
    assert shop.problems == []


def test_the_script_loads_in_less_than_thirty_kilobytes(client: object) -> None:
    import gzip

    assert len(gzip.compress(bundle(), 9)) < 30_000
