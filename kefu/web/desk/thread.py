"""The talk as it is read: messages, notes and what happened between them, in order, with a line where a day begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext as _

from kefu.assistant.engine.playbook import Book
from kefu.desk import events
from kefu.desk.models import Attachment, Author, Conversation, Delivery, DeliveryState, Event, Message, MessageKind
from kefu.web import moments
from kefu.web.desk import deed_words, heard_words, labels, order_words, packs, walked_words
from kefu.web.desk.cases import reading_language
from kefu.web.desk.rows import State

#: messages shown at once; earlier ones on request
PAGE = 60
FACTS_LIMIT = 200

#: what is told as a thin line between the messages
_TOLD = (
    events.CONVERSATION_TAKEN_OVER, events.CONVERSATION_ASSIGNED, events.CONVERSATION_HANDED_OVER,
    events.CONVERSATION_HANDED_BACK, events.CONVERSATION_CLOSED, events.CONVERSATION_REOPENED,
    events.IDENTITY_PROVEN, events.TASK_CREATED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    public_id: str
    name: str
    size: str
    is_image: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the thread. `kind`: message, note, fact or day; `side`: customer, agent, assistant, system.

    `rev` changes when what is shown changes, so that a live update touches only what is new.
    """

    key: str
    kind: str
    at: datetime
    rev: str = ""
    pk: int = 0
    side: str = ""
    who: str = ""
    agent_id: int = 0
    text: str = ""
    language: str = ""
    day: str = ""
    icon: str = ""
    has_html: bool = False
    files: Sequence[File] = ()
    choices: Sequence[str] = ()
    is_choice: bool = False
    delivery: State | None = None
    delivery_pk: int = 0
    delivery_problem: str = ""
    may_resend: bool = False
    has_why: bool = False
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Thread:
    entries: Sequence[Entry]
    newest: int
    #: id of the oldest message shown when there are earlier ones, else 0
    earlier_than: int
    #: who of us spoke last, for "… has just answered"
    last_speaker: str


def thread_of(conversation: Conversation, *, before: int | None = None) -> Thread:
    """The newest PAGE messages (below `before`) with the facts of that stretch. Three queries."""
    rows = (
        conversation.messages.select_related("agent", "delivery").prefetch_related("attachments").defer("why", "html")
    )
    rows = rows.annotate(
        has_html=ExpressionWrapper(~Q(html=""), BooleanField()), has_why=ExpressionWrapper(~Q(why={}), BooleanField())
    )
    if before is not None:
        rows = rows.filter(pk__lt=before)
    newest_first = list(rows.order_by("-pk")[: PAGE + 1])
    more = len(newest_first) > PAGE
    messages = newest_first[:PAGE][::-1]
    told = _facts(conversation, messages, is_first=before is None, is_all=not more)
    entries = sorted([_message_entry(message) for message in messages] + told, key=lambda entry: (entry.at, entry.pk))
    ours = [
        message for message in messages if message.author != Author.CUSTOMER and message.kind == MessageKind.MESSAGE
    ]
    return Thread(
        entries=_with_days(entries),
        newest=max((message.pk for message in messages), default=0),
        earlier_than=messages[0].pk if more else 0,
        last_speaker=_who(ours[-1]) if ours else "",
    )


def _facts(conversation: Conversation, messages: Sequence[Message], *, is_first: bool, is_all: bool) -> list[Entry]:
    told = Event.objects.filter(conversation=conversation, kind__in=_TOLD).order_by("-pk")
    if messages and not is_all:
        told = told.filter(at__gte=messages[0].created_at)
    if messages and not is_first:
        told = told.filter(at__lte=messages[-1].created_at)
    book = packs.book(conversation.brand)
    return [_fact_entry(event, book) for event in told[:FACTS_LIMIT]]


def _with_days(entries: Sequence[Entry]) -> list[Entry]:
    said = moments.here()
    shown: list[Entry] = []
    last = ""
    for entry in entries:
        day = said.day(entry.at)
        if day != last:
            shown.append(
                Entry(key=f"day-{entry.at.astimezone(said.zone):%Y%m%d}", kind="day", at=entry.at, rev=day, day=day)
            )
            last = day
        shown.append(entry)
    return shown


def _who(message: Message) -> str:
    if message.author == Author.AGENT:
        return message.agent.name if message.agent else _("A former colleague")
    if message.author == Author.ASSISTANT:
        return _("Assistant")
    return ""


def _message_entry(message: Any) -> Entry:
    """`message` carries has_html and has_why besides its columns."""
    delivery: Delivery | None = getattr(message, "delivery", None)
    state = delivery_state(delivery) if delivery else None
    files = [file_of(file) for file in message.attachments.all()]
    choices = message.extras.get("choices") or ()
    return Entry(
        key=f"message-{message.pk}",
        kind=message.kind,
        at=message.created_at,
        rev=f"{state.key if state else ''}.{len(files)}.{message.has_why:d}",
        pk=message.pk,
        side=message.author,
        who=_who(message),
        agent_id=message.agent_id or 0,
        text=message.text,
        language=message.language,
        has_html=message.has_html,
        files=files,
        choices=[str(one.get("label", "")) for one in choices if isinstance(one, dict)],
        is_choice=bool(message.extras.get("choice")),
        delivery=state,
        delivery_pk=delivery.pk if delivery else 0,
        delivery_problem=delivery.problem if delivery else "",
        may_resend=bool(delivery and delivery.state in (DeliveryState.FAILED, DeliveryState.UNCERTAIN)),
        has_why=message.has_why,
    )


def delivery_state(delivery: Delivery) -> State:
    states = {
        DeliveryState.PENDING: State("pending", "waiting", _("Sending")),
        DeliveryState.HANDING_OVER: State("pending", "waiting", _("Sending")),
        DeliveryState.SENT: State("sent", "sent", _("Sent")),
        DeliveryState.FAILED: State("failed", "trouble", _("Not sent")),
        DeliveryState.UNCERTAIN: State("uncertain", "trouble", _("Perhaps sent: the line broke while sending")),
        DeliveryState.WITHHELD: State("withheld", "refused", _("Withheld: a person took over before it left")),
    }
    return states[DeliveryState(delivery.state)]


SHOWN_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def file_of(file: Attachment) -> File:
    kilobytes = max(1, round(file.size / 1024))
    said = moments.here()
    size = f"{said.number(kilobytes)} kB" if kilobytes < 1024 else f"{said.number(round(kilobytes / 1024))} MB"
    return File(str(file.public_id), file.name, size, file.content_type in SHOWN_IMAGES)


def _fact_entry(event: Event, book: Book | None) -> Entry:
    icon, sentence = _sentence(event)
    summary = event.facts.get("summary") if isinstance(event.facts.get("summary"), dict) else {}
    return Entry(
        key=f"event-{event.pk}", kind="fact", at=event.at, rev="1", text=sentence, icon=icon,
        facts=summary_lines(summary, book),
    )  # fmt: skip


def summary_lines(summary: Mapping[str, Any], book: Book | None = None) -> list[tuple[str, str]]:
    """What the assistant knew when it called for a person, (name, value) pairs; see engine.summary. book: names the
    steps it has tried."""
    language = reading_language()
    tried = "; ".join(
        walked_words.step(str(one.get("step", "")), "check", str(one.get("outcome", "")), book, language)
        if isinstance(one, dict) else str(one)
        for one in summary.get("tried", []) or []
    )  # fmt: skip
    known = summary.get("known", "")
    if isinstance(known, dict):
        known = "; ".join(
            f"{deed_words.fact(str(name))}: {deed_words.held(str(name), one, book, language)}"
            for name, one in list(known.items())[:12]
        )
    told = [
        (_("Wish"), labels.playbook(str(summary["wish"])) if summary.get("wish") else ""),
        (_("Order"), readable(summary.get("order", ""))),
        (_("How it stands"), _standing(summary)),
        (_("Known"), readable(known)),
        (_("Also said"), readable(summary.get("heard", ""))),
        (_("Tried"), tried),
        (_("Mood"), heard_words.mood(str(summary.get("mood", "") or ""))),
    ]
    shown = {"wish", "order", "orders", "standing", "known", "heard", "tried", "mood"}
    shown |= {"playbook", "step", "reason", "verified"}
    told += [
        (labels.words(str(name)), readable(value)) for name, value in list(summary.items())[:20] if name not in shown
    ]
    return [(name, value) for name, value in told if value]


def _standing(summary: Mapping[str, Any]) -> str:
    """The order meant and its parcels in words, else the newest orders; "" for summaries without either."""
    order = summary.get("standing")
    if not isinstance(order, dict):
        orders = [one for one in summary.get("orders") or () if isinstance(one, dict)]
        return ", ".join(
            f"{one.get('order', '')}: {order_words.order_state(str(one.get('state', '')))}" for one in orders
        )
    parts = [
        order_words.order_state(str(order.get("state", ""))),
        readable(order.get("items", "")),
        order.get("total", ""),
    ]
    if order.get("refunded"):
        parts.append(_("%(amount)s paid back") % {"amount": order["refunded"]})
    for parcel in order.get("parcels") or ():
        on, _space, code = str(parcel.get("last", "")).partition(" ")
        code, _space, place = code.partition(" ")
        last = " ".join(filter(None, (on, order_words.tracking(code), place)))
        named = " ".join(filter(None, (str(parcel.get("carrier", "")), str(parcel.get("tracking_number", "")))))
        due = _("promised for %(day)s") % {"day": parcel["promised_on"]} if parcel.get("promised_on") else ""
        told = [order_words.shipment_state(str(parcel.get("state", ""))), last, due]
        parts.append(f"{named} ({', '.join(filter(None, told))})")
    parts.append(readable(order.get("returns", "")))
    return "; ".join(str(one) for one in parts if one)


def readable(value: Any) -> str:
    """A JSON value for a person's eyes, at most 300 characters."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        text = "; ".join(f"{labels.words(str(name))}: {readable(one)}" for name, one in list(value.items())[:12])
    elif isinstance(value, list | tuple):
        text = ", ".join(readable(one) for one in value[:12])
    else:
        text = "" if value is None else str(value)
    return text if len(text) <= 300 else text[:299] + "…"


def _sentence(event: Event) -> tuple[str, str]:
    who = _("The assistant") if event.actor_kind == "assistant" else event.actor_name
    facts = {name: value for name, value in event.facts.items() if isinstance(value, str | int)}
    queue = labels.queue(str(facts.get("queue", "")))
    told = {
        events.CONVERSATION_TAKEN_OVER: ("take", _("%(who)s took over")),
        events.CONVERSATION_ASSIGNED: ("person", _("%(who)s gave it to %(to)s")),
        events.CONVERSATION_HANDED_OVER: ("waiting", _("%(who)s called for a person (%(queue)s): %(reason)s")),
        events.CONVERSATION_HANDED_BACK: ("hand-back", _("%(who)s gave it back to the assistant")),
        events.CONVERSATION_CLOSED: ("closed", _("%(who)s closed it: %(disposition)s")),
        events.CONVERSATION_REOPENED: ("reply", _("Open again")),
        events.IDENTITY_PROVEN: ("verified", _("The customer has proved who they are")),
        events.TASK_CREATED: ("task", _("Task for %(department)s: %(task)s")),
    }
    icon, text = told[event.kind]
    return icon, text % {
        "who": who,
        "to": facts.get("to_name", ""),
        "queue": queue,
        "reason": labels.reason(str(facts.get("reason", ""))),
        "disposition": labels.disposition(str(facts.get("disposition", ""))),
        "department": labels.queue(str(facts.get("department", ""))),
        "task": labels.task(str(facts.get("task_kind", ""))),
    }
