"""Passing moments (somebody writes, somebody is here): told to whoever listens now, kept nowhere."""

from __future__ import annotations

import json
from typing import Literal

from django.db import connection

from kefu.desk.models import Conversation

Moment = Literal["typing", "here", "gone", "read"]


def announce(what: Moment, conversation: Conversation, *, by: Literal["customer"] | int) -> None:
    """Tell the live streams. `by`: "customer", or an agent's id. Only ids travel.

    "typing" of an agent reaches the customer and the other agents; "here" and "gone" reach agents only. Say "here"
    again at least every 20 seconds while it holds; after 45 seconds without it the agent counts as gone.
    """
    told = {"type": what, "brand": conversation.brand_id, "conversation": conversation.pk, "by": by}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('kefu_presence', %s)", [json.dumps(told)])
