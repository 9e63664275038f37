"""Stages 5-7: what the customer wants, stretch by stretch, and how sure that is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity
from kefu.assistant.understanding.lexicon import Lexicon
from kefu.assistant.understanding.model import Guess, Model
from kefu.assistant.understanding.normal import Text
from kefu.assistant.understanding.segments import Stretch, without_joint
from kefu.assistant.understanding.several import heard_in

#: certainty from which a wish is taken up; below it, it is a near miss to ask about
START = 0.3
#: the same where it is the whole message and the next likeliest is less than half as sure
PLAIN = 0.18
#: how much of what a stretch is taken for comes from the whole message around it, in the exponent
AROUND = 0.35
#: a stretch that is this sure needs no help, nor does one that opens a new subject
FIRM = 0.7
#: what a label counts that is not among a guess's best
ELSE = 0.01
#: the same while an answer was awaited: a digression must be plain
DIGRESSION = 0.72
#: the same at a confirmation, where words such as "instead" turn from it to something else
TURNING = 0.45
#: certainty from which something is said to be none of the shop's business
OUTSIDE = 0.55
#: a message unlike what the shop is asked is out of scope even when one label looks best, unless that is this certain
SURE = 0.7
#: what a stretch tells that no model took for a wish: whoever says what is broken wants it made good
TOLD_FAULT, MADE_GOOD = "cause", "item_problem"
#: "it's too big … can I get it in S?": a misfit beside another size
MISFITS, OTHER_SIZE = frozenset({"too_small", "too_large"}), "exchange_item"
IMPLIED = 0.6
#: wishes that "M for L" belongs to, and letters that may stand around the sizes
OF_TWO_SIZES, FEW = frozenset({"exchange_item", "change_item"}), 8
#: kinds of values that are told for the sake of a wish that they suggest
TOLD_FOR = frozenset({"reason"})
#: what "I'm 168 and 60 kg" is told for, whatever the question beside it is like
BODY, ADVICE = frozenset({"height", "weight"}), "size_advice"
#: "I moved! please send it to 14 Mill Lane, Bath": a whole address, where nothing says what it is for
WHOLE_ADDRESS, ELSEWHERE = frozenset({"street", "city"}), "change_address"
#: a wish that is surer than another by this does not give way to it
MUCH = 0.1
#: near misses below this are noise
NEAR_MISS = 0.08
BRACKETS = re.compile(r" ?[(（][^()（）]{1,80}[)）]")
#: letters up to which a stretch leans on the one before it
SHORT = 14


@dataclass(frozen=True, slots=True)
class Wish:
    label: str
    score: float
    start: int
    end: int
    joined: bool = False


@dataclass(slots=True)
class Wishes:
    taken: list[Wish] = field(default_factory=list)
    outside: Wish | None = None
    alternatives: tuple[tuple[str, float], ...] = ()
    stage: str = "none"


def find_wishes(text: Text, pieces: list[Stretch], spoken_for: list[tuple[int, int]], entities: list[Entity],
                listening: ListeningFor, model: Model, words: Lexicon) -> Wishes:  # fmt: skip
    found = Wishes()
    outside = {name for name, intent in model.intents.by_name.items() if intent.leads_to == "out_of_scope"}
    read: list[tuple[Stretch, Guess]] = []
    for piece in pieces:
        left = _unjoined(text, piece, spoken_for, words)
        left = BRACKETS.sub("", left) if len(BRACKETS.sub("", left)) > SHORT else left  # details of a thing: no wish
        if _says_something(left, piece, entities):
            guess = model.guess(left)
            if read and len(left) <= SHORT and read[-1][1].label in outside and not piece.joined:
                guess = model.guess(
                    f"{text.folded[read[-1][0].start : read[-1][0].end]} {left}"
                )  # "my gym plan, cancel it"
            read.append((piece, guess))
    if not read:
        found.alternatives = _near_misses([], entities, model)
        return found
    answering = bool(listening.kinds or listening.options or listening.is_confirming)
    if len(read) > 1:
        around = model.guess(blank(text.folded, read[0][0].start, read[-1][0].end, spoken_for))
    if len(read) > 1 and not answering:
        plain = [(piece, _wishing_nothing(text, piece, guess, entities, model, words)) for piece, guess in read]
        heard = _without_reasons(_of_clauses(plain, around, entities, model), text, entities, model)
        wishes = _implied(heard, [piece for piece, _ in read], entities, model)
        read.append((Stretch(read[0][0].start, read[-1][0].end), around))
    else:
        if len(read) > 1:  # a sentence alone says less than it does among the others
            read = [(piece, guess if piece.joined or guess.score >= FIRM else among(guess, around))
                    for piece, guess in read]  # fmt: skip
        wishes = _one_by_one(text, read, spoken_for, entities, listening, model, words)
    found.stage = "embedding" if any(guess.stage == "embedding" for _, guess in read) else "lexical"
    real = [wish for wish in wishes if _is_wish(wish, model)]
    if answering and len(real) > 1:  # beside another wish, "M is a bit tight" is its reason, no question
        asked = [wish for wish in real if _is_request(text.plain[wish.start : wish.end + 1], wish, model, words)]
        real = asked or real
    found.taken = _merged(real, entities, model)
    strange = [wish for wish in wishes if wish.label in outside]
    if strange and not found.taken:
        found.outside = max(strange, key=lambda wish: wish.score)
    if not found.taken and not found.outside:
        found.alternatives = _near_misses([guess for _, guess in read], entities, model)
    return found


def _without_reasons(wishes: list[Wish], text: Text, entities: list[Entity], model: Model) -> list[Wish]:
    """ "The size isn't right, so can I send it back?": why something goes back is no question about sizes."""
    going_back = [one for one in wishes if TOLD_FOR & set(model.intents.by_name[one.label].suggested_by)]
    if not any(one.score >= FIRM for one in going_back):
        return wishes
    kept = []
    for wish in wishes:
        tells_why = any(one.kind in TOLD_FOR and wish.start <= one.start < wish.end for one in entities)
        asks = "?" in text.plain[wish.start : wish.end + 1]
        if asks or not tells_why or model.intents.by_name[wish.label].leads_to != "ask":
            kept.append(wish)
    return kept


def _wishing_nothing(text: Text, piece: Stretch, guess: Guess, entities: list[Entity], model: Model,
                     words: Lexicon) -> Guess:  # fmt: skip
    """The guess for a clause; one that only tells what was done already ("I cancelled a month ago and …"), or one size
    and another ("M for L"), wishes nothing by itself."""
    settled = next((name for name in model.intents.labels if model.intents.by_name[name].leads_to == "nothing"), "")
    is_done = words.has("done_already", text.plain[piece.start : piece.end])
    if not settled or not (is_done or _is_size_for_size(text, piece, entities)):
        return guess
    return Guess(((settled, SURE),), guess.stage, guess.is_inside)


def _is_size_for_size(text: Text, piece: Stretch, entities: list[Entity]) -> bool:
    sizes = [one for one in entities if one.kind == "size" and piece.start <= one.start < piece.end]
    left = blank(text.folded, piece.start, piece.end, [(one.start, one.end) for one in sizes])
    return len(sizes) > 1 and sum(letter.isalpha() for letter in left) <= FEW


def _of_clauses(read: list[tuple[Stretch, Guess]], around: Guess, entities: list[Entity], model: Model) -> list[Wish]:
    """What a first message of several clauses wishes, or that it is none of the shop's business."""

    def may_be(label: str, guess: Guess) -> bool:
        known = model.intents.by_name[label].leads_to not in ("nothing", "out_of_scope")
        return known and (guess.is_inside or guess.score >= SURE)

    def named_for(piece: Stretch) -> frozenset[str]:
        inside = [one.kind for one in entities if piece.start <= one.start < piece.end]
        named = frozenset(name for name, one in model.intents.by_name.items()
                          if set(inside) & TOLD_FOR & set(one.suggested_by))  # fmt: skip
        return named | OF_TWO_SIZES if inside.count("size") > 1 else named

    if around.is_known_by_heart:
        read = [(Stretch(read[0][0].start, read[-1][0].end), around)]
    heard = heard_in(read, around, may_be, named_for)
    strange = model.intents.by_name[around.label].leads_to == "out_of_scope" and around.score >= OUTSIDE
    if (strange and all(one.score < FIRM for one in heard)) or (not heard and not around.is_inside):
        return [Wish("out_of_scope", max(around.score, OUTSIDE), read[0][0].start, read[-1][0].end)]
    return [Wish(one.label, one.score, one.start, one.end, one.joined) for one in heard]


def _one_by_one(text: Text, read: list[tuple[Stretch, Guess]], spoken_for: list[tuple[int, int]],
                entities: list[Entity], listening: ListeningFor, model: Model,
                words: Lexicon) -> list[Wish]:  # fmt: skip
    """Each stretch for itself: of an answer, and of a message that is one stretch."""
    answering = bool(listening.kinds or listening.options or listening.is_confirming)
    least = TURNING if is_turning(listening, text, words) else DIGRESSION
    wishes = [
        wish
        for piece, guess in read
        if (wish := _wish(piece, guess, model, answering, entities, listening, alone=len(read) == 1, least=least))
    ]
    if answering:  # "the hiking boots please" answers; it asks nothing about the boots
        wishes = [wish for wish in wishes if _is_request(text.plain[wish.start : wish.end + 1], wish, model, words)]
    else:
        wishes = _implied(wishes, [piece for piece, _ in read], entities, model)
    if len(read) > 1 and not any(_is_wish(wish, model) for wish in wishes):
        whole = Stretch(read[0][0].start, read[-1][0].end)
        guess = model.guess(blank(text.folded, whole.start, whole.end, spoken_for))
        read.append((whole, guess))
        if (wish := _wish(whole, guess, model, answering, entities, listening)) is not None:
            wishes = [*wishes, wish]
    return wishes


def _implied(wishes: list[Wish], pieces: list[Stretch], entities: list[Entity], model: Model) -> list[Wish]:
    """The wishes, and those that stretches without one tell by what they name. In the order of the message."""
    found = list(wishes)
    labels = {wish.label for wish in wishes}
    for place, wish in enumerate(found):
        better = _by_its_values(wish, entities, is_question=model.intents.by_name[wish.label].leads_to == "ask")
        if better in model.intents.by_name and better not in labels:
            labels.add(better)
            found[place] = wish = Wish(better, max(IMPLIED, wish.score), wish.start, wish.end, wish.joined)
        causes = [one for one in entities if one.kind == TOLD_FAULT and wish.start <= one.start < wish.end]
        if causes and wish.score < FIRM and MADE_GOOD in model.intents.by_name and MADE_GOOD not in labels:
            labels.add(MADE_GOOD)
            found[place] = Wish(MADE_GOOD, IMPLIED, wish.start, wish.end, wish.joined)
    for piece in pieces:
        if any(wish.start <= piece.start < wish.end for wish in wishes):
            continue
        inside = [one for one in entities if piece.start <= one.start < piece.end]
        kinds = {one.kind for one in inside}
        misfit = next((one for one in inside if one.kind == "reason" and one.value in MISFITS), None)
        label = ""
        if TOLD_FAULT in kinds and kinds & {"item_words", "order_number", "color"}:
            label = MADE_GOOD
        elif misfit is not None and any(one.kind == "size" and one.start > misfit.start for one in entities):
            label = OTHER_SIZE
        if label in model.intents.by_name and label not in labels:
            labels.add(label)
            found.append(Wish(label, IMPLIED, piece.start, piece.end))
    return sorted(found, key=lambda wish: wish.start)


def _by_its_values(wish: Wish, entities: list[Entity], *, is_question: bool) -> str:
    """The wish that the values in a doubtful one speak for: a misfit and another size, a height and a weight."""
    if {one.kind for one in entities} >= BODY and (is_question or wish.score < FIRM):
        return ADVICE
    inside = [one for one in entities if wish.start <= one.start < wish.end]
    if {one.kind for one in inside} >= WHOLE_ADDRESS and wish.score < FIRM:
        return ELSEWHERE
    misfit = next((one for one in inside if one.kind == "reason" and one.value in MISFITS), None)
    other = misfit is not None and any(one.kind == "size" and one.start > misfit.start for one in inside)
    return OTHER_SIZE if other and wish.score < FIRM else ""


def is_turning(listening: ListeningFor, text: Text, words: Lexicon) -> bool:
    """Whether the message turns from the deed that was shown: "wait, could I have it in navy instead?" """
    return listening.is_confirming and words.has("rather", text.plain)


def _unjoined(text: Text, piece: Stretch, spoken_for: list[tuple[int, int]], words: Lexicon) -> str:
    """What is left to understand of a stretch, with its accents."""
    left = blank(text.folded, piece.start, piece.end, spoken_for)
    plain = blank(text.plain, piece.start, piece.end, spoken_for)
    return left[len(plain) - len(without_joint(plain, words)) :] if len(left) == len(plain) else left


def blank(folded: str, start: int, end: int, spoken_for: list[tuple[int, int]]) -> str:
    letters = list(folded[start:end])
    for taken_start, taken_end in spoken_for:
        for place in range(max(start, taken_start), min(end, taken_end)):
            letters[place - start] = " "
    return " ".join("".join(letters).split()).strip(" .,!?;-")


def _says_something(left: str, piece: Stretch, entities: list[Entity]) -> bool:
    letters = sum(letter.isalpha() for letter in left)
    named = sum(
        sum(letter.isalpha() for letter in str(entity.value))
        for entity in entities
        if entity.kind in ("order_number", "email", "tracking_number") and piece.start <= entity.start < piece.end
    )
    return letters - named >= 2


def _wish(piece: Stretch, guess: Guess, model: Model, answering: bool, entities: list[Entity],
          listening: ListeningFor, *, alone: bool = True, least: float = DIGRESSION) -> Wish | None:  # fmt: skip
    intent = model.intents.by_name[guess.label]
    wish = Wish(guess.label, guess.score, piece.start, piece.end, piece.joined)
    if intent.leads_to == "nothing":
        return None
    if intent.leads_to == "out_of_scope":
        return wish if guess.score >= (0.8 if answering else OUTSIDE) else None
    if not guess.is_inside and guess.score < SURE:
        return Wish("out_of_scope", 1 - guess.score / 2, piece.start, piece.end) if not answering else None
    least = least if answering and not piece.joined else START
    if answering and fills_what_was_asked(piece, entities, listening):
        if not piece.joined and (intent.gives_way_to or len(piece_words(piece, entities)) == 0):
            return None
        least = DIGRESSION + 0.1
    if alone and least == START and len(guess.ranked) > 1 and guess.score >= 2 * guess.ranked[1][1]:
        least = PLAIN
    return wish if guess.score >= least else None


def among(guess: Guess, around: Guess) -> Guess:
    """A stretch's guess in the light of the whole message's."""
    own, whole = dict(guess.ranked), dict(around.ranked)
    both = {
        label: max(own.get(label, 0), ELSE) ** (1 - AROUND) * max(whole.get(label, 0), ELSE) ** AROUND
        for label in own.keys() | whole.keys()
    }
    sure = max(sum(both.values()), 1.0) if len(both) > 1 else 1.0
    ranked = sorted(((label, round(score / sure, 3)) for label, score in both.items()), key=lambda pair: -pair[1])[:5]
    return Guess(tuple(ranked), guess.stage, guess.is_inside or around.is_inside)


def fills_what_was_asked(piece: Stretch, entities: list[Entity], listening: ListeningFor) -> bool:
    return any(entity.kind in listening.kinds and piece.start <= entity.start < piece.end for entity in entities)


def piece_words(piece: Stretch, entities: list[Entity]) -> range:
    """The letters of a stretch that no entity covers."""
    covered = sum(min(piece.end, entity.end) - max(piece.start, entity.start) for entity in entities
                  if piece.start <= entity.start < piece.end)  # fmt: skip
    return range(max(0, piece.end - piece.start - covered - 6))


def _is_request(said: str, wish: Wish, model: Model, words: Lexicon) -> bool:
    is_question = "?" in said or words.has("question_start", said)
    return model.intents.by_name[wish.label].leads_to != "ask" or is_question or wish.joined


def _is_wish(wish: Wish, model: Model) -> bool:
    intent = model.intents.by_name[wish.label]
    return intent.leads_to not in ("nothing", "out_of_scope") and wish.score >= intent.at_least


def _merged(wishes: list[Wish], entities: list[Entity], model: Model) -> list[Wish]:
    """The same wish said twice is one; one that only explains another ("it's broken, I want my money back") gives way,
    unless they're about different orders or the writer says that it's another matter."""
    kept: list[Wish] = []
    for wish in wishes:
        same = next((place for place, other in enumerate(kept) if other.label == wish.label), None)
        if same is not None and not _differ(kept[same], wish, entities):
            kept[same] = _both(kept[same], wish)
        else:
            kept.append(wish)
    for wish in list(kept):
        for name in model.intents.by_name[wish.label].gives_way_to:
            others = [other for other in kept if other.label == name]
            if not others or wish not in kept or any(_apart(wish, other, entities) for other in others):
                continue
            if max(other.score for other in others) >= min(FIRM, wish.score - MUCH):
                kept.remove(wish)
            else:  # a doubtful matter beside a plain one that it is easily taken for
                kept = [other for other in kept if other.label != name]
    return kept


def _both(one: Wish, other: Wish) -> Wish:
    start, end = min(one.start, other.start), max(one.end, other.end)
    return Wish(one.label, max(one.score, other.score), start, end, one.joined)


def _orders(wish: Wish, entities: list[Entity]) -> set[object]:
    inside = (entity for entity in entities if wish.start <= entity.start < wish.end)
    return {entity.value for entity in inside if entity.kind in ("order_number", "ordinal")}


def _differ(one: Wish, other: Wish, entities: list[Entity]) -> bool:
    first, second = _orders(one, entities), _orders(other, entities)
    return bool(first and second and first != second)


def _apart(one: Wish, other: Wish, entities: list[Entity]) -> bool:
    later = other if other.start > one.start else one
    return later.joined or _differ(one, other, entities) or _of_other_things(one, other, entities)


def _of_other_things(one: Wish, other: Wish, entities: list[Entity]) -> bool:
    """ "Where are my boots? And cancel the mug". An exchange names what comes and what goes: that is one matter."""
    if OTHER_SIZE in (one.label, other.label):
        return False
    first, second = _things(one, entities), _things(other, entities)
    return bool(first and second) and not any(this in that or that in this for this in first for that in second)


def _things(wish: Wish, entities: list[Entity]) -> set[str]:
    inside = (entity for entity in entities if wish.start <= entity.start < wish.end)
    return {str(entity.value).lower() for entity in inside if entity.kind == "item_words" and entity.score > FIRM}


def _near_misses(guesses: list[Guess], entities: list[Entity], model: Model) -> tuple[tuple[str, float], ...]:
    named = {entity.kind for entity in entities}
    best = {name: NEAR_MISS for name, intent in model.intents.by_name.items() if named & set(intent.suggested_by)}
    for guess in guesses:
        if not guess.is_inside:
            continue
        for label, score in guess.ranked:
            if score >= NEAR_MISS and model.intents.by_name[label].leads_to not in ("nothing", "out_of_scope"):
                best[label] = max(best.get(label, 0.0), score)
    return tuple(sorted(best.items(), key=lambda pair: -pair[1])[:3])
