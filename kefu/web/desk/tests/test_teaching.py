"""What colleagues correct is kept under their name, without whose it was, and looked at by who answers for the desk."""

from __future__ import annotations

import pytest

from kefu.assistant.learning.services import lessons_of, teach_reply
from kefu.assistant.models import TeachingExample
from kefu.desk.models import Author
from kefu.people.models import Agent, Role, Seat
from kefu.web.desk.tests import stage
from kefu.web.desk.tests.conftest import page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(chat_channel):
    return stage.writes(
        chat_channel, "This is Anna Berg, my parcel KF-2077 hasn't come", language="en", name="Anna Berg"
    )


def said(talk):
    return talk.messages.filter(author=Author.CUSTOMER).first()


def meaning(talk):
    return f"/desk/messages/{said(talk).pk}/meaning/"


def test_what_a_message_was_about_is_kept_once_under_the_authors_name_and_can_be_changed(tomas_desk, tomas, talk):
    assert "What was this about?" in tomas_desk.get(page_of(talk)).content.decode()
    shown = tomas_desk.piece(meaning(talk)).content.decode()
    assert "Order status" in shown
    assert "order_status</span>" not in shown
    tomas_desk.piece(meaning(talk), {"intent": "cancel_order"})
    kept = tomas_desk.piece(meaning(talk), {"intent": "order_status"}).content.decode()
    assert "Kept under your name" in kept
    lesson = TeachingExample.objects.get(withdrawn_at=None)
    assert (lesson.author, lesson.label, lesson.message) == (tomas, "order_status", said(talk))
    assert "hasn't come" in lesson.text
    assert not any(one in lesson.text.lower() for one in ("anna", "berg", "2077"))


def test_two_people_may_differ_and_the_accepted_one_counts(tomas_desk, ines_desk, talk, brand):
    tomas_desk.piece(meaning(talk), {"intent": "cancel_order"})
    ines_desk.piece(meaning(talk), {"intent": "order_status"})
    assert TeachingExample.objects.filter(withdrawn_at=None).count() == 2
    first = TeachingExample.objects.get(label="cancel_order")
    assert ines_desk.piece(f"/desk/teaching/{first.pk}/acceptance/", {}).status_code == 200
    assert [one.label for one in lessons_of(brand)] == ["cancel_order"]
    ines_desk.piece(f"/desk/teaching/{first.pk}/withdrawal/", {})
    assert lessons_of(brand) == []


def test_a_message_with_two_wishes_is_kept_but_teaches_neither(tomas_desk, talk, brand):
    tomas_desk.piece(meaning(talk), {"intent": ["order_status", "cancel_order"]})
    lesson = TeachingExample.objects.get()
    assert [lesson.label, *lesson.also] == ["order_status", "cancel_order"]
    assert lessons_of(brand) == []


def test_nothing_chosen_and_no_such_wish_are_refused(tomas_desk, talk):
    for sent in ({}, {"intent": "no_such"}):
        assert tomas_desk.piece(meaning(talk), sent).status_code == 422
    assert TeachingExample.objects.count() == 0


def test_another_brands_agent_neither_teaches_nor_sees_nor_decides(olek_desk, olek, ines_desk, talk):
    ines_desk.piece(meaning(talk), {"intent": "order_status"})
    lesson = TeachingExample.objects.get()
    Seat.objects.filter(agent=olek).update(role=Role.MANAGER)
    assert olek_desk.piece(meaning(talk)).status_code == 404
    assert olek_desk.piece(meaning(talk), {"intent": "cancel_order"}).status_code == 404
    assert "hasn't come" not in olek_desk.get("/desk/teaching/?state=all").content.decode()
    for deed in ("acceptance", "withdrawal"):
        assert olek_desk.piece(f"/desk/teaching/{lesson.pk}/{deed}/", {}).status_code == 404
    lesson.refresh_from_db()
    assert (lesson.accepted_at, lesson.withdrawn_at) == (None, None)


def test_an_agent_without_the_right_has_no_such_page(tomas_desk, talk):
    tomas_desk.piece(meaning(talk), {"intent": "order_status"})
    lesson = TeachingExample.objects.get()
    assert tomas_desk.get("/desk/teaching/").status_code == 404
    assert "/desk/teaching/" not in tomas_desk.get("/desk/").content.decode()
    for deed in ("acceptance", "withdrawal"):
        assert tomas_desk.piece(f"/desk/teaching/{lesson.pk}/{deed}/", {}).status_code == 404


def test_the_page_is_filtered_and_paged(ines_desk, ines, tomas, brand, django_assert_max_num_queries):
    Agent.objects.filter(pk=ines.pk).update(interface_language="en")
    Seat.objects.filter(agent=ines).update(role=Role.MANAGER)
    for number in range(27):
        teach_reply(brand, text="so what", better=f"Kind words {number:02} follow", heard="Words",
                    key="hand_over.asked", language="de" if number else "en", by=tomas.actor())  # fmt: skip
    with django_assert_max_num_queries(20):
        page = ines_desk.get("/desk/teaching/?kind=reply&author=" + str(tomas.pk)).content.decode()
    assert "Kind words 26" in page
    assert "Kind words 00" not in page
    assert f"/desk/procedures/{brand.slug}/words/de/hand_over.asked/" in page
    last = TeachingExample.objects.order_by("-pk")[24].pk
    assert "Kind words 00" in ines_desk.get(f"/desk/teaching/?before={last}").content.decode()
    only = ines_desk.get("/desk/teaching/?language=en").content.decode()
    assert "Kind words 00" in only
    assert "Kind words 01" not in only
    for none in ("kind=intent", "state=accepted", "state=dropped", f"author={ines.pk}", "intent=order_status"):
        assert "Kind words" not in ines_desk.get(f"/desk/teaching/?{none}").content.decode(), none
