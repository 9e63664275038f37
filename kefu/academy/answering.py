"""What the customer answers to a question: who they are, what belongs to the wish, which of the options is theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kefu.academy.checking import shows
from kefu.academy.mind import SAID_AGAIN, Mind, Said
from kefu.academy.scenario import Wish
from kefu.academy.telling import wanted_of


def proof(mind: Mind, asked: Sequence[str]) -> str:
    """What they know of what is asked for, in one sentence where name and postcode go together; "" for nothing."""
    knows = _known(mind)
    has = [kind for kind in asked if kind in knows and mind.tries[f"proof:{kind}"] < SAID_AGAIN]
    for kind in has:
        mind.tries[f"proof:{kind}"] += 1
    if {"name", "postcode"} <= set(has):
        texts = [mind.pick("proof", name=knows["name"], postcode=knows["postcode"])]
        has = [kind for kind in has if kind not in ("name", "postcode")]
    else:
        texts = []
    texts += [mind.pick(f"my_{kind}", **{"order" if kind == "order_number" else kind: knows[kind]}) for kind in has]
    return " ".join(texts)


def _known(mind: Mind) -> dict[str, str]:
    knows = dict(mind.scenario.knows)
    if mind.left and mind.left[0].order:
        knows["order_number"] = mind.left[0].order
    return knows


def what_is_lacking(mind: Mind, asked: Sequence[str]) -> str:
    missing = next((kind for kind in reversed(asked) if kind not in _known(mind)), "")
    if not missing:
        return ""
    mind.lost += 1
    return mind.pick(f"no_{missing}")


def answers(mind: Mind) -> dict[str, Callable[[], str]]:
    """By what is asked, how they answer; the likelier question first."""
    wish = mind.left[0]
    pay = wish.pay[min(mind.pay, len(wish.pay) - 1)] if wish.pay else ""
    return {
        "instead": lambda: mind.tell.all_into(wish, mind.into),
        "payment": lambda: mind.pick("answer.pay", pay=pay) if pay else "",
        "reason": lambda: mind.pick("answer.reason", reason=wish.reason) if wish.reason else "",
        "address": lambda: mind.pick("answer.address", address=wish.address) if wish.address else "",
        "which_item": lambda: _things(mind, wish),
        "which_order": lambda: _which_order(mind, wish),
    }


def _which_order(mind: Mind, wish: Wish) -> str:
    if wish.order:
        return mind.pick("my_order_number", order=wish.order)
    return mind.pick("answer.of", of=wish.of) if wish.of else _things(mind, wish)


def _things(mind: Mind, wish: Wish) -> str:
    things = wish.things or (wish.parts[0].things if wish.parts else ())
    return mind.pick("answer.things", things=mind.tell.things(things)) if things else ""


def settle_for_less(mind: Mind, heard: frozenset[str]) -> None:
    """Told that it can't be had, they take the next thing, or the next way of payment, that they'd take."""
    wish = mind.left[0]
    if "payment" in heard:
        mind.pay = min(mind.pay + 1, max(0, len(wish.pay) - 1))
    if "instead" in heard:
        for thing in wish.things:
            used = mind.tries[f"else:{thing.name}"]
            if used < len(thing.or_else):
                mind.into[thing.name] = thing.or_else[used]
                mind.tries[f"else:{thing.name}"] += 1


def is_without_choice(mind: Mind, wish: Wish) -> bool:
    """Whether all that they'd take has been told before."""
    return mind.tries["instead"] > 1 and all(mind.tries[f"else:{one.name}"] >= len(one.or_else) for one in wish.things)


def choose(mind: Mind, choices: Sequence[tuple[str, str]]) -> Said | None:
    """The option that is theirs by number, name, payment, reason or address; None when none is."""
    scores = [_fits(mind, label) for _, label in choices]
    best = max(scores)
    if best <= 0 or (scores.count(best) > 1 and mind.tries["choose"] > SAID_AGAIN):
        return None
    mind.tries["choose"] += scores.count(best) > 1
    place = scores.index(best)
    return mind.press(choices, place, choices[place][1])


def _fits(mind: Mind, label: str) -> float:
    wish = mind.left[0].parts[0] if mind.left[0].parts else mind.left[0]
    score = 0.0
    if wish.order and shows(label, wish.order):
        score += 10
    for thing in wish.things:
        if shows(label, thing.name):
            score += 3 + sum(shows(label, mark) for mark in thing.marks.values())
        wanted = {name: value for name, value in wanted_of(thing, mind.into).items() if name}
        if wanted and all(shows(label, value) for value in wanted.values()):
            score += 2 + len(wanted)
        elif thing.shows and all(shows(label, value) for value in thing.shows):
            score += 2 + len(thing.shows)
    score += sum(4.0 - place for place, one in enumerate(wish.pay[:3]) if place >= mind.pay and shows(label, one))
    score += 4 * bool(wish.reason and shows(label, wish.reason))
    score += 2 * bool(wish.of and shows(label, wish.of))
    if wish.address:
        score += 2 * shows(label, wish.address.partition(",")[0])
    return score
