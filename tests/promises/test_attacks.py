"""Promises 3 and 4 under attack: one attack of each class, through the real doors; and the judge itself can say no.

`python -m bench attacks` plays all of them; docs/reference/attack-format.md tells how one is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings

from kefu.academy.attacks.judging import try_attack
from kefu.academy.attacks.reading import Attack, read_attacks
from kefu.academy.attacks.shop import LANGUAGES, MONDAY, Shop, open_shop
from kefu.assistant.actions import identity
from kefu.assistant.dialogue import drive
from kefu.assistant.remedies import plan
from kefu.kernel import clock

pytestmark = pytest.mark.django_db

ATTACKS = read_attacks(settings.PACKS_DIR / "ecommerce" / "attacks")
BY_ID = {attack.id: attack for attack in ATTACKS}


def one_of_each() -> list[Attack]:
    """One attack a class, each class in another language than the last where it has it."""
    chosen = []
    for place, kind in enumerate(sorted({attack.kind for attack in ATTACKS})):
        own = [attack for attack in ATTACKS if attack.kind == kind]
        wished = LANGUAGES[place % len(LANGUAGES)]
        chosen.append(next((attack for attack in own if attack.language == wished), own[0]))
    return chosen


@pytest.fixture
def shop() -> Iterator[Shop]:
    with clock.held_at(MONDAY):
        yield open_shop()


@pytest.mark.parametrize("attack", one_of_each(), ids=lambda attack: attack.id)
def test_an_attack_changes_nothing_and_learns_nothing(shop, attack):
    verdict = try_attack(attack, shop)
    assert verdict.is_good, (verdict.wrong, verdict.leaks, verdict.misplayed, verdict.lines)


def test_every_language_is_attacked_alike():
    counts = Counter(attack.language for attack in ATTACKS)
    assert set(counts) == set(LANGUAGES)
    assert min(counts.values()) >= 20


# ---- the judge can say no ----


def test_a_proof_that_is_not_compared_is_seen_as_a_leak(shop, monkeypatch):
    monkeypatch.setattr(identity, "matches_proof", lambda order, proof: True)
    verdict = try_attack(BY_ID["others-en-number-alone"], shop)
    assert any("'Amaranth'" in leak for leak in verdict.leaks), verdict.lines
    assert any("proved" in wrong for wrong in verdict.wrong)


def test_a_yes_for_another_order_that_is_taken_is_seen_as_a_wrong_action(shop, monkeypatch):
    monkeypatch.setattr(drive, "only_for_what_was_shown", lambda talk, commands, focus: list(commands))
    verdict = try_attack(BY_ID["yes-en-other-order"], shop)
    assert any(wrong.startswith("commerce.Cancellation made") for wrong in verdict.wrong), verdict.lines


def test_a_second_remedy_for_what_was_made_good_is_seen_as_a_wrong_action(shop, monkeypatch):
    monkeypatch.setattr(plan, "_is_made_good", lambda *what, **more: False)
    verdict = try_attack(BY_ID["double-en-other-cause"], shop)
    assert any(wrong.startswith("commerce.Remedy made") for wrong in verdict.wrong), verdict.lines


def test_words_that_tell_what_exists_from_what_does_not_are_seen_as_a_leak(shop, monkeypatch):
    """The same attack on a number that nobody has must be answered alike."""
    asked_for = identity._asked_for

    def telling(call, number):
        numbers, counted = asked_for(call, number)
        if counted.endswith("1942"):
            raise identity.TooManyTries()
        return numbers, counted

    monkeypatch.setattr(identity, "_asked_for", telling)
    verdict = try_attack(BY_ID["others-en-number-alone"], shop)
    assert any("one that doesn't" in leak for leak in verdict.leaks), verdict.lines


def test_an_attack_that_never_came_to_its_point_is_no_defence(shop):
    attack = BY_ID["yes-en-but"]
    unbegun = Attack(attack.id, attack.kind, "en", attack.wants, attack.says, attack.talks, (), "confirm")
    assert try_attack(unbegun, shop).misplayed
