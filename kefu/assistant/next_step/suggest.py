"""What the playbook would do now. One drive of the dialogue as in a turn, in a transaction that is rolled back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from kefu.assistant.actions.perform import judge
from kefu.assistant.dialogue.drive import drive
from kefu.assistant.dialogue.talk import Outcome, Talk
from kefu.assistant.editions.working_playbooks import book_for
from kefu.assistant.engine.effects import Act, ActionResult, Ask, Confirm, Deed, Effect, HandOver, Say, Task
from kefu.assistant.engine.playbook import Book
from kefu.assistant.engine.showing import shown_value
from kefu.assistant.engine.state import CaseState
from kefu.assistant.facts import Facts
from kefu.assistant.gather import gather
from kefu.assistant.language import Fill, Start, Understanding
from kefu.assistant.models import Approval, ApprovalState
from kefu.assistant.next_step.talk import as_intent, for_a_person, newest, taken_on, unheard, wishes_of
from kefu.assistant.replies.compose import Reply, compose
from kefu.assistant.turn.acting import Performer
from kefu.assistant.turn.asides import questions_only
from kefu.assistant.turn.book import texts_of
from kefu.assistant.turn.cases import CaseRows
from kefu.assistant.turn.run import OWED, reply_language, understand_messages, weigh_proofs
from kefu.assistant.turn.speaking import wording
from kefu.desk import abilities
from kefu.desk.models import Conversation, Message
from kefu.desk.services.locking import locked
from kefu.kernel.errors import Refused
from kefu.kernel.money import Money
from kefu.people.actors import Actor

GUESSES = 3
#: the offer of a person, which a person has no use for
OFFERS_A_PERSON = "person.offer"


@dataclass(frozen=True, slots=True)
class ProposedDeed:
    """A deed that waits for a click. `decision`: what the rules say to this very person: allow, needs_approval (of
    `role`) or refuse; `problem`: code of what the shop itself would refuse. `is_agreed`: the customer has said yes."""

    action: str
    args: dict[str, Any]
    fingerprint: str
    amount: Money | None
    decision: str
    rule: str
    role: str = ""
    problem: str = ""
    is_agreed: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the desk shows. `nothing` says why there is neither text nor deed: closed, customers_turn, approval,
    unknown, with_you:<reason>. `facts`: (name of a slot or kind of row, value). `also`: what is done along when
    the text is sent: names of actions, "task:<kind>". `guesses`: intents to choose from, the likeliest first;
    `is_guess`: nobody has said what it is about. Nothing here is kept."""

    fingerprint: str
    language: str = ""
    playbook: str = ""
    intent: str = ""
    step: str = ""
    case: int = 0
    text: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    keys: tuple[str, ...] = ()
    deed: ProposedDeed | None = None
    rules: tuple[str, ...] = ()
    facts: tuple[tuple[str, Any], ...] = ()
    also: tuple[str, ...] = ()
    nothing: str = ""
    guesses: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    is_owed: bool = False


class WouldAct(Exception):
    """The drive has come to a deed that the customer has agreed to: it waits for the person's click."""

    def __init__(self, case_key: str, act: Act, facts: Facts) -> None:
        super().__init__(act.action)
        self.case_key, self.act, self.facts = case_key, act, facts


class Proposer(Performer):
    """Reads what the playbook reads and tries what needs no yes, for the caller rolls it back or keeps it. A deed that
    needs a yes is done only when it is `allowed`."""

    def __init__(self, *given: Any, allowed: str = "", **more: Any) -> None:
        super().__init__(*given, **more)
        self.allowed = allowed
        #: results of the deeds that were done with a yes
        self.deeds: list[ActionResult] = []

    def perform(self, case_key: str, act: Act) -> tuple[ActionResult, Facts]:
        if act.confirmed and act.confirmed != self.allowed:
            raise WouldAct(case_key, act, self.facts)
        result, facts = super().perform(case_key, act)
        if act.confirmed:
            self.deeds.append(result)
        return result, facts


@dataclass(slots=True)
class Sight:
    """All that one suggestion is worked out from."""

    conversation: Conversation
    messages: list[Message]
    understood: list[Understanding]
    rows: CaseRows
    talk: Talk
    performer: Proposer
    book: Book
    by: Actor
    outcome: Outcome | None = None
    would: WouldAct | None = None
    guesses: list[str] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        return self.outcome.facts if self.outcome else self.would.facts if self.would else self.performer.facts


def suggest(conversation: Conversation, *, by: Actor, intent: str = "") -> Suggestion:
    """The next step of the newest open case, or of the wish `intent` that a person says it is. Raises NotAllowed."""
    by.require("desk.see", on=conversation)
    with transaction.atomic():
        # what a look does on the way (a proof weighed, an order held) is undone, but holds its rows until then: without
        # this lock it would hold them before the conversation, and a turn the other way round
        found = describe(look(locked(conversation), by=by, intent=intent), intent=intent)
        transaction.set_rollback(True)
    return found


def look(conversation: Conversation, *, by: Actor, intent: str = "", allowed: str = "") -> Sight:
    """Drive the talk on with what nobody has heard. The caller's transaction decides whether anything of it stays.

    allowed: fingerprint of the deed that may be done when the customer has said yes to it."""
    book = book_for(conversation.brand)
    rows = CaseRows(conversation, by=by)
    talk = taken_on(rows.talk())
    messages = unheard(conversation)
    if not messages and (intent or not talk.open_keys):
        messages = newest(conversation, only_unanswered=not intent)
    understood = for_a_person(understand_messages(conversation, messages)) if messages else []
    guesses = list(dict.fromkeys(intent for one in reversed(understood) for intent, _ in one.alternatives))
    if intent and book.for_intent(intent):
        understood = as_intent(understood, intent)
    weigh_proofs(conversation, messages)
    conversation.language = reply_language(conversation, understood)
    named = [str(fill.value) for one in understood for fill in one.commands
             if isinstance(fill, Fill) and fill.kind == "order_number"]  # fmt: skip
    facts = gather(conversation, language=conversation.language, named=named)
    performer = Proposer(conversation, rows, facts, named=named, by=by, allowed=allowed)
    if not intent:
        understood = questions_only(conversation, understood, facts)
    sight = Sight(conversation, messages, understood, rows, talk, performer, book, by, guesses=guesses)
    if conversation.is_closed or conversation.memory.get(OWED) or _says_nothing(sight, intent):
        return sight
    try:
        sight.outcome = drive(talk, understood, facts, book, performer.perform)
    except WouldAct as would:
        sight.would = would
    return sight


def _says_nothing(sight: Sight, intent: str) -> bool:
    """No case is open and nobody has said what it is about: what the assistant would ask then, a person need not."""
    if intent or sight.talk.open_keys:
        return False
    return not any(isinstance(one, Start) for meant in sight.understood for one in meant.commands)


def describe(sight: Sight, *, intent: str = "") -> Suggestion:
    """The suggestion in one shape, with the fingerprint of all that it says and stands on."""
    conversation = sight.conversation
    wishes = tuple(wishes_of(sight.book))
    shown: dict[str, Any] = {
        "language": conversation.language,
        "wishes": wishes,
        "guesses": tuple(one for one in sight.guesses if one in wishes)[:GUESSES],
    }
    owed = conversation.memory.get(OWED)
    if conversation.is_closed:
        shown["nothing"] = "closed"
    elif owed and not intent:
        shown |= {"text": owed["text"], "playbook": owed["playbook"], "keys": tuple(owed["keys"]), "is_owed": True,
                  "rules": tuple(owed["rules"]), "case": owed["case"], "step": owed["step"],
                  "choices": tuple((value, label) for value, label in owed["choices"])}  # fmt: skip
    elif sight.would is not None:
        shown |= _of_deed(sight, sight.would)
    elif sight.outcome is not None:
        shown |= _of_outcome(sight, sight.outcome)
    else:
        shown["nothing"] = "unknown" if sight.messages else "customers_turn"
    if shown.get("case") and not shown.get("text") and not shown.get("deed") and _awaits_approval(conversation):
        shown["nothing"] = "approval"
    return Suggestion(fingerprint=_fingerprint(sight, shown), **shown)


def _of_deed(sight: Sight, would: WouldAct) -> dict[str, Any]:
    state = sight.talk.cases.get(would.case_key)
    act = would.act
    deed = Deed(act.action, act.args, act.amounts)
    return {
        "playbook": state.playbook if state else "",
        "case": _row(sight, would.case_key),
        "step": act.step,
        "deed": _proposed(sight, deed, would.case_key, is_agreed=True),
        "facts": _facts(sight, state),
    }


def _of_outcome(sight: Sight, outcome: Outcome) -> dict[str, Any]:
    key = _key_of(outcome)
    state = outcome.talk.cases.get(key)
    reply = draft(sight, outcome.effects)
    question = outcome.question
    trace = next((one for one in outcome.trace if one.case == key), None)
    over = next((effect for _, effect in outcome.effects if isinstance(effect, HandOver)), None)
    shown: dict[str, Any] = {
        "playbook": state.playbook if state else "",
        "intent": state.intent if state else "",
        "case": _row(sight, key),
        "step": state.step if state else "",
        "text": reply.text,
        "choices": reply.choices,
        "keys": reply.keys,
        "rules": trace.rules if trace else (),
        "facts": _facts(sight, state),
        "also": tuple(f"task:{one.kind}" for _, one in outcome.effects if isinstance(one, Task)),
    }
    if isinstance(question, Confirm) and not question.deed.action.startswith("option."):
        shown["deed"] = _proposed(sight, question.deed, key)
    if is_put_already(sight, outcome):
        shown |= {"text": "", "choices": (), "keys": (), "nothing": "" if shown.get("deed") else "customers_turn"}
    elif not reply.text and not shown.get("deed"):
        shown["nothing"] = _left_to_say(question, over)
    return shown


def _left_to_say(question: Effect | None, over: HandOver | None) -> str:
    """Why there is neither text nor deed."""
    if over:
        return f"with_you:{over.reason}"
    return "with_you:refused" if _offers_a_person(question) else "customers_turn"


def _offers_a_person(effect: Effect | None) -> bool:
    return isinstance(effect, Ask) and effect.key == OFFERS_A_PERSON


def is_put_already(sight: Sight, outcome: Outcome) -> bool:
    """The question has been put to the customer, who has not answered: nothing new is to be said."""
    if sight.messages or outcome.question is None:
        return False
    before = sight.talk.cases.get(outcome.talk.focus)
    after = outcome.talk.cases.get(outcome.talk.focus)
    if before is None or after is None or before.asking is None or after.asking is None:
        return False
    is_same = (before.asking.path, before.asking.deed) == (after.asking.path, after.asking.deed)
    return before.asking.put and is_same and before.shown == after.shown


def draft(sight: Sight, effects: Sequence[tuple[str, Effect]]) -> Reply:
    """What a person would say: all that speaks, but not that a person is called or could be."""
    conversation = sight.conversation
    said = [effect for _, effect in effects if not _offers_a_person(effect)]
    for place, effect in enumerate(said):
        if isinstance(effect, HandOver) and place and isinstance(said[place - 1], Say):
            told = said[place - 1]
            is_general = isinstance(told, Say) and told.key == f"hand_over.{effect.reason}"
            if is_general and effect.reason != "approval":
                said[place - 1] = effect
    return compose(
        said, wording(conversation, texts_of(conversation.brand.pack)), customer_name=conversation.customer.name,
        brand_name=conversation.brand.name, has_buttons=abilities.of(conversation.channel.kind).has_buttons,
    )  # fmt: skip


def _key_of(outcome: Outcome) -> str:
    """The case that speaks: the one that asks, else the one that moved last."""
    if outcome.talk.focus:
        return outcome.talk.focus
    return next((one.case for one in reversed(outcome.trace)), "")


def _row(sight: Sight, key: str) -> int:
    """The case's row; 0 for a case that only this look has opened, whose number is another one each time."""
    return int(sight.conversation.memory.get("cases", {}).get(key, 0))


def _proposed(sight: Sight, deed: Deed, key: str, *, is_agreed: bool = False) -> ProposedDeed:
    """The deed with what the rules say to this person about it, asked without doing it."""
    decision, rule, role, problem = "refuse", "", "", ""
    call = sight.performer.call_of(key, "look")
    try:
        with transaction.atomic():
            judged = judge(call, deed.action, deed.args)
            decision, rule, role = judged.decision.value, judged.rule, judged.role
    except Refused as refused:
        problem = refused.code
    return ProposedDeed(deed.action, dict(deed.args), deed.fingerprint(), _amount(deed), decision, rule, role, problem,
                        is_agreed)  # fmt: skip


def _amount(deed: Deed) -> Money | None:
    paid = deed.amounts.get("refund") or deed.amounts.get("charge")
    return Money(paid["minor"], paid["currency"]) if isinstance(paid, dict) else None


def _facts(sight: Sight, state: CaseState | None) -> tuple[tuple[str, Any], ...]:
    """What the case stands on: its slots as a person would say them; a proof is not repeated."""
    if state is None:
        return ()
    needs = sight.book.needs_of(state.playbook)
    return tuple(
        (name, shown_value(needs[name], slot.value, sight.facts))
        for name, slot in state.slots.items()
        if name in needs and needs[name].kind not in ("proof", "told", "question", "wish")
    )


def _awaits_approval(conversation: Conversation) -> bool:
    return Approval.objects.filter(conversation=conversation, state=ApprovalState.PENDING).exists()


def _fingerprint(sight: Sight, shown: dict[str, Any]) -> str:
    conversation = sight.conversation
    said = conversation.messages.order_by("-pk").values_list("pk", flat=True).first() or 0
    deed = shown.get("deed")
    stands = [said, conversation.owner, conversation.assignee_id, shown.get("text"), shown.get("keys"),
              shown.get("case"), deed and (deed.fingerprint, deed.decision, deed.rule)]  # fmt: skip
    return hashlib.sha256(json.dumps(stands, ensure_ascii=False, default=str).encode()).hexdigest()[:24]


__all__ = ["ProposedDeed", "Sight", "Suggestion", "describe", "draft", "look", "suggest"]
