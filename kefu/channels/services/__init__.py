"""This room's verbs: connecting channels, taking in what they bring, sending what leaves."""

from kefu.channels.services.connecting import (
    adapter_of,
    all_well,
    create_channel,
    in_trouble,
    secrets_of,
    switch,
    update_channel,
)
from kefu.channels.services.delivering import deliver, find_stranded, mark_bounced, send_again
from kefu.channels.services.receiving import (
    keep_mail,
    keep_webhook,
    mailbox_of,
    quarantined,
    quarantined_webhooks,
    read_again,
    read_mail,
    read_webhook,
)

__all__ = [
    "adapter_of",
    "all_well",
    "create_channel",
    "deliver",
    "find_stranded",
    "in_trouble",
    "keep_mail",
    "keep_webhook",
    "mailbox_of",
    "mark_bounced",
    "quarantined",
    "quarantined_webhooks",
    "read_again",
    "read_mail",
    "read_webhook",
    "secrets_of",
    "send_again",
    "switch",
    "update_channel",
]
