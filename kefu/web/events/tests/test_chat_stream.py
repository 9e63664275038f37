"""A customer's page hears what is said, once and in order, whatever breaks in between."""

from __future__ import annotations

import random
import threading

import pytest
from django.db import connection
from django.test import Client

from kefu.desk import services
from kefu.people.models import Agent
from kefu.web.events import tokens
from kefu.web.events.announce import announce
from kefu.web.events.tests.conftest import Server, Talk


def test_a_page_that_waits_for_its_first_message_hears_it_and_the_answers(server: Server, talk: Talk) -> None:
    tap = server.open("/events/chat", token=talk.token)
    talk.write("Hello")
    assert tap.next_of("message").data["text"] == "Hello"
    talk.answer("Hi")
    heard = tap.next_of("message")
    (read,) = (
        Client()
        .get(f"/chat/v1/{talk.channel.public_id}/messages?limit=1", headers={"Authorization": f"Bearer {talk.token}"})
        .json()["messages"]
    )
    assert (heard.data, heard.id) == (read, read["id"])


def test_a_page_that_comes_back_hears_what_it_missed_and_nothing_twice(server: Server, talk: Talk) -> None:
    talk.write("one")
    seen = talk.answer("two")
    for n in range(150):
        talk.answer(f"missed {n}")
    for tap in (
        server.open("/events/chat", token=talk.token, **{"Last-Event-ID": str(seen.public_id)}),
        server.open(f"/events/chat?after={seen.public_id}", token=talk.token),
        server.open(f"/events/chat?after={seen.public_id}&token={tokens.stream_token(talk.holder)}"),
    ):
        assert tap.texts(150) == [f"missed {n}" for n in range(150)]
        tap.close()


def test_a_page_that_breaks_off_all_the_time_misses_and_repeats_nothing(server: Server, talk: Talk) -> None:
    talk.write("0")
    written = [str(n) for n in range(1, 121)]

    def answer() -> None:
        for text in written:
            talk.answer(text)
        connection.close()

    writer = threading.Thread(target=answer)
    writer.start()
    chance, heard, last = random.Random(4), [], ""
    while len(heard) < 121:
        tap = server.open("/events/chat", token=talk.token, **({"Last-Event-ID": last} if last else {}))
        for _ in range(min(chance.randint(1, 12), 121 - len(heard))):
            happening = tap.next_of("message")
            heard.append(happening.data["text"])
            last = happening.id
        tap.close()
    writer.join()
    assert heard == ["0", *written]


def test_notes_reach_no_customer_and_a_take_over_is_told_by_name(server: Server, talk: Talk, tomas: Agent) -> None:
    talk.write("Hello")
    tap = server.open("/events/chat", token=talk.token)
    assert tap.texts(1) == ["Hello"]
    services.add_note(talk.row, text="a note", by=tomas.actor())
    services.take_over(talk.row, by=tomas.actor())
    announce("here", talk.row, by=tomas.pk)
    announce("typing", talk.row, by=tomas.pk)
    services.reply(talk.row, text="Tomas here", by=tomas.actor())
    before = tap.silent_until("Tomas here")
    assert {h.event for h in before} == {"conversation", "typing"}
    told = next(h for h in before if h.event == "conversation" and h.data["answering"] == "agent")
    assert told.data["name"] == "Tomas"


def test_another_customers_talk_is_never_heard(server: Server, talk: Talk) -> None:
    other = Talk(talk.channel)
    talk.write("mine")
    other.write("theirs")
    tap = server.open("/events/chat", token=talk.token)
    tap.texts(1)
    other.answer("for the other")
    talk.answer("for me")
    assert [h.event for h in tap.silent_until("for me") if h.event == "message"] == []


def test_a_lost_connection_to_the_database_loses_no_message(server: Server, talk: Talk) -> None:
    talk.write("one")
    tap = server.open("/events/chat", token=talk.token)
    tap.next_of("conversation")  # it has caught up
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name LIKE 'kefu events%%' AND datname = current_database()"
        )
    talk.answer("said while nobody listened")
    assert tap.texts(1) == ["said while nobody listened"]
    talk.answer("and after")
    assert tap.texts(1) == ["and after"]


def test_who_has_no_right_gets_a_reason_instead_of_a_stream(server: Server, talk: Talk, tomas: Agent) -> None:
    talk.write("Hello")
    desk = tokens.desk_token(tomas.pk, [talk.channel.brand_id])
    for path, token in (
        ("/events/chat", ""),
        ("/events/chat", "made.up"),
        ("/events/chat", desk),
        (f"/events/chat?token={talk.token}", ""),  # a conversation's own token has no business in an address
        (f"/events/desk?token={talk.token}", ""),
    ):
        refused = server.open(path, token=token)
        assert refused.status == 401
        assert refused.json()["cure"]
    talk.channel.settings = {"origins": ["https://lumen.example"]}
    talk.channel.save()
    assert server.open("/events/chat", token=talk.token, Origin="https://evil.example").status == 403
    allowed = server.open("/events/chat", token=talk.token, Origin="https://lumen.example")
    assert allowed.answer_headers["access-control-allow-origin"] == "https://lumen.example"
    talk.channel.is_on = False
    talk.channel.save()
    assert server.open("/events/chat", token=talk.token).status == 404


def test_one_address_holds_only_so_many_streams_open(
    server: Server, talk: Talk, settings: pytest.FixtureRequest
) -> None:
    settings.KEFU_STREAMS_PER_ADDRESS = 2
    taps = [server.open("/events/chat", token=talk.token) for _ in range(2)]
    refused = server.open("/events/chat", token=talk.token)
    assert (refused.status, refused.answer_headers["retry-after"]) == (429, "20")
    taps[0].close()
    server.wait_for(lambda: server.open("/events/chat", token=talk.token).status == 200)
