"""Stage 8, by rules: what a message does in the talk (yes, no, stop, a person, thanks), and which words did it.

Whole clauses are looked up, not words in a sea: "that's fine" is a yes, "is that fine with the warranty" is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from kefu.assistant.language import (
    DEED,
    Affirm,
    AskPerson,
    Command,
    Deny,
    Feel,
    ListeningFor,
    Social,
    Stop,
)
from kefu.assistant.understanding.entities.sums import CURRENCY_NAMES
from kefu.assistant.understanding.lexicon import Lexicon, lexicon
from kefu.assistant.understanding.normal import Text, normalise
from kefu.assistant.understanding.segments import clauses, without_joint

_SPACES_AND_MARKS = " \t\n,.!?;:~-()\"'*…¿¡「」『』・"
#: scripts that write without blanks, or hang endings on words
_HAN = re.compile(r"[㐀-鿿぀-ヿ가-힯ᄀ-ᇿ]")
#: letters of a filler in such a script
_LONGEST_FILLER = 10
#: what programs write and people who agree don't: a "confirmed" in the midst of it is nobody's yes
_MADE = re.compile(r"[{}\[\]【】]|</|\w=\w|\w ?: ?(?:true|false)\b")
#: "sure…" has not been said to the end
_TRAILS_OFF = re.compile(r" ?(?:…|\.\.)")
#: "Customer: great!" tells what somebody says; who agrees doesn't write their own name before it
_SPEAKER = re.compile(r"(?:^|[.!?\n,;] ?)[^\W\d_][^\W\d_ ]{1,19} ?: ?(?=\S)")
#: "yes, in pounds": nothing but another currency than the one that was shown, or the same again
_IN_CURRENCY = re.compile(
    rf"(?:(?:in|en|em|auf|as|per|à|de|用|按|换成) ?)?(?:{CURRENCY_NAMES}|libras|livres|pfund)(?:で|로|으로|吧|요)?"
)


@dataclass(slots=True)
class Acts:
    """`spoken_for`: stretches whose meaning is settled and which no longer need an intent."""

    commands: list[Command] = field(default_factory=list)
    spoken_for: list[tuple[int, int]] = field(default_factory=list)
    asks_person: bool = False
    #: a person was spoken about, not asked for: no stage may read it as a wish for one
    only_mentions_person: bool = False
    is_correction: bool = False
    #: where corrected values begin to count: "not the red one, the blue one" -> after the first comma
    corrected_from: int = 0

    def add(self, command: Command, *spans: tuple[int, int]) -> None:
        self.commands.append(command)
        self.spoken_for += spans


def find_acts(text: Text, words: Lexicon, listening: ListeningFor) -> Acts:
    acts = Acts()
    pieces = clauses(text.folded)
    _socials(acts, text, pieces, words)
    _person(acts, text, pieces, words)
    _correction(acts, text, pieces, words)
    _stop(acts, text, pieces, words, listening)
    _answer(acts, text, pieces, words, listening)
    _feelings(acts, text, words)
    return acts


def bare(clause: str, words: Lexicon, group: str) -> bool:
    """Whether a clause says nothing but a phrase of the group, give or take fillers ("ok then please")."""
    clause = clause.strip(_SPACES_AND_MARKS)
    phrases, fillers = words.group(group), words.group("fillers")
    for _ in range(6):
        if not clause:
            return False
        if clause in phrases or (clause + "s") in phrases:
            return True
        shorter = _without_filler(clause, fillers)
        if shorter == clause:
            return False
        clause = shorter
    return False


def _without_filler(clause: str, fillers: frozenset[str]) -> str:
    head, _, rest = clause.partition(" ")
    if rest and head in fillers:
        return rest.strip(_SPACES_AND_MARKS)
    rest, _, tail = clause.rpartition(" ")
    if rest and tail in fillers:
        return rest.strip(_SPACES_AND_MARKS)
    for size in range(min(_LONGEST_FILLER, len(clause) - 1), 0, -1):
        if len(clause) > size and _HAN.match(clause[-1]) and clause[-size:] in fillers:
            return clause[:-size].strip(_SPACES_AND_MARKS)
        if len(clause) > size and _HAN.match(clause[0]) and clause[:size] in fillers:
            return clause[size:].strip(_SPACES_AND_MARKS)
    return clause


def stretches_of(text: str, group: str, *, pack: str) -> list[str]:
    """The clauses of a text, plain, that say nothing but a phrase of the group, in any language the pack speaks."""
    words, plain = lexicon(pack), normalise(text).plain
    found = [plain[start:end] for start, end, _ in clauses(plain)]
    return [clause.strip(_SPACES_AND_MARKS) for clause in found if bare(clause, words, group)]


def prefix(clause: str, words: Lexicon, group: str) -> int:
    """How many characters of the clause a phrase of the group takes at its beginning; 0 for none."""
    lead = len(clause) - len(clause.lstrip(_SPACES_AND_MARKS))
    hit = words.pattern(group).match(clause, lead)
    if hit is None:
        return 0
    if _HAN.match(hit[0][-1]) and len(hit[0]) == 1 and _HAN.match(clause[hit.end() : hit.end() + 1]):
        return 0  # 好像, 对不起, 是不是 begin with a yes and are none
    if group == "yes_prefix" and words.pattern("not_yes").match(clause, lead):
        return 0  # 네 개 is "four of them", はいて "putting on"
    return hit.end()


_Pieces = list[tuple[int, int, str]]


def _socials(acts: Acts, text: Text, pieces: _Pieces, words: Lexicon) -> None:
    said: set[str] = set()
    kinds: tuple[Literal["greeting", "thanks", "goodbye", "praise"], ...] = ("greeting", "thanks", "goodbye", "praise")
    for place, (start, end, _) in enumerate(pieces):
        clause = text.folded[start:end]
        found: tuple[Literal["greeting", "thanks", "goodbye", "praise"], int] | None = None
        for kind in kinds:
            if bare(clause, words, kind):
                found = (kind, end)
                break
        if found is None and place == 0 and (took := prefix(clause, words, "greeting_prefix")):
            found = ("greeting", start + took)
        elif found is None and len(clause) <= 40 and "?" not in clause:
            rest = clause[prefix(clause, words, "thanks_prefix") :]
            if rest != clause and not words.has("question_start", rest) and not words.has("condition", rest):
                found = ("thanks", end)
        if found is None:
            continue
        kind, until = found
        if kind not in said:
            said.add(kind)
            acts.add(Social(0.9, text.cut(start, until), kind))
        acts.spoken_for.append((start, until))


def _person(acts: Acts, text: Text, pieces: _Pieces, words: Lexicon) -> None:
    for thing in words.pattern("person_thing").finditer(text.folded):  # "a 2 person tent": no wish stands in that
        acts.only_mentions_person = True
        acts.spoken_for.append(thing.span())
    for start, end, _ in pieces:
        clause = text.folded[start:end]
        if _asks_for_bot(clause, words):
            acts.only_mentions_person = True
            acts.add(Social(0.9, text.cut(start, end), "bot"), (start, end))
            return
        hit = words.pattern("person").search(clause)
        if hit is None:
            acts.asks_person = bare(clause, words, "person_alone")
        elif _is_mention(clause, hit, words):
            acts.only_mentions_person = True
        else:
            acts.asks_person = True
        if acts.asks_person:
            acts.add(AskPerson(0.95, text.cut(start, end)), (start, end))
            return


def _asks_for_bot(clause: str, words: Lexicon) -> bool:
    """ "Am I talking to a bot?" asks who answers; "I won't talk to a bot" asks for a person."""
    if not words.has("bot_noun", clause) or len(clause) > 90:
        return False
    rest, frames = words.pattern("bot_frame").subn(" ", clause)
    return frames > 0 and not words.has("person_wish", rest) and not words.has("negation", rest)


def _is_mention(clause: str, hit: re.Match[str], words: Lexicon) -> bool:
    """ "The driver didn't call me back", "I don't need a human"; but "no more bots" is a wish."""
    if words.has("person_not", clause):
        return True
    is_refusal_of_bots = words.has("negation", hit[0]) or words.has("bots", hit[0])
    near = 3 if _HAN.match(hit[0][0]) else 14  # 不好意思 stands before many a wish for 真人
    return words.has("negation", clause[max(0, hit.start() - near) : hit.start()]) and not is_refusal_of_bots


def _correction(acts: Acts, text: Text, pieces: _Pieces, words: Lexicon) -> None:
    for start, end, _ in pieces[:4]:
        clause = text.folded[start:end] + text.folded[end : end + 1]
        took = prefix(clause, words, "correct_prefix")
        if took:
            acts.is_correction = True
            if len(clause.strip(_SPACES_AND_MARKS)) <= took:  # "写错了，是…": it only corrects and wishes nothing
                acts.spoken_for.append((start, end))
            said = clause.strip(_SPACES_AND_MARKS)
            negated = words.pattern("correct_not").match(said) is not None and len(said) > took + 1
            acts.corrected_from = end if negated and end < len(text.folded) else start + took
            turns = list(words.pattern("correct_turn").finditer(clause, took)) if negated else []
            if turns:
                acts.corrected_from = start + turns[-1].end()
            return
        if (infix := words.pattern("correct_infix").search(clause)) is not None:  # 赤じゃなくて青
            acts.is_correction = True
            acts.corrected_from = start + infix.end()
            return


def _stop(acts: Acts, text: Text, pieces: _Pieces, words: Lexicon, listening: ListeningFor) -> None:
    for start, end, marks in pieces:
        clause = text.folded[start:end]
        if "?" in marks:
            continue
        if listening.is_confirming and bare(clause, words, "no"):
            continue
        nothing_asked = not (listening.kinds or listening.options or listening.is_confirming)
        if (nothing_asked or "reason" in listening.kinds) and words.has("reasons", clause):
            continue  # a reason: there is nothing to stop, so the goods are what isn't wanted
        took = prefix(clause, words, "stop_prefix")
        if bare(clause, words, "stop"):
            acts.add(Stop(0.9, text.cut(start, end)), (start, end))
            return
        if took and nothing_asked and words.has("sending", clause[took:]):
            continue  # "don't bother sending it" stops the parcel, not the talk
        if took:
            acts.add(Stop(0.85, text.cut(start, start + took)), (start, start + took))
            return


def _answer(acts: Acts, text: Text, pieces: _Pieces, words: Lexicon, listening: ListeningFor) -> None:
    asked = listening.is_confirming or bool(listening.options)
    deed = str(listening.extras.get(DEED) or "")
    if any(isinstance(command, Stop) for command in acts.commands) and not listening.is_confirming:
        return
    for start, end, marks in pieces if asked else pieces[:1]:
        clause = text.folded[start:end]
        is_taken = any(start < taken_end and end > taken_start for taken_start, taken_end in acts.spoken_for)
        if is_taken and not (asked and bare(clause, words, "yes")):  # "great" praises, but at a question it agrees
            continue
        if not asked and words.has("reasons", clause):  # "不想要了" with nothing at hand tells what isn't wanted
            return
        if bare(clause, words, "no"):
            acts.add(Deny(0.95 if asked else 0.7, text.cut(start, end)), (start, end))
            return
        if bare(clause, words, "yes"):
            _yes(acts, text, (start, end), end, marks, words, asked, deed)
            return
        if not asked:
            return
        if took := prefix(clause, words, "no_prefix"):
            rest = clause[took:].strip()
            spans = [(start, end)] if len(rest) <= 24 else [(start, start + took)]
            acts.add(Deny(0.85, text.cut(start, end)), *spans)
            return
        if took := prefix(clause, words, "yes_prefix"):
            _yes(acts, text, (start, start + took), end, marks, words, asked, deed)
            return


#: letters up to which a message that names what was offered says nothing else; the second where Han characters stand
MOST_OF_A_NAME, MOST_OF_A_NAME_HAN = 45, 16


def agree_by_name(acts: Acts, text: Text, words: Lexicon) -> None:
    """A whole message that names what was offered ("send me a new one, please") agrees to it, unless it asks, denies,
    doubts or limits."""
    long = len(text.folded) > (MOST_OF_A_NAME_HAN if _HAN.search(text.folded) else MOST_OF_A_NAME)
    answered = any(isinstance(one, Affirm | Deny | Stop | AskPerson) for one in acts.commands)
    against = ("negation", "condition", "question_start", "no_prefix", "correct_prefix")
    if long or answered or "?" in text.folded or any(words.has(group, text.folded) for group in against):
        return
    _yes(acts, text, (0, len(text.folded)), len(text.folded), "", words, True)


def _yes(
    acts: Acts,
    text: Text,
    said: tuple[int, int],
    clause_end: int,
    marks: str,
    words: Lexicon,
    asked: bool,
    deed: str = "",
) -> None:
    """A yes is firm only when nothing after (or around) it limits, doubts, mocks or turns it."""
    start, end = said
    rest = _without_the_deed(text.folded[end:], deed, words)
    same_clause = text.folded[end:clause_end].strip(_SPACES_AND_MARKS)
    doubts = (
        words.has("condition", rest)
        or words.has("hedge", text.folded)
        or words.has("sarcasm", text.folded)
        or words.has("negation", same_clause)
        or "?" in marks
        or _TRAILS_OFF.match(text.folded, end) is not None
        or ("🙄" in text.folded or "🙃" in text.folded or "😒" in text.folded)
        or _asks_back(rest, words)
        or _MADE.search(text.folded) is not None
        or _SPEAKER.search(text.folded[:end]) is not None
        or any(_IN_CURRENCY.fullmatch(rest[a:b].strip(_SPACES_AND_MARKS)) for a, b, _ in clauses(rest))
        or any(bare(text.folded[a:b], words, "no") for a, b, _ in clauses(text.folded))
    )
    short = len(same_clause) <= (14 if _HAN.search(same_clause) else 36) and not re.search(r"\d{3}", same_clause)
    span = (start, clause_end) if short else said
    score = 0.5 if doubts else (0.95 if asked else 0.7)
    acts.add(Affirm(score, text.cut(start, len(text.folded) if doubts else span[1]), is_conditional=doubts))
    if not doubts:
        acts.spoken_for.append(span)
    elif span == said:
        acts.spoken_for.append(said)


def _without_the_deed(rest: str, deed: str, words: Lexicon) -> str:
    """What comes after a yes, without the words that only repeat what it is for: "yes, tell me when it's back"."""
    repeats = words.map("says_deed")
    return words.pattern("says_deed").sub(lambda hit: " " if repeats.get(hit[0]) == deed else hit[0], rest)


def _asks_back(rest: str, words: Lexicon) -> bool:
    """A question after the yes: when and how are asked by people who agree; anything else doubts the terms."""
    for start, end, marks in clauses(rest):
        piece = rest[start:end].strip()
        if without_joint(piece, words) != piece:
            return False  # "yes, and by the way do you sell rope?" asks about something else
        is_question = (
            "?" in marks
            or piece.endswith(tuple(words.group("question_end")))
            or words.has("question_tag", rest[start:])
        )
        if is_question and not words.has("free_question", piece):
            return True
    return False


def _feelings(acts: Acts, text: Text, words: Lexicon) -> None:
    calm = words.pattern("not_feeling").sub(" ", text.folded)
    letters = [letter for letter in text.shown if letter.isalpha() and letter.isascii()]
    shouts = len(letters) >= 12 and sum(map(str.isupper, letters)) > 0.8 * len(letters)
    loud = 0.5 * shouts + 0.5 * ("!!" in text.shown)
    heat = len({hit[0] for hit in words.pattern("angry").finditer(calm)}) + loud
    heat += 0.5 * len({hit[0] for hit in words.pattern("annoyed").finditer(calm)})
    if heat >= 1 and heat > loud:
        hit = words.pattern("angry").search(calm) or words.pattern("annoyed").search(calm)
        said = hit[0] if hit else text.shown[:60]
        acts.commands.append(Feel(min(0.95, 0.6 + 0.15 * heat), said, "angry"))
    elif hit := words.pattern("worried").search(calm):
        acts.commands.append(Feel(0.75, hit[0], "worried"))
    elif hit := words.pattern("happy").search(calm):
        acts.commands.append(Feel(0.75, hit[0], "happy"))
