"""A conversation in which actions are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kefu.assistant.actions import ActionCall, perform
from kefu.assistant.engine.effects import ActionResult, Deed
from kefu.assistant.gather import gather
from kefu.desk.inbound import Inbound
from kefu.desk.models import Channel, Conversation, Verification
from kefu.desk.services import receive_message
from kefu.kernel import clock
from kefu.people.actors import assistant
from kefu.people.models import Customer


@pytest.fixture
def talk(held_clock: Any, chat_channel: Channel, mira: Customer) -> Conversation:
    """Mira, signed in: everything of hers may be seen."""
    inbound = Inbound(external_id="1", address="visitor-1", text="hi", proven_email=mira.email,
                      verification=Verification.CUSTOMER)  # fmt: skip
    return receive_message(chat_channel, inbound).conversation


@pytest.fixture
def stranger_talk(held_clock: Any, chat_channel: Channel) -> Conversation:
    """Somebody of whom nothing is known."""
    return receive_message(chat_channel, Inbound(external_id="2", address="visitor-2", text="hi")).conversation


def a_call(conversation: Conversation, key: str = "deed-1") -> ActionCall:
    """The call with facts as they are now."""
    conversation = Conversation.objects.select_related("brand", "customer", "channel", "identity").get(
        pk=conversation.pk
    )
    return ActionCall(
        actor=assistant(conversation.brand_id), brand=conversation.brand, conversation=conversation, case=None,
        customer=conversation.customer, key=key, facts=gather(conversation, language="en"), now=clock.now(),
        language="en",
    )  # fmt: skip


Do = Callable[..., ActionResult]


@pytest.fixture
def do() -> Do:
    """Perform with a yes to exactly this deed, unless `confirmed` says otherwise."""

    def do(
        conversation: Conversation, action: str, args: dict[str, Any], *, key: str = "deed-1", **more: Any
    ) -> ActionResult:
        call = a_call(conversation, key)
        if "language" in more:
            call = replace(call, language=more.pop("language"))
        confirmed = more.pop("confirmed", Deed(action, args, more.get("amounts") or {}).fingerprint())
        return perform(call, action, args, confirmed=confirmed, step="step", **more)

    return do
