from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kefu.desk import services
from kefu.desk.models import Attachment, Closure, Conversation, Delivery, DeliveryState, Message, Owner, Status
from kefu.web.desk import thread
from kefu.web.desk.tests import stage
from kefu.web.desk.tests.conftest import page_of

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_talk_the_customer_and_the_orders(tomas_desk, talks):
    page = tomas_desk.get(page_of(talks["parcel"])).content.decode()
    said = ("my parcel KF-1042 has not moved", "was last seen in Berlin", "Where is my jacket", "Today", "label.png")
    known = ("Not verified", "€89.00", "JD014600003828391", "late", "Ask the carrier about a late parcel")
    for words in said + known:
        assert words in page, words


def test_a_bare_number_finds_the_conversation_too(tomas_desk, talks):
    assert tomas_desk.get(f"/desk/conversations/{talks['mine'].number}/").status_code == 200


def test_the_piece_is_the_same_as_in_the_page(tomas_desk, talks):
    piece = tomas_desk.piece(page_of(talks["mine"])).content.decode()
    assert piece.lstrip().startswith('<section id="conversation"')
    assert "<html" not in piece


def test_a_reply_takes_over_and_reaches_the_outbox(tomas_desk, tomas, talks):
    answer = tomas_desk.piece(page_of(talks["assistant"], "replies/"), {"text": "Two sizes, yes.", "key": "k" * 16})
    assert answer.status_code == 200
    assert "Two sizes, yes." in answer.content.decode()
    assert "kefu:changed" in answer["HX-Trigger-After-Settle"]
    talk = Conversation.objects.get(pk=talks["assistant"].pk)
    assert (talk.owner, talk.assignee, talk.status) == (Owner.AGENT, tomas, Status.PENDING)
    assert Delivery.objects.filter(message__conversation=talk, message__agent=tomas).count() == 1


def test_a_double_click_sends_one_reply(tomas_desk, talks):
    for _ in range(2):
        tomas_desk.piece(page_of(talks["mine"], "replies/"), {"text": "Yes, send it back.", "key": "double-click-1"})
    assert Message.objects.filter(conversation=talks["mine"], text="Yes, send it back.").count() == 1


def test_without_javascript_a_reply_leads_back_to_the_page(tomas_desk, talks):
    answer = tomas_desk.post(page_of(talks["mine"], "replies/"), {"text": "Yes."})
    assert (answer.status_code, answer["Location"]) == (302, page_of(talks["mine"]))


def test_whoever_was_slower_is_told_who_answered_and_keeps_the_text(tomas_desk, ines, talks):
    seen = talks["urgent"].messages.latest("pk").pk
    services.reply(talks["urgent"], text="Ines here, I am calling you.", by=ines.actor())
    services.hand_back(talks["urgent"], by=ines.actor())
    address = page_of(talks["urgent"], "replies/")
    answer = tomas_desk.piece(address, {"text": "Sorry about that.", "seen": seen})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Ines has just answered" in page
    assert "Sorry about that.</textarea>" in page
    assert not Message.objects.filter(text="Sorry about that.").exists()
    newest = re.search(r'name="seen" value="(\d+)"', page)[1]
    assert tomas_desk.piece(address, {"text": "Sorry about that.", "seen": newest}).status_code == 200


@pytest.mark.parametrize(
    ("sent", "words"), [({"text": "   "}, "Write something, or add a file."), ({"text": "x" * 50_001}, "too long")]
)
def test_what_cannot_be_sent_is_said_and_nothing_leaves(tomas_desk, talks, sent, words):
    before = Delivery.objects.count()
    answer = tomas_desk.piece(page_of(talks["mine"], "replies/"), sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Delivery.objects.count() == before


def test_nobody_answers_over_a_colleagues_head(tomas_desk, talks):
    page = tomas_desk.get(page_of(talks["ines"])).content.decode()
    assert "Ines has this conversation." in page
    assert 'id="reply-text"' not in page
    answer = tomas_desk.piece(page_of(talks["ines"], "replies/"), {"text": "Me too"})
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#notice"
    assert "A colleague has this conversation." in answer.content.decode()


def test_a_supervisor_may_take_from_a_colleague(ines_desk, ines, talks):
    assert "Take from Tomas" in ines_desk.get(page_of(talks["mine"])).content.decode()
    assert ines_desk.piece(page_of(talks["mine"], "takeover/"), {}).status_code == 200
    assert Conversation.objects.get(pk=talks["mine"].pk).assignee == ines


def test_a_note_stays_in_the_house(tomas_desk, talks):
    before = Delivery.objects.count()
    answer = tomas_desk.piece(page_of(talks["ines"], "notes/"), {"text": "I know this customer."})
    assert answer.status_code == 200
    assert "I know this customer." in answer.content.decode()
    assert Delivery.objects.count() == before
    assert tomas_desk.piece(page_of(talks["ines"], "notes/"), {"text": " "}).status_code == 422


def test_take_over_hand_back_assign_close_reopen(tomas_desk, tomas, ines, talks):
    address = page_of(talks["waiting"])

    def state() -> tuple[str, object, str]:
        talk = Conversation.objects.get(pk=talks["waiting"].pk)
        return talk.owner, talk.assignee, talk.status

    tomas_desk.piece(address + "takeover/", {})
    assert state() == (Owner.AGENT, tomas, Status.OPEN)
    tomas_desk.piece(address + "handback/", {})
    assert state()[:2] == (Owner.ASSISTANT, None)
    tomas_desk.piece(address + "assignee/", {"to": ines.pk})
    assert state()[:2] == (Owner.AGENT, ines)
    services.hand_back(talks["waiting"], by=ines.actor())
    assert tomas_desk.piece(address + "closure/", {"disposition": "won"}).status_code == 422
    closed = tomas_desk.piece(address + "closure/", {"disposition": "solved", "root_cause": "late"})
    assert "Tomas closed it: Solved" in closed.content.decode()
    closure = Closure.objects.get(conversation=talks["waiting"])
    assert (closure.disposition, closure.root_cause, closure.actor_id) == ("solved", "late", tomas.pk)
    tomas_desk.piece(address + "reopening/", {})
    assert state() == (Owner.AGENT, tomas, Status.OPEN)


def test_the_summary_of_the_assistant_stands_where_it_called_for_a_person(tomas_desk, talks):
    page = tomas_desk.get(page_of(talks["waiting"])).content.decode()
    assert "The assistant called for a person (Logistics): the assistant was unsure" in page
    assert "checked the return window" in page


def test_an_angry_customers_order_and_parcel_stand_in_the_summary_in_words():
    parcel = {"carrier": "DHL", "tracking_number": "JD014", "state": "in_transit", "promised_on": "2026-02-27",
              "last": "2026-02-26 picked_up Köln"}  # fmt: skip
    order = {"state": "shipped", "placed_on": "2026-02-20", "items": ["1 × Rain jacket"], "total": "89.00 EUR",
             "refunded": "10.00 EUR", "parcels": [parcel]}  # fmt: skip
    told = dict(thread.summary_lines({"wish": "order_status", "order": "KF-1042", "mood": "angry", "standing": order}))
    assert told["How it stands"] == (
        "Shipped; 1 × Rain jacket; 89.00 EUR; 10.00 EUR paid back; "
        "DHL JD014 (In transit, 2026-02-26 Picked up by the carrier Köln, promised for 2026-02-27)"
    )
    several = {"orders": [{"order": "KF-1042", "state": "paid"}, {"order": "KF-1050", "state": "delivered"}]}
    assert dict(thread.summary_lines(several))["How it stands"] == "KF-1042: Paid, KF-1050: Delivered"


def test_files_go_out_with_a_reply(tomas_desk, talks):
    file = SimpleUploadedFile("../../etc/Label ü.pdf", b"%PDF-1.4", content_type="text/html")
    tomas_desk.piece(page_of(talks["mine"], "replies/"), {"text": "", "uploads": [file]})
    kept = Attachment.objects.get(message__conversation=talks["mine"])
    assert (kept.name, kept.content_type) == ("Label ü.pdf", "application/pdf")


def test_too_many_files_are_refused_whole(tomas_desk, talks):
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(6)]
    answer = tomas_desk.piece(page_of(talks["mine"], "replies/"), {"text": "see", "uploads": files})
    assert answer.status_code == 422
    assert not Attachment.objects.filter(message__conversation=talks["mine"]).exists()


def test_a_refused_reply_leaves_no_file_behind(tomas_desk, talks):
    file = SimpleUploadedFile("a.txt", b"x")
    tomas_desk.piece(page_of(talks["ines"], "replies/"), {"text": "hello", "uploads": [file]})
    assert not Attachment.objects.filter(conversation=talks["ines"]).exists()


def test_a_picture_is_shown_and_anything_else_only_downloads(tomas_desk, talks):
    picture, paper = Attachment.objects.order_by("pk")
    shown, saved = (tomas_desk.get(f"/desk/attachments/{one.public_id}/") for one in (picture, paper))
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"].startswith("inline")
    assert saved["Content-Type"] == "application/octet-stream"
    assert saved["Content-Disposition"].startswith("attachment")
    for answer in (shown, saved):
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_file_row_pointing_outside_its_folder_gives_nothing(tomas_desk, talks):
    Attachment.objects.update(file="../../../../../../etc/passwd")
    answer = tomas_desk.get(f"/desk/attachments/{Attachment.objects.first().public_id}/")
    assert answer.status_code == 404


def test_a_mails_body_is_shown_without_scripts_and_without_pictures_from_outside(tomas_desk, talks):
    mail = talks["parcel"].messages.exclude(html="").get()
    quiet = tomas_desk.get(f"/desk/messages/{mail.pk}/body/")
    policy = quiet["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "https:" not in policy
    assert quiet["X-Frame-Options"] == "SAMEORIGIN"
    assert "https:" in tomas_desk.get(f"/desk/messages/{mail.pk}/body/?images=1")["Content-Security-Policy"]


def test_inline_pictures_of_a_mail_come_from_the_desk(tomas_desk, talks):
    mail = talks["parcel"].messages.exclude(html="").get()
    Attachment.objects.filter(name="label.png").update(content_id="<pic@1>")
    Message.objects.filter(pk=mail.pk).update(html='<img src="cid:pic@1"><img src=cid:gone>')
    body = tomas_desk.get(f"/desk/messages/{mail.pk}/body/").content.decode()
    assert f'src="/desk/attachments/{Attachment.objects.get(name="label.png").public_id}/"' in body
    assert "cid:" not in body


def test_why_is_one_click_from_the_reply(tomas_desk, talks):
    reply = talks["parcel"].messages.exclude(why={}).get()
    assert f"/desk/messages/{reply.pk}/why/" in tomas_desk.get(page_of(talks["parcel"])).content.decode()
    told = tomas_desk.piece(f"/desk/messages/{reply.pk}/why/").content.decode()
    for words in ("where_is_my_parcel@4f1c09ab", "answers.own_order", "order:KF-1042", "0.91"):
        assert words in told


@pytest.mark.parametrize(
    ("state", "words", "may_resend"),
    [
        (DeliveryState.PENDING, "Sending", False),
        (DeliveryState.SENT, "Sent", False),
        (DeliveryState.FAILED, "Not sent", True),
        (DeliveryState.UNCERTAIN, "Perhaps sent", True),
        (DeliveryState.WITHHELD, "Withheld", False),
    ],
)
def test_what_became_of_a_reply_is_told_in_words(tomas_desk, talks, state, words, may_resend):
    Delivery.objects.filter(message__conversation=talks["parcel"]).update(state=state)
    page = tomas_desk.get(page_of(talks["parcel"])).content.decode()
    assert words in page
    assert ("Send again" in page) == may_resend


def test_a_long_talk_opens_at_its_end_and_unfolds_backwards(tomas_desk, talks, chat_channel, monkeypatch):
    monkeypatch.setattr(thread, "PAGE", 4)
    for n in range(9):
        stage.writes(chat_channel, f"line {n}", address="visitor-4", thread=talks["mine"])
    page = tomas_desk.get(page_of(talks["mine"])).content.decode()
    assert "line 8" in page
    assert "line 3" not in page.partition('id="thread"')[2]
    seen = ["line 8"]
    while more := re.search(r'hx-get="(/desk/[^"]+/earlier/[^"]+)"', page):
        page = tomas_desk.piece(more[1].replace("&amp;", "&")).content.decode()
        seen += re.findall(r"line \d", page)
    assert {f"line {n}" for n in range(5)} <= set(seen)
    assert "The jacket is too small" in page


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 40, "１"])
def test_a_damaged_address_of_earlier_messages_is_not_found(tomas_desk, talks, before):
    assert tomas_desk.piece(page_of(talks["mine"], f"earlier/?before={before}")).status_code == 404


def test_days_are_named(tomas_desk, talks, held_clock):
    from kefu.kernel import clock

    created = talks["mine"].created_at
    held_clock.set(created + timedelta(days=1))
    assert "Yesterday" in tomas_desk.get(page_of(talks["mine"])).content.decode()
    assert clock.now() > created


def test_presence_is_told_to_those_who_listen(tomas_desk, talks, django_db_blocker):
    assert tomas_desk.piece(page_of(talks["mine"], "presence/"), {"state": "here"}).status_code == 204
    assert tomas_desk.piece(page_of(talks["mine"], "presence/"), {"state": "dancing"}).status_code == 404


@pytest.mark.parametrize("name", ["parcel", "mine", "closed", "ines"])
def test_a_conversation_costs_a_bounded_number_of_queries(
    tomas_desk, talks, chat_channel, name, django_assert_max_num_queries
):
    for n in range(12):
        stage.writes(chat_channel, f"line {n}", address="visitor-4", thread=talks["mine"])
        stage.order_of(talks["parcel"].customer, f"KF-2{n:03}")
    with django_assert_max_num_queries(30):
        tomas_desk.get(page_of(talks[name]) + "?list=all")
    with django_assert_max_num_queries(27):
        tomas_desk.piece(page_of(talks[name]))


def test_a_customer_is_known_since_their_first_order(tomas_desk, talks, mira):
    mira.orders.update(placed_at=mira.created_at - timedelta(days=400))
    page = tomas_desk.get(page_of(talks["parcel"])).content.decode()
    since = re.search(r"<dt>Since</dt><dd>(.*?)</dd>", page, re.S)
    assert since is not None
    assert f"{mira.created_at - timedelta(days=400):%Y-%m-%d}" in since[1]


def test_why_names_the_steps_as_people_do(tomas_desk, talks):
    walked = [["return_item.who>verify_customer.prove", "act", "done", ""], ["return_item.gone", "say", "done", ""]]
    told = {"cases": [{"playbook": "return_item@4f1c09ab", "steps": walked,
                       "acts": [{"action": "commerce.open_return", "ok": True}]}]}  # fmt: skip
    message = Message.objects.filter(conversation=talks["parcel"]).exclude(why={}).get()
    Message.objects.filter(pk=message.pk).update(why=told)
    words = tomas_desk.piece(f"/desk/messages/{message.pk}/why/").content.decode()
    assert "Prove who it is" in words
    assert "Open the return: done" in words
    assert "commerce.open_return" not in words
