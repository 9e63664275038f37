"""A manager changes the procedure: only what could work, only for the own brand, never below the law."""

from __future__ import annotations

import pytest

from kefu.assistant.editions import services
from kefu.assistant.editions.errors import DraftHasFaults, DraftIsOutdated, NoSuchFile, NothingChanged
from kefu.assistant.editions.faults import faults_of
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import pack_sources, sources_of
from kefu.assistant.editions.trying import changed_rules, first_difference, replay_playbook
from kefu.assistant.editions.working_playbooks import book_for
from kefu.assistant.editions.working_rules import rules_for
from kefu.assistant.policy import load_sources
from kefu.assistant.turn.book import book_of
from kefu.desk.models import Event
from kefu.kernel.errors import NotAllowed
from kefu.people.actors import SYSTEM
from kefu.people.models import Agent, Brand, Role, Seat

pytestmark = pytest.mark.django_db
HUMAN, REFUNDS = "playbooks/human.yaml", "policies/refund.yaml"


@pytest.fixture
def manager(ines: Agent, brand: Brand) -> Agent:
    Seat.objects.filter(agent=ines, brand=brand).update(role=Role.MANAGER)
    return Agent.objects.get(pk=ines.pk)


def text_of(file: str, pack: str = "ecommerce") -> str:
    return pack_sources(pack, services.kind_of(file))[file]


def draft(brand: Brand, file: str, text: str, manager: Agent) -> Edition:
    return services.save_draft(brand, file, text=text, by=manager.actor(), author=manager)


def publish(brand: Brand, file: str, text: str, manager: Agent) -> Brand:
    draft(brand, file, text, manager)
    services.publish(brand, file, by=manager.actor())
    return Brand.objects.get(pk=brand.pk)


def test_an_agent_and_a_supervisor_change_no_procedure(brand, tomas, ines):
    for agent in (tomas, ines):
        with pytest.raises(NotAllowed):
            draft(brand, HUMAN, text_of(HUMAN), agent)
    assert not Edition.objects.exists()


def test_a_manager_of_one_brand_changes_nothing_in_another(manager, other_brand):
    with pytest.raises(NotAllowed):
        draft(other_brand, HUMAN, text_of(HUMAN), manager)
    with pytest.raises(NotAllowed):
        services.roll_back(other_brand, HUMAN, to=0, by=manager.actor(), author=manager)


def test_a_published_playbook_works_from_the_next_message_on_for_its_brand_alone(brand, other_brand, manager):
    text = text_of(HUMAN).replace("when:", "queue: night\nwhen:")
    draft(brand, HUMAN, text, manager)
    assert book_for(brand).playbooks["human"].version == book_of("ecommerce").playbooks["human"].version
    services.publish(brand, HUMAN, by=manager.actor())
    brand = Brand.objects.get(pk=brand.pk)
    assert sources_of(brand, "playbooks")[HUMAN] == text
    assert book_for(brand).playbooks["human"].queue == "night"
    assert book_for(other_brand).playbooks["human"].queue == "support"
    assert sources_of(other_brand, "playbooks")[HUMAN] == text_of(HUMAN)
    published = Event.objects.get(kind=services.PUBLISHED)
    assert (published.facts["file"], published.actor_id) == (HUMAN, manager.pk)


def test_a_draft_with_faults_is_kept_but_not_published_and_every_fault_is_named(brand, manager):
    kept = draft(brand, HUMAN, "playbook: human\nsteps:\n  - {id: x, say: no.such_text}\n", manager)
    assert kept.is_draft
    with pytest.raises(DraftHasFaults) as refused:
        services.publish(brand, HUMAN, by=manager.actor())
    assert any("no.such_text" in fault for fault in refused.value.faults)
    assert "edition" not in Brand.objects.get(pk=brand.pk).settings


def test_what_has_not_changed_is_not_published(brand, manager):
    draft(brand, HUMAN, text_of(HUMAN), manager)
    with pytest.raises(NothingChanged):
        services.publish(brand, HUMAN, by=manager.actor())


@pytest.mark.parametrize("file", ["playbooks/../policies/refund.yaml", "playbooks/none.yaml", "intents/human.yaml", ""])
def test_a_file_that_the_pack_does_not_have_is_refused(brand, manager, file):
    with pytest.raises(NoSuchFile):
        draft(brand, file, "x", manager)


def test_two_managers_do_not_overwrite_each_other(brand, manager):
    draft(brand, HUMAN, text_of(HUMAN) + "\n# mine\n", manager)
    mine = Edition.objects.get(number=None)
    mine.begun_on = "0" * 64  # another edition was published since
    mine.save()
    with pytest.raises(DraftIsOutdated):
        services.publish(brand, HUMAN, by=manager.actor())


def test_going_back_brings_the_packs_own_text_back_and_keeps_the_history(brand, manager):
    brand = publish(brand, HUMAN, text_of(HUMAN) + "\n# one\n", manager)
    brand = publish(brand, HUMAN, text_of(HUMAN) + "\n# two\n", manager)
    services.roll_back(brand, HUMAN, to=1, by=manager.actor(), author=manager)
    brand = Brand.objects.get(pk=brand.pk)
    assert sources_of(brand, "playbooks")[HUMAN].endswith("# one\n")
    services.roll_back(brand, HUMAN, to=0, by=manager.actor(), author=manager)
    brand = Brand.objects.get(pk=brand.pk)
    assert sources_of(brand, "playbooks")[HUMAN] == text_of(HUMAN)
    assert list(Edition.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]
    with pytest.raises(NothingChanged):
        services.roll_back(brand, HUMAN, to=0, by=manager.actor(), author=manager)


def test_a_rule_of_the_shop_changes_what_is_allowed(brand, manager):
    text = text_of(REFUNDS).replace("150.00 EUR", "20.00 EUR")
    brand = publish(brand, REFUNDS, text, manager)
    limits = {str(most) for rule in rules_for(brand) if rule.id == "refund.assistant_limit" for most in rule.up_to}
    assert any("20" in limit for limit in limits)
    assert not any("150" in limit for limit in limits)


def test_no_edition_goes_below_the_law(brand, manager):
    file = "policies/return.yaml"
    weaker = text_of(file).replace("  floor: law\n", "", 1)
    assert weaker != text_of(file)
    assert any("is law" in str(fault) for fault in faults_of(brand, file, weaker))
    draft(brand, file, weaker, manager)
    with pytest.raises(DraftHasFaults):
        services.publish(brand, file, by=manager.actor())


def test_an_edition_that_no_longer_fits_does_not_silence_the_assistant(brand, manager, caplog):
    brand = publish(brand, HUMAN, text_of(HUMAN) + "\n# one\n", manager)
    Edition.objects.filter(number=1).update(text="playbook: [broken")  # as after an update of Kefu under it
    brand.settings["edition"] += 1000
    assert book_for(brand).playbooks["human"].version == book_of("ecommerce").playbooks["human"].version
    assert "left aside" in caplog.text


def test_a_draft_is_tried_on_real_cases_and_the_step_that_differs_is_named(brand, mira, chat_channel, manager):
    from kefu.desk.inbound import Inbound
    from kefu.desk.services import open_case, receive_message

    conversation = receive_message(chat_channel, Inbound(external_id="1", address="c", text="hi")).conversation
    walked = [["cancel_order.who", "use", "done", ""], ["cancel_order.which", "collect", "filled", ""]]
    open_case(conversation, playbook="cancel_order", version="1", by=SYSTEM, state={"walked": walked})
    before = book_of("ecommerce").playbooks["cancel_order"]
    same = replay_playbook(brand, before, before)
    assert (same.looked_at, same.changed) == (1, 0)
    first = before.steps[before.first]
    other = {first.exits and next(iter(first.exits)): "elsewhere"}
    from dataclasses import replace

    after = replace(before, steps={**before.steps, first.id: replace(first, exits=other)})
    outcome = next(iter(first.exits))
    found = first_difference([[f"cancel_order.{first.id}", first.kind, outcome, ""]], before, after)
    assert found == (first.id, outcome, first.exits[outcome], "elsewhere")


def test_a_changed_rule_is_told_with_the_deeds_it_decided(brand):
    sources = {"refund.yaml": text_of(REFUNDS)}
    before = load_sources(sources)
    after = load_sources({"refund.yaml": text_of(REFUNDS).replace("150.00 EUR", "20.00 EUR")})
    changes = {one.rule: one.what for one in changed_rules(brand, before, after)}
    assert changes["refund.assistant_limit"] == "changed"
    assert "refund.more_than_paid" not in changes
