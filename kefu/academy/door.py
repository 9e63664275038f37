"""The door of a conversation as a customer has it: a message in, the words and buttons of the answer out."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

from kefu.academy.play import Heard
from kefu.assistant.turn.run import take_turn
from kefu.desk.inbound import Inbound, InboundFile
from kefu.desk.models import Author, Channel, Conversation, Message, MessageKind, Owner, Verification
from kefu.desk.services import receive_message
from kefu.kernel.ids import new_id

#: the smallest picture there is: one grey point
PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000 3a7e9b550000000a49444154789c6360000000020001"
    "48afa4710000000049454e44ae426082"
)


@dataclass(slots=True)
class ChatDoor:
    """One chat conversation: the desk's intake and the assistant's turn, nothing beside them.

    customer: the shop's id of whoever is signed in; "" for a visitor nobody knows. `seconds`: what each turn took;
    `replies`: what the assistant said, message by message.
    """

    channel: Channel
    customer: str = ""
    public_id: str = field(default_factory=lambda: str(new_id()))
    seconds: list[float] = field(default_factory=list)
    replies: list[Message] = field(default_factory=list)
    conversation: Conversation | None = None

    def begin_anew(self) -> None:
        """The next message begins another conversation of the same writer, on a device of theirs we haven't seen."""
        self.public_id, self.conversation = str(new_id()), None

    def say(self, text: str = "", *, choice: str = "", with_photo: bool = False) -> Heard:
        """Send one message and wait for its answer. Raises what the desk and the turn raise."""
        began = perf_counter()
        message = receive_message(
            self.channel,
            Inbound(
                str(new_id()), f"visitor:{self.public_id}", text, choice=choice, conversation_id=self.public_id,
                files=(InboundFile("photo.png", PHOTO, "image/png"),) if with_photo else (),
                verification=Verification.CUSTOMER if self.customer else Verification.NONE,
                proven_customer=self.customer,
            ),
        )  # fmt: skip
        take_turn(message.conversation_id)
        self.seconds.append(perf_counter() - began)
        conversation = Conversation.objects.get(pk=message.conversation_id)
        self.conversation = conversation
        news = list(
            conversation.messages.filter(
                author=Author.ASSISTANT, kind=MessageKind.MESSAGE, pk__gt=message.pk
            ).order_by("pk")
        )  # fmt: skip
        self.replies += news
        choices = tuple((one["value"], one["label"]) for one in (news[-1].extras.get("choices") or ())) if news else ()
        return Heard("\n\n".join(one.text for one in news), choices, conversation.owner != Owner.ASSISTANT)
