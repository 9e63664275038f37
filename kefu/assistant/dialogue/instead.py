"""What a customer would have instead, told in the same breath: "change it to blue; if you can't, cancel the order".

The second wish is not begun beside the first: it waits until the first turns out not to be had.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kefu.assistant.engine.effects import ActionResult, Effect, HandOver, Say
from kefu.assistant.engine.playbook import Book
from kefu.assistant.engine.specs import WRITES
from kefu.assistant.language import AskPerson, Command, Deny, Fill, Start, Stop, Understanding

#: what a plan lacks that no answer but another wish can give
NOT_TO_BE_HAD = frozenset({"unavailable", "refused", "same"})
SOLD_OUT = frozenset({"variant.sold_out", "variant.none_there"})

_IF_NOT = re.compile(
    # English
    r"\b(?:and |but )?(?:if (?:not\b|neither\b[^,;.:]*|(?:that|this|it|there|they|you|none)(?:'s|'re| is| are)? ?"
    r"(?:not|no|can ?not|can't|cannot|isn't|aren't|won't|doesn't|don't|unable|impossible|unavailable|sold out"
    r"|out of stock)\b[^,;.:]*)|otherwise|failing that)\s*[,:;]? (?:then |please )*"
    # German, French, Spanish, Portuguese
    r"|\b(?:falls|wenn)(?: das| es| dies)? (?:nicht|kein)[^,;.:]*[,:]? |\b(?:sonst|andernfalls)\b,? "
    r"|\bsi (?:ce n'est pas|vous ne pouvez pas|c'est impossible|ça ne|non\b)[^,;.:]*[,:]? |\bsinon\b,? "
    r"|\bsi no (?:es|se|hay|pued)[^,;.:]*[,:]? |\bsi no, "
    r"|\b(?:se|caso) não (?:for|der|puder|tiver|seja|dê|haja)[^,;.:]*[,:]? |\bsenão\b,? "
    # Chinese, Japanese, Korean
    r"|(?:如果|要是|假如|若)[^，。,]{0,6}(?:不行|不可以|不能|办不了|没货|没有|不可)[^，。,]{0,6}[，,]? ?(?:那?就|那)?"
    r"|(?:不行|办不了|没货|不可以)的话[，,]? ?(?:那?就|那)?"
    r"|(?:もし)?(?:それが)?(?:できなければ|できない(?:場合|なら)[はに]?|無理なら(?:ば)?|だめなら|在庫がなければ)、?"
    r"|(?:만약 |그게 |만일 )?(?:안 ?되면|불가능하면|어려우면|없으면),? "
)
_SENTENCE_END = re.compile(r"\s*[.!?](?=\s|$)|\s*[。！？]|\s*$")


@dataclass(frozen=True, slots=True)
class Instead:
    """The wish to fall back on, and its words."""

    intent: str
    words: str


def parted(understood: Understanding, book: Book) -> tuple[Understanding, Instead | None]:
    """The message without the wish that it falls back on, and that wish; the message itself where there is none.

    Both ways of the same wish ("blue, or else black") stay together: what reads them reads both.
    """
    hit = _IF_NOT.search(understood.text.lower())
    starts = [one for one in understood.commands if isinstance(one, Start)]
    if hit is None or not starts or len(understood.text.lower()) != len(understood.text):
        return understood, None
    head, tail = understood.text[: hit.start()], understood.text[hit.end() :]
    if _SENTENCE_END.match(tail):
        return understood, None  # ", or the black one if that isn't available." is no other wish
    end = _SENTENCE_END.search(tail)
    tail, rest = (tail[: end.end()], tail[end.end() :]) if end else (tail, "")
    behind = [one for one in starts if _is_in(one.words, tail) and not _is_in(one.words, head)]
    before = [one for one in starts if one not in behind and not _is_in(one.words, rest)]
    wish = next((one for one in behind if book.for_intent(one.intent) is not None), None)
    if wish is None or (not before and head.strip()):
        return understood, None
    if before and before[-1].intent == wish.intent:
        return understood, None
    kept = tuple(one for one in understood.commands if one not in behind)
    text = f"{head.strip()} {rest.strip()}".strip()
    return replace(understood, commands=kept, text=text or understood.text), Instead(wish.intent, tail.strip())


def _is_in(words: str, text: str) -> bool:
    def bare(one: str) -> str:
        return re.sub(r"\W+", "", one.casefold())

    told, where = bare(words), bare(text)
    return bool(told and where) and (told in where or where in told)


def has_acted(acts: Sequence[ActionResult], book: Book) -> bool:
    """Whether something was done to the world."""
    return any(one.ok and one.action in book.actions and book.actions[one.action].kind == WRITES for one in acts)


def is_turned_down(commands: Sequence[Command]) -> bool:
    """Whether it was the customer who did not want it, or who wants somebody else."""
    return any(isinstance(one, Deny | Stop | AskPerson) for one in commands)


def is_barred(acts: Sequence[ActionResult]) -> bool:
    """Whether what was worked out last is not to be had as it was wished."""
    return any(str(one.value.get("missing", "")) in NOT_TO_BE_HAD or _is_sold_out(one) for one in acts[-1:])


def _is_sold_out(result: ActionResult) -> bool:
    """The version that is meant is known, and not there; one that nobody could make out is another matter."""
    why = result.value.get("why")
    return result.value.get("found") is False and isinstance(why, dict) and str(why.get("key", "")) in SOLD_OUT


def cannot_be_had(status: str, has_question: bool, acts: Sequence[ActionResult]) -> bool:
    """Whether a case that has done nothing shows that its wish is not to be had."""
    return status in ("closed", "handed_over") or (has_question and is_barred(acts))


def can_act(playbook: str, book: Book) -> bool:
    """Whether the playbook, or any it goes over to, does something to the world: a question that was answered is no
    wish that failed."""
    steps = (step for reached in book.reached_from(playbook) for step in reached.steps.values())
    names = {step.subject for step in steps if step.kind == "act"}
    return any(name in book.actions and book.actions[name].kind == WRITES for name in names)


def is_handing_over(effect: Effect) -> bool:
    return isinstance(effect, HandOver) or (isinstance(effect, Say) and effect.key.startswith("hand_over."))


def as_told(words: str, order: str = "") -> list[Command]:
    """Words of the customer's own for a case that begins by itself. order: which it is about, where they name none."""
    names_one = re.search(r"\d{4,}", words) is not None
    return [Fill(1.0, kind="free_text", value=f"{words} ({order})" if order and not names_one else words)]
