"""What the desk can refuse."""

from __future__ import annotations

from kefu.kernel.errors import BadInput, Refused


class ConversationClosed(Refused):
    """The conversation is closed. Reopen it first."""

    code = "desk.conversation_closed"


class OwnedByOther(Refused):
    """A colleague has this conversation. Take it over first, or leave a note."""

    code = "desk.owned_by_other"


class SomebodyAnswered(Refused):
    """Somebody has answered since you opened the conversation. Read the answer, then send yours if it still fits."""

    code = "desk.somebody_answered"


class AssistantSilenced(Refused):
    """A person owns the conversation, so the assistant says nothing."""

    code = "desk.assistant_silenced"


class EmptyMessage(BadInput):
    """There is nothing in this message. Write something or add a file."""

    code = "desk.empty_message"


class MessageTooLong(BadInput):
    """The message is too long. Shorten it or send it as a file."""

    code = "desk.message_too_long"


class ChannelOff(Refused):
    """This channel is switched off. Switch it on under Channels."""

    code = "desk.channel_off"


class NoSuchColleague(Refused):
    """This colleague does not serve the brand. Choose one who has a seat there."""

    code = "desk.no_such_colleague"


class NoSuchFile(BadInput):
    """The file is not there any more, or belongs to another conversation. Upload it again."""

    code = "desk.no_such_file"
