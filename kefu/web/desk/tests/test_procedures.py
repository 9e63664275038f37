"""Procedures at the desk: everybody reads how it works, managers change it, nobody sees another brand's."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import pack_sources
from kefu.assistant.engine.playbook import Playbook, Step
from kefu.people.models import Role, Seat
from kefu.web.desk.flow import flow

pytestmark = pytest.mark.django_db
HUMAN = "playbooks/human.yaml"


@pytest.fixture
def manager_desk(at_desk, ines, brand):
    Seat.objects.filter(agent=ines, brand=brand).update(role=Role.MANAGER)
    return at_desk(ines)


def address(name: str, file: str = HUMAN) -> str:
    return reverse(f"desk:{name}", args=["lumen", file])


def text() -> str:
    return pack_sources("ecommerce", "playbooks")[HUMAN]


def test_an_agent_reads_every_playbook_and_policy_of_the_own_brand(tomas_desk):
    page = tomas_desk.get(reverse("desk:procedures"), follow=True)
    assert page.status_code == 200
    files = [*pack_sources("ecommerce", "playbooks"), *pack_sources("ecommerce", "policies")]
    for file in files:
        assert address("procedure", file) in page.content.decode(), file
        shown = tomas_desk.get(address("procedure", file))
        assert shown.status_code == 200, file
        assert "Publish" not in shown.content.decode()


def test_another_brands_procedures_are_not_there(olek_desk, brand):
    assert olek_desk.get(address("procedure")).status_code == 404
    assert olek_desk.get(reverse("desk:procedures_of", args=["lumen"])).status_code == 404
    assert olek_desk.post(address("procedure_draft"), {"text": text(), "deed": "publish"}).status_code == 404
    assert not Edition.objects.exists()


@pytest.mark.parametrize("name", ["procedure_draft", "procedure_back", "procedure_check"])
def test_an_agent_changes_nothing_by_sending_the_form_of_a_manager(tomas_desk, name):
    answer = tomas_desk.post(address(name), {"text": text(), "deed": "publish", "to": "0"})
    assert answer.status_code == 403
    assert not Edition.objects.exists()


def test_a_manager_publishes_and_brings_the_delivered_one_back(manager_desk):
    changed = text().replace("when:", "queue: night\nwhen:")
    manager_desk.post(address("procedure_draft"), {"text": changed, "deed": "publish", "note": "at night"})
    page = manager_desk.get(address("procedure")).content.decode()
    assert "queue: night" in page
    assert "at night" in page
    manager_desk.post(address("procedure_back"), {"to": "0"})
    assert "queue: night" not in manager_desk.get(address("procedure")).content.decode()
    assert Edition.objects.count() == 2


def test_faults_are_told_while_typing_with_their_line_and_nothing_is_kept(manager_desk):
    answer = manager_desk.piece(address("procedure_check"), {"text": text() + "  - {id: x, say: no.such}\n"})
    said = answer.content.decode()
    assert "no.such" in said
    assert "Line 5" in said
    assert not Edition.objects.exists()


def test_a_draft_with_faults_is_answered_with_a_refusal_and_stays_a_draft(manager_desk):
    answer = manager_desk.post(address("procedure_draft"), {"text": "playbook: human", "deed": "publish"})
    assert answer.status_code == 409
    assert not Edition.objects.filter(number__isnull=False).exists()


def test_a_draft_is_tried_on_last_months_cases(manager_desk):
    answer = manager_desk.piece(address("procedure_check") + "?tried=1", {"text": text() + "\n"})
    assert "It can work" in answer.content.decode()
    assert "0 cases" in answer.content.decode() or "Of 0" in answer.content.decode()


@pytest.mark.parametrize("bad", ["<script>alert(1)</script>", "\x00", "a: &a [*a, *a]", "x" * 70_000, "- - - -", "{"])
def test_whatever_is_typed_is_answered_with_faults_not_with_a_breakdown(manager_desk, bad):
    answer = manager_desk.piece(address("procedure_check"), {"text": bad})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert "mended" in answer.content.decode()


def test_every_step_is_drawn_once_and_every_exit_goes_somewhere():
    def step(name: str, **exits: str) -> Step:
        return Step(name, "check", "x", 1, exits)

    steps = [
        step("a", ok="b", bad="z", gone="!failed"),
        step("b", ok="c"),
        step("c"),
        step("z", again="a", over="@other"),
    ]
    cards = flow(Playbook("p", "1", "", "", (), {}, {one.id: one for one in steps}), lambda one: one.id)
    assert [card.id for card in cards] == ["a", "b", "c"]
    bad, gone = cards[0].ways
    assert [card.id for card in bad.cards] == ["z"]
    assert gone.to_person == "failed"
    again, over = bad.cards[0].ways
    assert (again.to_step, over.to_playbook) == ("a", "other")
