"""The door: a message in, commands out. Pure, bounded, thread-safe; no database, no clock but a stopwatch."""

from __future__ import annotations

import re
from dataclasses import replace
from time import perf_counter
from typing import Literal, cast

from kefu.assistant.language import (
    WAY,
    Affirm,
    Ask,
    AskPerson,
    Choose,
    Command,
    Correct,
    Deny,
    Fill,
    ListeningFor,
    OutOfScope,
    Social,
    Start,
    Stop,
    Understanding,
)
from kefu.assistant.understanding.acts import Acts, agree_by_name, find_acts
from kefu.assistant.understanding.choices import choose
from kefu.assistant.understanding.entities import Entity, find_entities
from kefu.assistant.understanding.entities.companies import without_the_wish
from kefu.assistant.understanding.languages import Tongue, tongue_of
from kefu.assistant.understanding.lexicon import Lexicon, lexicon
from kefu.assistant.understanding.model import Model, model_of
from kefu.assistant.understanding.normal import Text, normalise
from kefu.assistant.understanding.segments import clauses_of_wishes, stretches
from kefu.assistant.understanding.wishes import Wish, Wishes, blank, find_wishes, is_turning


def understand(text: str, listening: ListeningFor, *, pack: str = "ecommerce",
               model: Model | None = None) -> Understanding:  # fmt: skip
    """What one message may mean.

    model: what a brand's people taught besides the pack; None: the pack's own.
    text: as the customer typed it, any length (read up to normal.LIMIT characters). Commands stand in the order of
    the message: yes/no/stop and the like first, then each Start followed by the Fills that belong to it; Fills before
    the first Start belong to what was asked. A question of knowledge comes as its Start and, right after it, an Ask
    with the same words. Never raises on any text; raises BadIntent when the pack itself is broken.
    """
    began = perf_counter()
    clean = normalise(text)
    everything = lexicon(pack)
    tongue = tongue_of(clean, supported=everything.languages, conversation=listening.language)
    words = _words_for(clean, everything, tongue, listening.language)
    plain = clean.unaccented()
    entities = find_entities(plain, words, listening, tongue.language)
    if any(entity.kind in _OF_NO_LANGUAGE for entity in entities):
        tongue = tongue_of(clean, supported=everything.languages, conversation=listening.language, skip=entities)
    language = tongue.language
    if not any(letter.isalnum() for letter in clean.folded) and not clean.folded.strip():
        return Understanding(clean.shown, language, milliseconds=_since(began))
    acts = find_acts(plain, words, listening)
    if listening.is_confirming and not acts.commands and len(plain.folded) <= ONE_WORD:
        # "sí", "ja", "ok" are yes in any talk; what doubts in any language doubts here
        acts = find_acts(plain, everything.within(*everything.languages), listening)
    if listening.is_confirming and len(plain.folded) <= ONE_WORD and listening.language:
        own = everything.within(listening.language)
        if any(own.has(group, plain.folded) for group in ("yes", "no", "hedge")):
            language = listening.language  # "na ja" is said in this talk's language, whatever it means in another
    if listening.is_confirming and (way := listening.extras.get(WAY)):
        named = [entity.value for entity in entities if entity.kind == "remedy"]
        if named and all(value == way for value in named):
            agree_by_name(acts, plain, words)
    choice = None if acts.asks_person else choose(plain, listening, entities, words)
    if choice is not None and choice.score < CERTAIN and any(isinstance(one, Stop) for one in acts.commands):
        choice = None  # "never mind" resembles "I changed my mind", and is no reason for anything
    model = model or model_of(pack)
    spoken_for = list(acts.spoken_for)
    # the street of an invoice moves no parcel
    spoken_for += [without_the_wish(one, plain, words) for one in entities if one.kind == "billed_to"]
    if choice is not None and len(clean.folded) <= 60:
        spoken_for.append((0, len(clean.folded)))
    answering = bool(listening.kinds or listening.options or listening.is_confirming)
    pieces = (stretches if answering else clauses_of_wishes)(plain.folded, words)
    wishes = find_wishes(clean, pieces, spoken_for, entities, listening, model, words)
    to_person = [wish for wish in wishes.taken if model.intents.by_name[wish.label].leads_to == "person"]
    if to_person and not acts.asks_person and not acts.only_mentions_person:
        acts.add(AskPerson(to_person[0].score, clean.cut(to_person[0].start, to_person[0].end)))
    wishes.taken = [wish for wish in wishes.taken if wish not in to_person]
    if any(isinstance(one, Stop) for one in acts.commands):
        wishes.taken = [wish for wish in wishes.taken if _is_told(clean, wish, spoken_for, entities)]
    questions = {name for name, intent in model.intents.by_name.items() if intent.leads_to == "ask"}
    commands = _assembled(clean, acts, choice, wishes, entities, listening, questions, words)
    stage = wishes.stage if wishes.stage != "none" else ("lexical" if commands else "none")
    return Understanding(
        clean.shown,
        language,
        tuple(commands),
        cast(Literal["lexical", "embedding", "none"], stage),
        () if _is_settled(commands, listening) else wishes.alternatives,
        _since(began),
        tongue.foreign,
    )


#: letters that a wish needs beside "never mind": of Latin script, and of Chinese, Japanese and Korean
FEWEST, FEWEST_DENSE = 12, 5


def _is_told(clean: Text, wish: Wish, spoken_for: list[tuple[int, int]], entities: list[Entity]) -> bool:
    """Whether anything is wished beside letting go: "never mind, forget it" and 算了，不用了 cancel no order."""
    left = [letter for letter in blank(clean.folded, wish.start, wish.end, spoken_for) if letter.isalpha()]
    names = any(wish.start <= entity.start < wish.end and entity.kind != "condition" for entity in entities)
    return names or len(left) >= (FEWEST if all(letter < "\u1100" for letter in left) else FEWEST_DENSE)


#: an option named by its own words, its number or its letter; below this it is only likely meant
CERTAIN = 0.95

#: words for an item that score no more only stand where a thing might be named
NAMES_A_THING = 0.7
#: letters before a wish in which "and also" leads to it
LEADING = 16
#: letters of an answer of a word or two
ONE_WORD = 12
#: things whose letters say nothing of the language of the message
_OF_NO_LANGUAGE = frozenset({"email", "tracking_number", "order_number", "item_words", "name", "street", "billed_to"})
_SCRIPTS = {
    "zh": re.compile(r"[㐀-鿿]"), "ja": re.compile(r"[぀-ヿ]"), "ko": re.compile(r"[가-힯ᄀ-ᇿ]"),
}  # fmt: skip


def _words_for(text: Text, everything: Lexicon, tongue: Tongue, conversation: str) -> Lexicon:
    """The words that a message is looked up in: of its own language, of the talk's where the message itself doesn't
    tell, and of any other script in it."""
    languages = {tongue.language} | ({conversation} if not tongue.sure else set())
    if not text.folded.isascii():
        found = {code for code, script in _SCRIPTS.items() if script.search(text.folded)}
        languages |= found - {"zh"} if "ja" in found and tongue.language != "zh" else found
    return everything.within(*languages)


#: what the buttons of a confirmation carry
_OF_A_DEED = re.compile(r"(yes|no):[0-9a-f]{32}")


def understand_choice(value: str, listening: ListeningFor, *, pack: str = "ecommerce",
                      model: Model | None = None) -> Understanding:  # fmt: skip
    """A pressed button. `value` is the option's value, or at a confirmation "yes" or "no" with the fingerprint of the
    deed it was drawn for ("yes:0f3a…"), which the engine compares; an unknown value is read as typed text, for the
    button may be from an older message."""
    began = perf_counter()
    language = listening.language or "en"
    value = str(value)[:200]
    command: Command | None = None
    if value in (option for option, _ in listening.options):
        command = Choose(1.0, value, value)
    if _OF_A_DEED.fullmatch(value):
        command = Choose(1.0, value, value)
    elif listening.is_confirming and value in ("yes", "no"):
        command = Affirm(1.0, value) if value == "yes" else Deny(1.0, value)
    if command is None:
        read = replace(understand(value, listening, pack=pack, model=model), language=language)
        # nobody typed it, and it is no button of this question: whatever its letters are like, it agrees to nothing
        doubted = [replace(one, is_conditional=True) if isinstance(one, Affirm) else one for one in read.commands]
        return replace(read, commands=tuple(doubted))
    return Understanding(value, language, (command,), "button", (), _since(began))


def warm(pack: str = "ecommerce") -> None:
    """Load words, model and language detector before the first customer waits for them."""
    understand("where is my order", ListeningFor(), pack=pack)
    for language in lexicon(pack).languages:
        understand("1042, ok", ListeningFor(language=language, is_confirming=True), pack=pack)


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 3)


def _assembled(text: Text, acts: Acts, choice: Choose | None, wishes: Wishes, entities: list[Entity],
               listening: ListeningFor, questions: set[str], words: Lexicon) -> list[Command]:  # fmt: skip
    commands: list[Command] = list(acts.commands)
    aside = [entity for entity in entities if _is_set_aside(text, entity, words)]
    entities = [entity for entity in entities if entity not in aside]
    said_after = max([acts.corrected_from, *(entity.end for entity in aside)])
    if acts.is_correction and not any(letter.isalnum() for letter in text.plain[said_after:]):
        acts.is_correction = False  # "the beanie, not the tent": nothing comes after, so nothing is taken back
    if choice is not None:
        commands = [c for c in commands if not isinstance(c, Stop) and not (isinstance(c, Deny) and acts.is_correction)]
        commands.append(choice)
    # 두세요 ("leave it") begins like "two": a number alone takes no "no" back
    corrected = [entity for entity in entities if entity.kind != "quantity" or not listening.is_confirming]
    if "item_words" not in listening.kinds:  # nor do words that name no known thing: "no, I'd rather keep it"
        corrected = [entity for entity in corrected if entity.kind != "item_words" or entity.score > NAMES_A_THING]
    if acts.is_correction and any(entity.start >= acts.corrected_from for entity in corrected):
        commands = [command for command in commands if not isinstance(command, Deny)]
    given: set[int] = set()
    belonging: dict[int, list[Entity]] = {place: [] for place in range(len(wishes.taken))}
    for number, entity in enumerate(entities):
        place = _owner(entity, wishes.taken, listening)
        if place is not None:
            belonging[place].append(entity)
            given.add(number)
    loose = [entity for number, entity in enumerate(entities) if number not in given]
    if not listening.kinds and not listening.options:  # "the weather" names no item; a known noun may
        loose = [entity for entity in loose if entity.kind != "item_words" or entity.score > NAMES_A_THING]
    commands += [command for entity in loose if (command := _fill(text, entity, acts, listening)) is not None]
    commands += _whole_answers(text, commands, entities, wishes, listening)
    for place, wish in enumerate(wishes.taken):
        said = text.cut(wish.start, wish.end)
        is_beside = wish.joined or words.has("besides", text.plain[max(0, wish.start - LEADING) : wish.end])
        commands.append(Start(wish.score, said, wish.label, is_beside=is_beside,
                              is_instead=not is_beside and is_turning(listening, text, words)))  # fmt: skip
        if wish.label in questions:
            commands.append(Ask(wish.score, said, _question(said)))
        commands += [c for entity in belonging[place] if (c := _fill(text, entity, acts, listening)) is not None]
    if wishes.outside is not None and not _is_settled(commands, listening):
        commands.append(OutOfScope(wishes.outside.score, text.cut(wishes.outside.start, wishes.outside.end)))
    return commands


#: kinds of things that "not the …" sets aside, and letters before them in which it stands
_SET_ASIDE, JUST_BEFORE = frozenset({"item_words", "color", "size", "order_number"}), 16


def _is_set_aside(text: Text, entity: Entity, words: Lexicon) -> bool:
    """ "the beanie, not the tent": the tent is named to say that it isn't meant."""
    before = text.plain[max(0, entity.start - JUST_BEFORE) : entity.start].rstrip()
    return entity.kind in _SET_ASIDE and any(
        hit.end() == len(before) for hit in words.pattern("correct_not").finditer(before)
    )


def _question(said: str) -> str:
    """The stretch as a question of its own: without the "and" or comma that led to the next one."""
    return said.rstrip(" ,;").removesuffix(" and").removesuffix(" but").rstrip(" ,;")


def _owner(entity: Entity, wishes: list[Wish], listening: ListeningFor) -> int | None:
    """The wish in whose stretch the entity stands, else the next one (context comes before the wish), else the last;
    but an answer to what was asked stays with the question when it stands before every wish."""
    for place, wish in enumerate(wishes):
        if wish.start <= entity.start < wish.end:
            return place
    if not wishes or entity.kind in listening.kinds or entity.kind in ("email", "phone", "postcode"):
        return None
    after = next((place for place, wish in enumerate(wishes) if wish.start > entity.start), len(wishes) - 1)
    if after and wishes[after].joined and wishes[after].start > entity.start:
        return after - 1  # "can I exchange it? M for L. Oh, and do you have …": said before the subject changed
    return after


def _fill(text: Text, entity: Entity, acts: Acts, listening: ListeningFor) -> Command | None:
    said = text.cut(entity.start, entity.end)
    is_told_anyway = entity.start < acts.corrected_from < entity.end  # "ce n'est pas ce que j'ai commandé" is a reason
    if (
        acts.is_correction and entity.kind not in listening.kinds and not is_told_anyway
    ):  # what was just asked for has no value to correct
        if entity.start < acts.corrected_from:
            return None
        return Correct(entity.score, said, entity.kind, entity.value)
    return Fill(entity.score, said, entity.kind, entity.value)


def _whole_answers(text: Text, commands: list[Command], entities: list[Entity], wishes: Wishes,
                   listening: ListeningFor) -> list[Command]:  # fmt: skip
    """A slot that takes anything takes the whole text; one that takes an item takes it when nothing else fits."""
    if any(isinstance(command, (Stop, AskPerson, Choose, Affirm, Deny)) for command in commands):
        return []
    if any(isinstance(command, Social) for command in commands) and not wishes.taken and len(text.folded) < 30:
        return []
    if "free_text" in listening.kinds:
        return [Fill(0.8, text.shown, "free_text", text.shown)]
    if "item_words" in listening.kinds and not entities and not wishes.taken and not wishes.outside:
        return [Fill(0.6, text.shown[:120], "item_words", text.shown[:120])]
    return []


def _is_settled(commands: list[Command], listening: ListeningFor) -> bool:
    """Whether the message says enough that nobody needs to ask what was meant."""
    answered = any(isinstance(command, Fill | Correct) and command.kind in listening.kinds for command in commands)
    return answered or any(isinstance(c, Start | Choose | Affirm | Deny | Stop | AskPerson) for c in commands)
