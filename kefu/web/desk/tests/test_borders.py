"""Olek serves another brand: for him nothing of this one exists, whatever address he tries."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import get_resolver

from kefu.desk.models import Attachment, Event, Message
from kefu.web.desk.tests.conftest import page_of

pytestmark = pytest.mark.django_db

#: every address of the desk that names something of a brand, with what it is asked with
READS = ("", "earlier/?before=999999")
DEEDS = ("replies/", "notes/", "takeover/", "handback/", "assignee/", "closure/", "reopening/", "presence/")


def test_every_address_of_another_brand_is_not_found(olek_desk, talks, olek):
    talk = talks["parcel"]
    sent = {"text": "hello", "state": "here", "disposition": "solved", "to": olek.pk}
    before = Event.objects.count(), Message.objects.count()
    for part in READS:
        assert olek_desk.get(page_of(talk, part)).status_code == 404, part
        assert olek_desk.piece(f"/desk/conversations/{talk.number}/{part}").status_code == 404, part
    for part in DEEDS:
        assert olek_desk.post(page_of(talk, part), sent).status_code == 404, part
        assert olek_desk.piece(page_of(talk, part), sent).status_code == 404, part
    mail = talk.messages.exclude(html="").get()
    reply = talk.messages.exclude(why={}).get()
    file = Attachment.objects.first()
    for address in (f"/desk/messages/{mail.pk}/body/", f"/desk/messages/{reply.pk}/why/",
                    f"/desk/attachments/{file.public_id}/"):  # fmt: skip
        assert olek_desk.get(address).status_code == 404, address
    assert olek_desk.piece(f"/desk/rows/{talk.public_id}/?list=all").status_code == 204
    assert (Event.objects.count(), Message.objects.count()) == before


def test_another_brands_list_counts_and_search_are_empty(olek_desk, talks):
    for key in ("mine", "unassigned", "pending", "assistant", "all", "closed"):
        page = olek_desk.get(f"/desk/?list={key}").content.decode()
        assert 'class="row"' not in page
        assert page.count('data-count="') == page.count('">0</span>')
    for said in ("KF-1042", "Mira", "mira@example.com", str(talks["parcel"].number), "王立"):
        assert 'class="row"' not in olek_desk.get("/desk/search/", {"q": said}).content.decode()


def test_names_of_another_brands_colleagues_are_not_told(olek_desk, talks):
    page = olek_desk.get("/desk/").content.decode()
    assert "Ines" not in page
    assert "Tomas" not in page


def test_nobody_is_given_a_conversation_of_a_brand_they_do_not_serve(ines_desk, talks, olek):
    assert ines_desk.piece(page_of(talks["waiting"], "assignee/"), {"to": olek.pk}).status_code == 409


def test_the_stream_token_names_only_the_brands_of_the_seat(olek_desk, other_brand, talks):
    from kefu.web.events.tokens import desk_holder

    address = olek_desk.piece("/desk/stream/").content.decode()
    assert desk_holder(address.partition("token=")[2]).brand_ids == {other_brand.pk}


def test_channels_are_for_supervisors(tomas_desk, ines_desk, talks):
    assert tomas_desk.get("/desk/channels/").status_code == 403
    page = ines_desk.get("/desk/channels/").content.decode()
    assert "help@lumen.example" in page


def _addresses() -> list[str]:
    desk = next(one for one in get_resolver("kefu.web.urls").url_patterns if getattr(one, "namespace", None) == "desk")
    samples = {"<ref:ref>": "lumen-1", "<int:pk>": "1", "<uuid:public_id>": str(uuid4()), "<slug:slug>": "lumen",
               "<path:file>": "playbooks/human.yaml"}  # fmt: skip
    found = []
    for one in desk.url_patterns:
        address = str(one.pattern)
        for sample, value in samples.items():
            address = address.replace(sample, value)
        found.append("/desk/" + address)
    return found


def test_without_signing_in_every_address_of_the_desk_leads_to_the_door(client, db):
    addresses = _addresses()
    assert len(addresses) > 20
    for address in addresses:
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code == 302, address
            assert answer["Location"].startswith("/sign-in/"), address
