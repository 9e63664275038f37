"""An agent's page hears that something changed at their brands, by id, and who else is at a conversation."""

from __future__ import annotations

from kefu.desk.models import Channel
from kefu.people.models import Agent, Brand
from kefu.web.events import tokens
from kefu.web.events.announce import announce
from kefu.web.events.tests.conftest import Server, Talk, Tap


def _desk(server: Server, agent: Agent, brand: Brand, **headers: str) -> Tap:
    return server.open(f"/events/desk?token={tokens.desk_token(agent.pk, [brand.pk])}", **headers)


def test_a_change_is_told_by_ids_to_those_who_serve_the_brand(
    server: Server, talk: Talk, tomas: Agent, olek: Agent, brand: Brand, other_brand: Brand
) -> None:
    theirs = Talk(Channel.objects.create(brand=other_brand, kind="chat", name="Nordlicht chat"))
    tap, oleks = _desk(server, tomas, brand), _desk(server, olek, other_brand)
    talk.write("a secret sentence")
    theirs.write("another secret")
    change = tap.next_of("change")
    assert change.data["conversation"] == str(talk.public_id)
    assert change.data["number"] == talk.row.number
    assert change.data["kind"].startswith("desk.")
    assert "secret" not in str(change.data)
    assert change.id
    assert oleks.next_of("change").data["conversation"] == str(theirs.public_id)


def test_a_token_cannot_name_a_brand_that_the_agent_does_not_serve(server: Server, olek: Agent, brand: Brand) -> None:
    assert _desk(server, olek, brand).status == 403


def test_an_agent_who_was_switched_off_hears_nothing_more(server: Server, tomas: Agent, brand: Brand) -> None:
    tomas.is_active = False
    tomas.save()
    assert _desk(server, tomas, brand).status == 403


def test_a_page_that_comes_back_is_told_to_fetch_anew(server: Server, tomas: Agent, brand: Brand) -> None:
    assert _desk(server, tomas, brand, **{"Last-Event-ID": "7"}).next().event == "reset"


def test_two_people_on_one_conversation_see_each_other(
    server: Server, talk: Talk, tomas: Agent, ines: Agent, olek: Agent, brand: Brand, other_brand: Brand
) -> None:
    talk.write()
    ines_page, oleks_page = _desk(server, ines, brand), _desk(server, olek, other_brand)
    announce("here", talk.row, by=tomas.pk)
    announce("here", talk.row, by=tomas.pk)  # said again every few seconds, told once
    announce("typing", talk.row, by="customer")
    announce("gone", talk.row, by=tomas.pk)
    told = [ines_page.next_of("presence").data for _ in range(3)]
    assert [(one["type"], one["by"]) for one in told] == [
        ("here", tomas.pk), ("typing", "customer"), ("gone", tomas.pk),
    ]  # fmt: skip
    assert told[0]["conversation"] == str(talk.public_id)
    Talk(Channel.objects.create(brand=other_brand, kind="chat", name="Nordlicht chat")).write()
    assert oleks_page.next().event == "change"


def test_a_page_that_opens_learns_who_is_already_there(
    server: Server, talk: Talk, tomas: Agent, ines: Agent, brand: Brand
) -> None:
    talk.write()
    first = _desk(server, ines, brand)
    announce("here", talk.row, by=tomas.pk)
    first.next_of("presence")
    assert _desk(server, ines, brand).next_of("presence").data["by"] == tomas.pk
