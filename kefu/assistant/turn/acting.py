"""Actions of one turn: each done once, in the turn's transaction, and the facts read anew when they have changed."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.perform import perform
from kefu.assistant.actions.registry import WRITES, actions
from kefu.assistant.engine.effects import Act, ActionResult, Deed
from kefu.assistant.facts import Facts
from kefu.assistant.gather import gather
from kefu.assistant.turn.cases import CaseRows
from kefu.desk.models import Conversation
from kefu.kernel import clock
from kefu.people.actors import Actor, assistant


class Performer:
    """What the dialogue calls for each Act."""

    def __init__(self, conversation: Conversation, rows: CaseRows, facts: Facts, *, named: Sequence[str],
                 by: Actor | None = None) -> None:  # fmt: skip
        """by: whose rights and limits count; the assistant's own when nobody is named."""
        self.conversation = conversation
        self.rows = rows
        self.facts = facts
        self.named = named
        self.by = by or assistant(conversation.brand_id)

    def perform(self, case_key: str, act: Act) -> tuple[ActionResult, Facts]:
        """Do one action under the key of its exact deed: the same case doing the same again gets the first result."""
        conversation = self.conversation
        case = self.rows.row(case_key)
        proof = (conversation.verification, tuple(conversation.memory.get("proved_orders", ())))
        call = self.call_of(case_key, self._key(case_key, act, case.pk if case else None))
        result = perform(call, act.action, act.args, confirmed=act.confirmed, amounts=act.amounts, step=act.step)
        self._remember(act, result)
        known = actions().get(act.action)
        has_written = result.ok and known is not None and known.kind is WRITES
        if has_written or proof != (conversation.verification, tuple(conversation.memory.get("proved_orders", ()))):
            self.facts = gather(conversation, language=self.facts.language, named=self.named)
        return result, self.facts

    def call_of(self, case_key: str, key: str) -> ActionCall:
        """The call of an action for this case, under the key of its deed."""
        conversation = self.conversation
        return ActionCall(
            actor=self.by,
            brand=conversation.brand,
            conversation=conversation,
            case=self.rows.known(case_key),
            customer=conversation.customer,
            key=key,
            facts=self.facts,
            now=clock.now(),
            language=self.facts.language,
        )

    def _remember(self, act: Act, result: ActionResult) -> None:
        """What the talk is about from here on: the products just told of, and the question; the next one may be no more
        than "and what is it made of?". Kept in the conversation's memory, which the turn saves."""
        if not result.ok:
            return
        about = dict(self.conversation.memory.get("about") or {})
        if products := result.value.get("about"):
            about["products"] = products
        if result.value.get("found") and act.args.get("question"):
            about["asked"] = str(act.args["question"])[:200]
        if about:
            self.conversation.memory["about"] = about

    def _key(self, case_key: str, act: Act, case_pk: int | None) -> str:
        deed = Deed(act.action, act.args, act.amounts).fingerprint()
        where = f"case:{case_pk}" if case_pk else f"talk:{self.conversation.pk}:{case_key}"
        return f"{where}:{act.step}:{deed}"[:100]
