from __future__ import annotations

import pytest

from kefu.channels.models import RawMail, RawState
from kefu.desk.models import Channel, Delivery, DeliveryState
from kefu.kernel import clock
from kefu.web.desk.tests.conftest import page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def bad_mail(email_channel) -> RawMail:
    return RawMail.objects.create(
        brand=email_channel.brand, channel=email_channel, content=b"\x00 not a mail", received_at=clock.now(),
        state=RawState.QUARANTINED, problem="no_sender", detail="no From line", uidvalidity=1, uid=7,
        subject="<b>Offer</b>", sender="",
    )  # fmt: skip


def test_a_channel_in_trouble_says_what_to_do(ines_desk, email_channel):
    cure = "The mailbox refuses the password. Enter it again."
    Channel.objects.filter(pk=email_channel.pk).update(trouble={"problem": "auth", "cure": cure})
    page = ines_desk.get("/desk/channels/").content.decode()
    assert "In trouble" in page
    assert cure in page


def test_the_line_for_the_shops_pages_stands_beside_the_chat(ines_desk, chat_channel, settings):
    settings.KEFU_URL = "https://desk.lumen.example"
    page = ines_desk.get("/desk/channels/").content.decode()
    assert "https://desk.lumen.example/widget.js" in page
    assert f"data-channel=&#34;{chat_channel.public_id}&#34;" in page


def test_mails_set_aside_are_listed_and_read_again_on_request(ines_desk, bad_mail):
    page = ines_desk.get("/desk/channels/").content.decode()
    assert "It names no sender" in page
    assert "&lt;b&gt;Offer&lt;/b&gt;" in page
    answer = ines_desk.piece(f"/desk/channels/aside/mail/{bad_mail.pk}/", {})
    assert answer.status_code == 200
    assert answer.content.decode().lstrip().startswith('<section id="aside">')
    bad_mail.refresh_from_db()
    assert bad_mail.state in (RawState.QUARANTINED, RawState.READ)


def test_only_those_who_see_channels_have_mails_read_again(tomas_desk, olek_desk, bad_mail):
    address = f"/desk/channels/aside/mail/{bad_mail.pk}/"
    assert tomas_desk.piece(address, {}).status_code == 403
    assert olek_desk.piece(address, {}).status_code == 403


def test_a_supervisor_of_another_brand_reads_none_of_these_mails(at_desk, olek, bad_mail):
    olek.seats.update(role="supervisor")
    desk = at_desk(olek)
    assert "Offer" not in desk.get("/desk/channels/").content.decode()
    assert desk.piece(f"/desk/channels/aside/mail/{bad_mail.pk}/", {}).status_code == 404
    assert desk.piece(f"/desk/channels/aside/parcel/{bad_mail.pk}/", {}).status_code == 404


def test_a_reply_that_did_not_leave_is_sent_again_by_hand(tomas_desk, olek_desk, talks):
    delivery = Delivery.objects.get(message__conversation=talks["parcel"])
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.UNCERTAIN, problem="line broke")
    address = f"/desk/messages/{delivery.message_id}/sending/"
    assert olek_desk.piece(address, {}).status_code == 404
    answer = tomas_desk.piece(address, {})
    assert answer.status_code == 200
    assert "Sending" in answer.content.decode()
    assert tomas_desk.piece(address, {}).status_code == 409  # it is on its way: a second click sends nothing
    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.PENDING


@pytest.mark.parametrize(("language", "words"), [("en", "Chinese"), ("zh-hans", "中文")])
def test_the_customers_language_is_named_in_the_readers_language(tomas_desk, tomas, talks, language, words):
    tomas.interface_language = language
    tomas.save()
    assert words in tomas_desk.get(page_of(talks["waiting"])).content.decode()


def test_a_webhook_for_no_channel_is_not_found(client, db):
    address = "/hooks/0190f3a0-0000-7000-8000-000000000000/"
    assert client.post(address, b"{}", content_type="application/json").status_code == 404
    assert client.get(address).status_code == 405


def test_a_webhook_that_proves_nothing_is_refused(client, chat_channel):
    answer = client.post(f"/hooks/{chat_channel.public_id}/", b"\xff\x00", content_type="text/plain")
    assert answer.status_code == 403
