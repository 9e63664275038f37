"""Following a suggestion: sending its words, doing its deed. What was seen is done, or nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from kefu.assistant.dialogue.drive import drive
from kefu.assistant.dialogue.talk import Outcome
from kefu.assistant.engine.effects import ActionResult, Confirm, Effect, HandOver
from kefu.assistant.language import Choose, Understanding
from kefu.assistant.learning.services import KEYS, TEACH, teach_reply
from kefu.assistant.next_step.errors import NothingToSend, SuggestionChanged
from kefu.assistant.next_step.events import SUGGESTION_DONE, SUGGESTION_SENT
from kefu.assistant.next_step.suggest import Sight, Suggestion, draft, look, suggest
from kefu.assistant.replies.compose import Reply
from kefu.assistant.turn.book import texts_of
from kefu.assistant.turn.run import HEARD, OWED
from kefu.assistant.turn.speaking import give_work
from kefu.assistant.turn.why import explain
from kefu.desk import events
from kefu.desk.errors import ConversationClosed, OwnedByOther
from kefu.desk.models import Attachment, Author, Conversation, Message, Owner
from kefu.desk.services import reply
from kefu.desk.services.locking import locked
from kefu.desk.services.ownership import take_locked
from kefu.desk.services.speaking import said_under
from kefu.kernel import clock
from kefu.people.actors import Actor


@transaction.atomic
def send_suggestion(
    conversation: Conversation, *, fingerprint: str, by: Actor, text: str | None = None, intent: str = "",
    seen: int | None = None, key: str = "", attachments: Sequence[Attachment] = (), better: bool = False,
) -> Message:  # fmt: skip
    """Send the suggested reply in the agent's name, as it is or as `text`, and move the case on as if it were a turn.

    fingerprint: of the Suggestion that was seen. seen, key, attachments: as desk.services.reply takes them.
    better: words that differ from the draft are kept as a lesson of this author, see learning. Raises
    SuggestionChanged, NothingToSend, and what `reply` raises.
    """
    by.require("desk.reply", on=conversation)
    conversation = locked(conversation)
    if sent := said_under(conversation, key, by=by):
        return sent
    now = _as_seen(conversation, fingerprint, by=by, intent=intent)
    words = now.text if text is None else text
    if not now.text:
        raise NothingToSend(number=conversation.number)
    why = {}
    effects: Sequence[tuple[str, Effect]] = ()
    sight: Sight | None = None
    if now.is_owed:
        conversation.memory.pop(OWED, None)
    else:
        sight = look(conversation, by=by, intent=intent)
        if sight.outcome is None:
            raise SuggestionChanged(number=conversation.number)
        _keep(sight, sight.outcome)
        effects = sight.outcome.effects
        why = explain(sight.understood, sight.outcome, sight.rows, Reply(now.text, keys=now.keys), timing={})
    conversation.save(update_fields=["memory", "language"])
    message = reply(
        conversation, text=words, by=by, attachments=attachments, seen=seen, key=key,
        choices=now.choices if words.strip() == now.text.strip() else (), why=why,
    )  # fmt: skip
    if sight is not None:
        _give_work(sight, effects)
    if better and words.strip() and words.strip() != now.text.strip():
        _keep_wording(conversation, now, message, by=by)
    events.record(SUGGESTION_SENT, conversation, by=by, message=message, playbook=now.playbook, step=now.step,
                  edited=words.strip() != now.text.strip())  # fmt: skip
    return message


def _keep_wording(conversation: Conversation, now: Suggestion, message: Message, *, by: Actor) -> None:
    """The draft and what the person made of it, beside what the customer had written."""
    if not by.may(TEACH, brand_id=conversation.brand_id):
        return
    written = conversation.messages.filter(author=Author.CUSTOMER, pk__lt=message.pk).order_by("-pk")
    keys = " ".join(now.keys)
    teach_reply(
        conversation.brand, text=written.values_list("text", flat=True).first() or "", better=message.text,
        language=now.language or conversation.language, by=by, heard=now.text, conversation=conversation,
        message=message, key=keys if len(keys) <= KEYS else keys[: KEYS + 1].rpartition(" ")[0],
    )  # fmt: skip


@transaction.atomic
def do_deed(
    conversation: Conversation, *, fingerprint: str, deed: str, by: Actor, intent: str = ""
) -> ActionResult | None:
    """Do the suggested deed as this agent, by their role's rules; the conversation becomes theirs.

    deed: the fingerprint on the button. What is to be told of it is owed to the customer from then on: it is the next
    suggestion. A deed above the person's limit is asked for approval (code policy.needs_approval). Raises
    SuggestionChanged, ConversationClosed, OwnedByOther.
    """
    by.require("desk.reply", on=conversation)
    conversation = locked(conversation)
    if conversation.is_closed:
        raise ConversationClosed(number=conversation.number)
    if conversation.owner == Owner.AGENT and conversation.assignee_id != by.id:
        raise OwnedByOther(who=str(conversation.assignee))
    now = _as_seen(conversation, fingerprint, by=by, intent=intent)
    if now.deed is None or now.deed.fingerprint != deed:
        raise SuggestionChanged(number=conversation.number)
    take_locked(conversation, by=by)
    sight = look(conversation, by=by, intent=intent, allowed=deed)
    outcome = sight.outcome
    if outcome is None:
        raise SuggestionChanged(number=conversation.number)
    _keep(sight, outcome)
    effects = list(outcome.effects)
    question = outcome.question
    if isinstance(question, Confirm) and question.deed.fingerprint() == deed and not sight.performer.deeds:
        yes = Understanding("", conversation.language, (Choose(1.0, "", f"yes:{deed}"),), "button")
        outcome = drive(outcome.talk, [yes], outcome.facts, sight.book, sight.performer.perform)
        _keep(sight, outcome)
        effects = [one for one in effects if one[1] is not question] + list(outcome.effects)
        sight.outcome = outcome
    result = next(iter(sight.performer.deeds), None)
    _owe(sight, outcome, effects, now)
    conversation.save(update_fields=["memory", "language"])
    conversation.messages.filter(pk__in=[one.pk for one in sight.messages]).update(turned_at=clock.now())
    _give_work(sight, effects)
    events.record(SUGGESTION_DONE, conversation, by=by, playbook=now.playbook, step=now.step, action=now.deed.action,
                  ok=bool(result and result.ok), rule=result.rule if result else "")  # fmt: skip
    return result


@transaction.atomic
def own_words(conversation: Conversation) -> None:
    """The person has told the customer in words of their own: nothing is owed any more."""
    if not conversation.memory.get(OWED):
        return
    conversation = locked(conversation)
    conversation.memory.pop(OWED, None)
    conversation.save(update_fields=["memory"])


def _as_seen(conversation: Conversation, fingerprint: str, *, by: Actor, intent: str) -> Suggestion:
    """The suggestion as it is now, under the lock. Raises SuggestionChanged when it isn't the one that was seen."""
    now = suggest(conversation, by=by, intent=intent)
    if now.fingerprint != fingerprint:
        raise SuggestionChanged(number=conversation.number)
    return now


def _keep(sight: Sight, outcome: Outcome) -> None:
    """The cases and the talk as the step has left them. The person has them, so none goes to a queue."""
    sight.rows.keep(replace(outcome, effects=tuple(one for one in outcome.effects if not isinstance(one[1], HandOver))))
    if sight.messages:
        sight.conversation.memory[HEARD] = sight.messages[-1].pk


def _owe(sight: Sight, outcome: Outcome, effects: Sequence[tuple[str, Effect]], now: Suggestion) -> None:
    told = draft(sight, effects)
    if not told.text:
        return
    sight.conversation.memory[OWED] = {
        "text": told.text, "choices": [list(one) for one in told.choices], "keys": list(told.keys),
        "rules": list(dict.fromkeys(rule for one in outcome.trace for rule in one.rules)),
        "playbook": now.playbook, "step": now.step, "case": now.case,
    }  # fmt: skip


def _give_work(sight: Sight, effects: Sequence[tuple[str, Effect]]) -> None:
    texts = texts_of(sight.conversation.brand.pack)
    for key, effect in effects:
        give_work(sight.conversation, sight.rows.known(key), effect, texts)
