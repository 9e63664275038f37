"""What happens when a turn itself breaks: tried again a few times, then a person gets the conversation."""

from __future__ import annotations

import logging

from django.db import transaction

from kefu.assistant.editions.working_texts import texts_for
from kefu.assistant.engine.effects import Say
from kefu.assistant.replies.compose import compose
from kefu.assistant.replies.texts import BadTexts
from kefu.assistant.turn.speaking import wording
from kefu.desk.models import Author, Conversation, Owner
from kefu.desk.services import hand_over, say_as_assistant
from kefu.desk.services.locking import locked
from kefu.kernel import clock
from kefu.people.actors import assistant

log = logging.getLogger(__name__)

#: a turn that has broken this often is not tried again
TRIES = 3


@transaction.atomic
def count_failure(conversation_id: int, problem: Exception) -> bool:
    """Remember one more broken turn; True when the conversation has now gone to a person.

    Counted in the conversation, not in the queue: a job that a killed worker left behind starts a new count there.
    """
    conversation = locked(Conversation(pk=conversation_id))
    broken = conversation.memory.get("broken_turns", 0) + 1
    conversation.memory["broken_turns"] = broken
    conversation.save(update_fields=["memory"])
    if broken < TRIES or conversation.owner != Owner.ASSISTANT:
        return False
    log.error("conversation %s: the turn broke %s times, a person gets it", conversation.number, broken)
    conversation.memory["broken_turns"] = 0
    conversation.save(update_fields=["memory"])
    conversation.messages.filter(author=Author.CUSTOMER, turned_at__isnull=True).update(turned_at=clock.now())
    _tell(conversation)
    hand_over(
        conversation,
        queue="support",
        reason="failed",
        summary={"problem": type(problem).__name__},
        priority=1,
        by=assistant(conversation.brand_id),
    )
    return True


def _tell(conversation: Conversation) -> None:
    """The customer hears that a person takes over, unless it is the texts themselves that are broken."""
    try:
        texts = texts_for(conversation.brand)
        effects = [Say("", "hand_over.failed")]
        reply = compose(
            effects, wording(conversation, texts), customer_name=conversation.customer.name,
            brand_name=conversation.brand.name,
        )  # fmt: skip
    except (BadTexts, KeyError) as problem:
        log.error("conversation %s: no words for the hand-over: %s", conversation.number, problem)
        return
    say_as_assistant(
        conversation,
        text=reply.text,
        by=assistant(conversation.brand_id),
        language=conversation.language,
        why={"texts": list(reply.keys)},
    )
