"""The turn: what a customer has written becomes one reply, in one transaction.

What was said is understood before the transaction, for that is slow and needs no lock. Everything after it is rows of
this database, so it happens as a whole or not at all: killed anywhere, the turn is taken again from the start.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from kefu.assistant.dialogue.drive import drive, resume
from kefu.assistant.dialogue.talk import Outcome, Talk
from kefu.assistant.editions.working_playbooks import book_for
from kefu.assistant.editions.working_texts import texts_for
from kefu.assistant.engine.effects import Say
from kefu.assistant.gather import gather
from kefu.assistant.language import Fill, Understanding
from kefu.assistant.learning.current import model_for
from kefu.assistant.turn.acting import Performer
from kefu.assistant.turn.asides import questions_only
from kefu.assistant.turn.cases import CaseRows
from kefu.assistant.turn.speaking import carry_out
from kefu.assistant.turn.waiting import hear_of_approvals
from kefu.assistant.turn.why import explain
from kefu.assistant.understanding.door import understand, understand_choice
from kefu.desk.models import Attachment, Author, Case, Conversation, Message, Owner, Verification
from kefu.desk.services import say_as_assistant
from kefu.desk.services.locking import locked, locked_again, stands_as
from kefu.kernel import clock
from kefu.kernel.prepared import Prepared
from kefu.kernel.together import change, together
from kefu.people.actors import assistant

#: messages dealt with in one turn; what is beyond has a turn of its own
AT_ONCE = 20
#: an inline picture smaller than this is a logo in a signature
PHOTO_BYTES = 20_000
PHOTOS_AT_MOST = 8
#: Conversation.memory: id of the last message that the cases have heard, whoever owned the conversation then
HEARD = "heard_until"
#: Conversation.memory: what a person's deed has made worth telling and nobody has told yet; see next_step
OWED = "owed"


_CONVERSATION = Prepared(lambda pk: Conversation.objects.select_related("brand", "channel").filter(pk=pk), pk=-1)
_UNTURNED = Prepared(
    lambda conversation: Message.objects.filter(
        conversation=conversation, author=Author.CUSTOMER, turned_at__isnull=True
    ).order_by("pk")[:AT_ONCE],
    conversation=-1,
)
_FILES = Prepared(lambda messages: Attachment.objects.filter(message__in=messages).order_by("pk"), messages=[-1])


def take_turn(conversation_id: int) -> Message | None:
    """Answer every unturned message of the conversation; gives the reply, None when nothing was to be said.

    While a person or a queue owns the conversation nothing happens and the messages stay unturned: the person's own
    reply, or the turn after hand-back, deals with them.
    """
    began = time.perf_counter()
    conversation = _CONVERSATION.one(pk=conversation_id)
    if conversation.owner != Owner.ASSISTANT:
        return None
    messages = unturned(conversation)
    if not messages:
        return None
    understood = understand_messages(conversation, messages)
    understood_in = time.perf_counter() - began
    with transaction.atomic():
        seen, conversation = conversation, locked_again(conversation)
        if conversation.owner != Owner.ASSISTANT or conversation.is_closed:
            return None
        pairs = list(zip(messages, understood, strict=True))
        if not stands_as(conversation, seen):
            # another turn may have dealt with some of them meanwhile; what came after them has a job of its own
            waiting = {one.pk for one in unturned(conversation)}
            pairs = [(one, meant) for one, meant in pairs if one.pk in waiting]
        if not pairs:
            return None
        return _answer(conversation, pairs, began=began, understood_in=understood_in)


def unturned(conversation: Conversation) -> list[Message]:
    """The customer's messages that nobody has dealt with, oldest first."""
    return _UNTURNED.all(conversation=conversation.pk)


def understand_messages(conversation: Conversation, messages: Sequence[Message]) -> list[Understanding]:
    """What each message may mean; all are read in the light of what was asked last, on the brand's day."""
    brand = conversation.brand
    asked = Talk.of(conversation.memory.get("talk", {}), {}).listening
    listening = replace(
        asked,
        language=asked.language or conversation.language,
        extras={
            **asked.extras,
            "order_prefix": brand.settings.get("order_prefix", ""),
            "today": clock.now().astimezone(brand.zone).date(),
        },
    )
    pack, model = brand.pack, model_for(brand.pack, brand.pk)
    photos = _photos_of(messages)
    return [
        understand_choice(message.extras["choice"], listening, pack=pack, model=model)
        if message.extras.get("choice")
        else _with_photos(understand(message.text, listening, pack=pack, model=model), photos.get(message.pk, []))
        for message in messages
    ]


def _photos_of(messages: Sequence[Message]) -> dict[int, list[int]]:
    """Ids of the pictures and films that came with each message; the logos in an e-mail's signature are none."""
    found: dict[int, list[int]] = {}
    with_files = [one.pk for one in messages if one.extras.get("files", 1)]  # untold by the first releases
    for file in _FILES.all(messages=with_files) if with_files else ():
        is_picture = file.content_type.startswith(("image/", "video/"))
        if file.message_id is not None and is_picture and (not file.content_id or file.size >= PHOTO_BYTES):
            found.setdefault(file.message_id, []).append(file.pk)
    return found


def _with_photos(understood: Understanding, photos: list[int]) -> Understanding:
    """Pictures sent along are values like any other: a case that asked for one has it."""
    if not photos:
        return understood
    ids = ",".join(str(pk) for pk in photos[:PHOTOS_AT_MOST])
    return replace(understood, commands=(*understood.commands, Fill(1.0, "", "photo", ids)))


def _answer(
    conversation: Conversation,
    pairs: list[tuple[Message, Understanding]],
    *,
    began: float,
    understood_in: float,
) -> Message | None:
    messages, understood = [one for one, _ in pairs], [meant for _, meant in pairs]
    weigh_proofs(conversation, messages)
    language = reply_language(conversation, understood)
    conversation.language = language
    rows = CaseRows(conversation, by=assistant(conversation.brand_id))
    named = [str(fill.value) for one in understood for fill in one.commands
             if isinstance(fill, Fill) and fill.kind == "order_number"]  # fmt: skip
    facts = gather(conversation, language=language, named=named)
    performer = Performer(conversation, rows, facts, named=named)
    talk = rows.talk()
    understood = questions_only(conversation, understood, facts)
    book = book_for(conversation.brand)
    heard = hear_of_approvals(conversation, understood, book)
    outcome = drive(talk, heard.understood, facts, book, performer.perform)
    outcome = replace(outcome, effects=(*heard.effects, *outcome.effects))
    outcome = _with_languages(conversation, outcome, understood)
    conversation.memory[HEARD] = messages[-1].pk
    return _settle(conversation, messages, outcome, rows, understood, timing=_timing(began, understood_in))


def weigh_proofs(conversation: Conversation, messages: Sequence[Message]) -> None:
    """A weaker proof among the messages weakens the turn: a forged mail must not act on an authentic one's proof, nor
    bring an order that was proved before it back to life by proving one of its own."""
    apart = [message for message in messages if not message.extras.get("same_holder")]
    proofs = [message.extras.get("verification", 0) for message in apart]
    conversation.verification = min(conversation.verification, *proofs) if proofs else conversation.verification
    if conversation.verification < Verification.ORDER:
        conversation.memory.pop("proved_orders", None)


def _settle(
    conversation: Conversation,
    messages: Sequence[Message],
    outcome: Outcome,
    rows: CaseRows,
    understood: Sequence[Understanding],
    *,
    timing: dict[str, float],
) -> Message | None:
    texts = texts_for(conversation.brand)
    with together(Message, Case):
        rows.keep(outcome)
        conversation.memory["broken_turns"] = 0
        for message in messages:
            message.turned_at = clock.now()
            change(message, "turned_at")
        return carry_out(
            conversation, outcome, rows, texts,
            explain=lambda reply: explain(understood, outcome, rows, reply, timing=timing),
        )  # fmt: skip


def _with_languages(conversation: Conversation, outcome: Outcome, understood: Sequence[Understanding]) -> Outcome:
    """Whoever writes in another language hears once, first of all, in which ones they are answered."""
    answers_in = conversation.brand.languages or ["en"]
    if conversation.memory.get("languages_told") or not any(
        one.foreign or one.language not in answers_in for one in understood
    ):
        return outcome
    texts = texts_for(conversation.brand)
    offered = [one for one in answers_in if one in texts.by_language]
    if not outcome.effects or not offered:
        return outcome
    conversation.memory["languages_told"] = True
    names = [{"key": f"language.{language}"} for language in offered]
    note = Say("", "dialogue.languages", {"languages": names})
    return replace(outcome, effects=((outcome.effects[0][0], note), *outcome.effects))


def reply_language(conversation: Conversation, understood: Sequence[Understanding]) -> str:
    """The language of the newest message that the brand answers in, else the talk's, else the brand's first."""
    offered = conversation.brand.languages or ["en"]
    wished = [one.language for one in reversed(understood)] + [conversation.language]
    return next((language for language in wished if language in offered), offered[0])


def _timing(began: float, understood_in: float) -> dict[str, float]:
    return {
        "understanding_ms": round(understood_in * 1000, 1),
        "rest_ms": round((time.perf_counter() - began - understood_in) * 1000, 1),
    }


def take_back(conversation_id: int) -> None:
    """A person has handed the conversation back: its cases go on, and what was written meanwhile gets its turn."""
    with transaction.atomic():
        conversation = locked(Conversation(pk=conversation_id))
        if conversation.owner != Owner.ASSISTANT:
            return
        rows = CaseRows(conversation, by=assistant(conversation.brand_id))
        talk = rows.talk()
        for key in list(talk.cases):
            talk = resume(talk, key)
        rows.keep_talk(talk)
        owed = conversation.memory.pop(OWED, None)
        conversation.save(update_fields=["memory"])
        if owed:  # the person has done something and handed back before telling it
            choices = [(value, label) for value, label in owed["choices"]]
            say_as_assistant(conversation, text=owed["text"], by=rows.by, language=conversation.language,
                             choices=choices)  # fmt: skip
    take_turn(conversation_id)
