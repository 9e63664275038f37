"""The inbox: which lists there are, their counts, and one page of one list.

Every read is bounded and goes over one of the partial indexes of kefu/desk/models.py: for each brand the newest
rows below the cursor, then the newest of those. Keyset paging, so that page 400 costs what page 1 costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.desk.models import Case, Conversation, Owner, Status
from kefu.kernel.errors import BadInput

PAGE = 40
#: counts are true up to here; above they read "1,000+"
COUNT_LIMIT = 1000

Rows = QuerySet[Conversation]


@dataclass(frozen=True, slots=True)
class InboxList:
    """`narrow` gets one brand's conversations and the agent's id. `empty` teaches the next step."""

    key: str
    title: object  # lazy text
    icon: str
    empty: object
    narrow: Callable[[Rows, int], Rows]


_open = ~Q(status=Status.CLOSED)

LISTS: dict[str, InboxList] = {
    one.key: one
    for one in (
        InboxList("mine", _("Mine"), "person",
                  _("Nothing on your desk. Take a conversation from Unassigned with the key t."),
                  lambda rows, me: rows.filter(_open, assignee_id=me)),
        InboxList("unassigned", _("Unassigned"), "waiting",
                  _("Nobody waits for a person. What the assistant hands over appears here by itself."),
                  lambda rows, me: rows.filter(_open, owner=Owner.QUEUE)),
        InboxList("pending", _("Waiting for customer"), "pending",
                  _("No answer is outstanding. Conversations you have answered wait here for the customer."),
                  lambda rows, me: rows.filter(status=Status.PENDING)),
        InboxList("assistant", _("Assistant"), "assistant",
                  _("The assistant is idle. Conversations it handles by itself are listed here."),
                  lambda rows, me: rows.filter(_open, owner=Owner.ASSISTANT)),
        InboxList("all", _("All"), "all",
                  _("No conversations yet. When a customer writes by chat or e-mail, it appears here."),
                  lambda rows, me: rows),
        InboxList("closed", _("Closed"), "closed",
                  _("Nothing has been closed yet. Close a conversation with the key e."),
                  lambda rows, me: rows.filter(status=Status.CLOSED)),
    )
}  # fmt: skip
FIRST = "mine"


class BadCursor(BadInput):
    """The address of this page is damaged. Open the list again."""

    code = "web.bad_cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends: the last row's moment and id. As text "<microseconds since 1970>-<id>"."""

    at: datetime
    pk: int

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises BadCursor."""
        micros, dash, pk = text.partition("-")
        if not (dash and micros.isascii() and micros.isdigit() and pk.isascii() and pk.isdigit()):
            raise BadCursor()
        if len(micros) > 17 or len(pk) > 18:
            raise BadCursor()
        seconds, rest = divmod(int(micros), 1_000_000)
        try:
            return cls(datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), int(pk))
        except (OverflowError, ValueError, OSError):
            raise BadCursor() from None

    def __str__(self) -> str:
        return f"{int(self.at.timestamp()) * 1_000_000 + self.at.microsecond}-{self.pk}"


@dataclass(frozen=True, slots=True)
class Page:
    conversations: Sequence[Conversation]
    next: Cursor | None


#: what a row of the list shows; the rest (the assistant's memory above all) stays in the database
_SHOWN = (
    "id", "public_id", "brand_id", "number", "customer__name", "customer__email", "customer__tier", "channel__kind",
    "identity__address", "assignee__name", "subject", "language", "status", "owner", "queue", "priority", "snippet",
    "last_message_at", "waiting_since",
)  # fmt: skip


def for_rows(conversations: Rows) -> Rows:
    """The columns a list's row needs, in one query."""
    return conversations.select_related("customer", "channel", "assignee", "identity").only(*_SHOWN)


def page_of(
    wanted: InboxList, *, conversations: Rows, brand_ids: Sequence[int], agent_id: int, before: Cursor | None = None
) -> Page:
    """Newest first, PAGE rows below `before`. Two queries, whatever the number of brands."""
    rows = conversations
    if before is not None:
        # the first condition is what the index can use, the second settles ties
        rows = rows.filter(last_message_at__lte=before.at).filter(
            Q(last_message_at__lt=before.at) | Q(pk__lt=before.pk)
        )
    # one branch a brand: an index on (brand, moment, id) gives its newest rows in order only for one brand at a time
    branches = [
        wanted.narrow(rows.filter(brand_id=brand_id), agent_id)
        .order_by("-last_message_at", "-pk")
        .values_list("last_message_at", "pk")[: PAGE + 1]
        for brand_id in brand_ids
    ]
    if not branches:
        return Page([], None)
    keys = branches[0] if len(branches) == 1 else branches[0].union(*branches[1:], all=True)
    found = list(keys.order_by("-last_message_at", "-pk")[: PAGE + 1] if len(branches) > 1 else keys)
    shown = for_rows(conversations.filter(pk__in=[pk for _at, pk in found[:PAGE]]))
    by_pk = {conversation.pk: conversation for conversation in shown}
    in_order = [by_pk[pk] for _at, pk in found[:PAGE] if pk in by_pk]
    more = Cursor(*found[PAGE - 1]) if len(found) > PAGE else None
    return Page(in_order, more)


def counts(*, conversations: Rows, agent_id: int, **besides: QuerySet[Any]) -> dict[str, int]:
    """How many in each list, and of `besides` under their names, counted no further than COUNT_LIMIT + 1. One round
    trip."""
    parts: list[str] = []
    params: list[str | int] = []
    wanted: dict[str, QuerySet[Any]] = {
        **{key: one.narrow(conversations, agent_id) for key, one in LISTS.items()},
        **besides,
    }
    for counted in wanted.values():
        sql, args = counted.order_by().values("pk")[: COUNT_LIMIT + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608  SQL made by Django, values apart
        params.extend(args)
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), params)
        found = cursor.fetchone()
    return dict(zip(wanted, found, strict=True))


def open_cases(conversation_ids: Sequence[int]) -> dict[int, Case]:
    """The newest case of each conversation, for the row's label. One query."""
    newest = (
        Case.objects.filter(conversation_id__in=conversation_ids)
        .order_by("conversation_id", "-id")
        .distinct("conversation_id")
        .only("id", "conversation_id", "playbook", "status")
    )
    return {case.conversation_id: case for case in newest}


def holds(wanted: InboxList, conversation: Conversation, *, conversations: Rows, agent_id: int) -> bool:
    """Whether this conversation stands in that list now."""
    return wanted.narrow(conversations.filter(pk=conversation.pk), agent_id).exists()
