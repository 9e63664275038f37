"""Which wishes a message of several clauses tells: each clause read by itself, all of them in the light of the whole.

A clause with a wish of its own says so plainly; one that only gives the reason or the setting ("I bought it last week")
says little and goes to the wish beside it. So nothing has to know beforehand where one wish ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kefu.assistant.understanding.model import Guess
from kefu.assistant.understanding.segments import Stretch

#: how sure a wish is: LEAN + OF_CLAUSE x the odds in its best clause + OF_WHOLE x the odds in the whole message, as
#: logarithms. Fitted on the read halves of the held-back messages, those with several wishes weighing twice as much
LEAN, OF_CLAUSE, OF_WHOLE = 0.95, 0.72, 0.43
#: what the whole message is this plainly taken for is wished, though no clause says it: "it shows as delivered but …"
PLAIN_WHOLE = 0.8
#: odds beyond these say no more
MOST_SURE = 0.995
#: from here on a wish is taken up; where none is, the surest one from LIKELIEST on
TAKEN, LIKELIEST = 0.5, 0.3
#: of a clause's and of the whole message's guesses, how many may be wishes
BEST_OF_CLAUSE, BEST_OF_WHOLE = 2, 3
#: a clause belongs to a wish that it is this likely about
ABOUT = 0.25


@dataclass(frozen=True, slots=True)
class Heard:
    """One wish: its label, how sure it is (0..1), and the run of the message that tells it."""

    label: str
    score: float
    start: int
    end: int
    joined: bool


def heard_in(read: Sequence[tuple[Stretch, Guess]], around: Guess, may_be: Callable[[str, Guess], bool],
             named_for: Callable[[Stretch], frozenset[str]] = lambda piece: frozenset()) -> list[Heard]:  # fmt: skip
    """The wishes of a message in its order, each with the clauses that belong to it.

    read: its clauses and their guesses. around: the guess for the whole message. may_be: whether a label
    that a guess holds can be a wish at all. named_for: labels that what a clause names is told for.
    """
    surest = _surest(read, around, may_be)
    taken = {label: found for label, found in surest.items() if found[0] >= TAKEN}
    if not taken and surest:
        label = max(surest, key=lambda one: surest[one][0])
        taken = {label: surest[label]} if surest[label][0] >= LIKELIEST else {}
    if not taken:
        return []
    owners = _owners(read, taken, named_for)
    runs: list[Heard] = []
    for place, label in enumerate(owners):
        piece = read[place][0]
        if runs and runs[-1].label == label and not piece.joined:
            last = runs.pop()
            runs.append(Heard(label, last.score, last.start, piece.end, last.joined))
        else:
            runs.append(Heard(label, taken[label][0], piece.start, piece.end, piece.joined))
    shared = {label: place for label, (_, place) in taken.items() if label not in owners}
    for label, place in shared.items():  # two wishes in one clause
        piece = read[place][0]
        runs.append(Heard(label, taken[label][0], piece.start, piece.end, piece.joined))
    return sorted(runs, key=lambda run: run.start)


def _surest(read: Sequence[tuple[Stretch, Guess]], around: Guess,
            may_be: Callable[[str, Guess], bool]) -> dict[str, tuple[float, int]]:  # fmt: skip
    """Of each label that may be wished, how sure that is and in which clause it is plainest."""
    whole = dict(around.ranked)
    own = [dict(guess.ranked) for _, guess in read]
    labels = {label for _, guess in read for label, _ in guess.ranked[:BEST_OF_CLAUSE] if may_be(label, guess)}
    labels |= {label for label, _ in around.ranked[:BEST_OF_WHOLE] if may_be(label, around)}
    found = {}
    for label in labels:
        place = max(range(len(own)), key=lambda one: own[one].get(label, 0.0))
        odds = LEAN + OF_CLAUSE * _log_odds(own[place].get(label, 0.0)) + OF_WHOLE * _log_odds(whole.get(label, 0.0))
        sure = 1 / (1 + math.exp(-odds))
        if whole.get(label, 0.0) >= PLAIN_WHOLE:
            sure = max(sure, whole[label])
        found[label] = (round(sure, 3), place)
    return found


def _log_odds(chance: float) -> float:
    held = min(max(chance, 1 - MOST_SURE), MOST_SURE)
    return math.log(held / (1 - held))


def _owners(read: Sequence[tuple[Stretch, Guess]], taken: dict[str, tuple[float, int]],
            named_for: Callable[[Stretch], frozenset[str]]) -> list[str]:  # fmt: skip
    """The wish that each clause belongs to: the one it tells, else the one that what it names is told for, else the
    next one, for the setting is told before the request, else the last."""
    owners = [""] * len(read)
    for label, (score, place) in sorted(taken.items(), key=lambda pair: pair[1][0]):
        del score
        owners[place] = label
    for place, (piece, guess) in enumerate(read):
        if not owners[place]:  # "the socks are too big" is why they go back, whatever it sounds like
            fitting = named_for(piece)
            near = sorted((taken[label][1] < place, abs(taken[label][1] - place), label)
                          for label in taken if label in fitting)  # fmt: skip
            owners[place] = near[0][2] if near else ""
        likeliest = max(((chance, label) for label, chance in guess.ranked if label in taken), default=(0.0, ""))
        if not owners[place] and likeliest[0] >= ABOUT:
            owners[place] = likeliest[1]
    following = ""
    for place in reversed(range(len(owners))):
        following = owners[place] = owners[place] or following
    last = ""
    for place, owner in enumerate(owners):
        last = owners[place] = owner or last
    return owners
