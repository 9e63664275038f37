"""Asked to confirm, the customer reads what is shown: yes when it is what they want, else no, with what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kefu.academy.checking import Fault, fault_of
from kefu.academy.mind import SAID_AGAIN, Mind, Said
from kefu.academy.scenario import Wish


def asks_to_confirm(mind: Mind, question: str, choices: Sequence[tuple[str, str]]) -> bool:
    if choices:
        labels = [label for _, label in choices]
        return len(labels) == 2 and mind.words.hears("yes_label", labels[0]) and not mind.words.hears(
            "person", question
        ) and mind.words.hears("no_label", labels[1])  # fmt: skip
    return mind.words.hears("confirm", question)


def confirm(mind: Mind, question: str, choices: Sequence[tuple[str, str]]) -> Said | None:
    """Yes when everything is as they want it; no, with what is wrong, when it isn't."""
    _look_for(mind, question)
    wish = mind.left[0] if mind.left else None
    if wish is None:
        return mind.press(choices, 1, mind.pick("no"))
    if wish.regrets:
        return _regret(mind, wish, choices)
    fault = fault_of(question, wish, into=mind.into)
    if fault == "into" and wish.tells_instead:
        fault = _next_choice(mind, question, wish)
    if not fault and (wish.adds or wish.drops):
        return _think_again(mind, wish)
    if not fault:
        mind.agreed = True
        return mind.press(choices, 0, mind.tell.yes())
    mind.tries["wrong"] += 1
    if mind.tries["wrong"] > SAID_AGAIN:
        mind.end_wish("wrong")
        return mind.press(choices, 1, mind.pick("no"))
    return Said(_correction(mind, fault, wish))


def _next_choice(mind: Mind, question: str, wish: Wish) -> Fault:
    """Further choices that they told at once are as good, where the first cannot be had."""
    for thing in wish.things:
        for choice in thing.or_else:
            into = {**mind.into, thing.name: choice}
            if not fault_of(question, wish, into=into):
                mind.into = into
                return ""
    return "into"


def _look_for(mind: Mind, question: str) -> None:
    """Of several wishes that were told, or parts of one, it is the one that is shown rightly."""
    if mind.left and mind.left[0].parts:
        whole = mind.left[0]
        fits = next((part for part in whole.parts if not fault_of(question, part)), whole.parts[0])
        rest = tuple(part for part in whole.parts if part is not fits)
        mind.said[id(fits)] = 1
        mind.left[:1] = [fits, *([replace(whole, parts=rest)] if rest else [])]
        if rest:
            mind.said[id(mind.left[1])] = 1
    elif mind.scenario.together:
        shown = next(
            (one for one in mind.left if one.want not in ("ask", "other") and not fault_of(question, one)), None
        )
        if shown is not None and shown is not mind.left[0]:
            mind.left.remove(shown)
            mind.left.insert(0, shown)
            mind.begin()


def _regret(mind: Mind, wish: Wish, choices: Sequence[tuple[str, str]]) -> Said:
    mind.end_wish("regretted")
    mind.agreed = False
    if wish.instead is None:
        return mind.press(choices, 1, mind.pick("regrets"))
    mind.left.insert(0, wish.instead)
    mind.begin()
    return Said(f"{mind.pick('regrets')} {mind.wish_said()}")


def _think_again(mind: Mind, wish: Wish) -> Said:
    """They were asked whether that is all, and it isn't."""
    left = replace(
        wish, adds=(), drops=(), things=tuple(one for one in wish.things if one.name not in wish.drops) + wish.adds,
        keeps=tuple(one for one in wish.keeps if one not in {thing.name for thing in wish.adds}) + wish.drops,
    )  # fmt: skip
    mind.said[id(left)] = mind.said[id(wish)]
    mind.left[0] = left
    if wish.drops:
        return Said(mind.pick("drops", drops=mind.tell.joined(wish.drops), things=mind.tell.things(left.things)))
    return Said(mind.pick("adds", things=mind.tell.things(wish.adds)) + (
        f" {mind.tell.all_into(replace(wish, things=wish.adds), mind.into)}"
        if any(one.into for one in wish.adds) else ""
    ))  # fmt: skip


def _correction(mind: Mind, fault: Fault, wish: Wish) -> str:
    if fault == "into" and wish.things:
        changes = mind.tell.joined([mind.tell.into_of(one, mind.into) for one in wish.things])
        return mind.pick("wrong_into", changes=changes)
    if fault == "pay":
        return mind.pick("wrong_pay", pay=wish.pay[min(mind.pay, len(wish.pay) - 1)])
    if fault == "address":
        return mind.pick("wrong_address", address=wish.address)
    if wish.things:
        return mind.pick("wrong", things=mind.tell.things(wish.things))
    return mind.pick("no")
