"""While a deed waits for a person's word the assistant goes on: asked for news it says how things stand, told to drop
it, it takes the request back; everything else has its turn as ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from kefu.assistant.approvals.withdrawing import withdraw_approval
from kefu.assistant.engine.effects import Effect, Say
from kefu.assistant.engine.playbook import Book
from kefu.assistant.language import Ask, Command, Fill, OutOfScope, Start, Stop, Understanding
from kefu.assistant.models import Approval, ApprovalState
from kefu.assistant.understanding.acts import stretches_of
from kefu.assistant.understanding.normal import normalise
from kefu.desk.models import Case, CaseStatus, Conversation
from kefu.kernel import clock
from kefu.kernel.together import change
from kefu.people.actors import assistant

#: Conversation.memory: a deed of this conversation waits for approval, so that only such a turn looks
WAITS = "awaits_approval"
#: the list of words/<language>.yaml with which news is asked for, and the intent that is no other question meanwhile
NEWS, MONEY_BACK = "news", "refund_status"


def wait_for_approval(conversation: Conversation, case: Case | None) -> bool:
    """The case waits for a person's word while the conversation stays with the assistant. False when nobody has been
    asked here: then a person must have it."""
    if not _pending(conversation).exists():
        return False
    if case is not None:
        case.status, case.moved_at = CaseStatus.HANDED_OVER, clock.now()
        change(case, "status", "moved_at")
    conversation.memory[WAITS] = True
    change(conversation, "memory")
    return True


@dataclass(frozen=True, slots=True)
class Heard:
    """What is left for the cases, and what is said of the deeds that wait."""

    understood: list[Understanding]
    effects: tuple[tuple[str, Effect], ...] = ()


def hear_of_approvals(conversation: Conversation, understood: Sequence[Understanding], book: Book) -> Heard:
    """Answer what concerns the waiting deeds. A message that asks for nothing else is left out of `understood`."""
    if not conversation.memory.get(WAITS):
        return Heard(list(understood))
    waiting = list(_pending(conversation).select_related("case").order_by("pk")[:5])
    if not waiting:
        conversation.memory.pop(WAITS)
        return Heard(list(understood))
    talk = conversation.memory.get("talk") or {}
    is_free = not talk.get("focus")  # a question of ours is open: "no, forget it" is for that one
    left: list[Understanding] = []
    asks = drops = False
    for one in understood:
        wants_out = is_free and any(isinstance(said, Stop) for said in one.commands)
        rest = _without_news(conversation, one, waiting, book)
        if wants_out:
            drops = True
            rest = [said for said in rest if not isinstance(said, Stop)]
        elif len(rest) != len(one.commands) or _is_news(conversation, one.text):
            asks = True
        if any(not isinstance(said, OutOfScope) for said in rest) or (rest and not asks and not drops):
            left.append(replace(one, commands=tuple(rest)))
        elif not (wants_out or asks):
            left.append(one)
    return Heard(left, tuple(_told(conversation, waiting, drops=drops, asks=asks)))


def _told(
    conversation: Conversation, waiting: Sequence[Approval], *, drops: bool, asks: bool
) -> list[tuple[str, Effect]]:
    if drops:
        for one in waiting:
            withdraw_approval(one, by=assistant(conversation.brand_id))
        conversation.memory.pop(WAITS)
        return [("", Say("", "approval.withdrawn"))]
    since = waiting[0].asked_at.astimezone(conversation.brand.zone).date()
    return [("", Say("", "approval.waiting", {"since": {"date": since.isoformat()}}))] if asks else []


def _pending(conversation: Conversation) -> QuerySet[Approval]:
    return Approval.objects.filter(conversation=conversation, state=ApprovalState.PENDING)


def _is_news(conversation: Conversation, text: str) -> bool:
    return bool(stretches_of(text, NEWS, pack=conversation.brand.pack))


def _without_news(
    conversation: Conversation, one: Understanding, waiting: Sequence[Approval], book: Book
) -> list[Command]:
    """The commands without those that only ask what became of a waiting deed: read from the very words of such a
    question, or the same wish said again."""
    asked = stretches_of(one.text, NEWS, pack=conversation.brand.pack)
    named = {str(said.value).upper() for said in one.commands if isinstance(said, Fill) and said.kind == "order_number"}
    about = {str(row.args.get("line") or row.args.get("order") or "").partition("/")[0].upper() for row in waiting}
    is_other_order = bool(named) and not any(order.endswith(number) for order in about for number in named)
    playbooks = {row.case.playbook for row in waiting if row.case}

    def asks(said: Command) -> bool:
        if isinstance(said, Start | Ask) and asked:
            words = normalise(said.words or one.text).plain.strip(" ?.!;¿")
            return any(words in clause or clause in words for clause in asked)
        if isinstance(said, Start) and not is_other_order:
            playbook = book.for_intent(said.intent)
            return said.intent == MONEY_BACK or (playbook is not None and playbook.name in playbooks and not named)
        return False

    return [said for said in one.commands if not asks(said)]
