"""What channels refuse."""

from __future__ import annotations

from kefu.kernel.errors import BadInput, Refused


class BadSettings(BadInput):
    """These settings cannot work. Correct the fields named."""

    code = "channels.bad_settings"
    fields: dict[str, list[str]]


class NotAuthentic(Refused):
    """This call does not come from the channel's provider. Compare the secret here with the one set there."""

    code = "channels.not_authentic"


class NoSuchChannel(Refused):
    """There is no such channel, or it is switched off."""

    code = "channels.no_such_channel"


class NotSendable(Refused):
    """This message is not waiting for a decision: it is on its way, sent, or held back for good."""

    code = "channels.not_sendable"
