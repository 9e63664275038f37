"""The customer's panel: who they are, how sure we are, what they bought, what is promised, what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from kefu.assistant.engine.playbook import Book
from kefu.commerce.models import Order, Shipment
from kefu.desk.models import Conversation, Task, Verification
from kefu.kernel import clock
from kefu.kernel.money import Money
from kefu.people.models import Customer
from kefu.web import moments
from kefu.web.desk import labels, order_words, packs, table_words
from kefu.web.desk.refs import ref_of
from kefu.web.desk.rows import State, state_of
from kefu.web.middleware import AgentRequest

ORDERS, EARLIER, TASKS, IDENTITIES = 8, 8, 20, 10


@dataclass(frozen=True, slots=True)
class ParcelShown:
    carrier: str
    number: str
    state: str
    is_bad: bool
    promised: str
    is_late: bool
    tracking: Sequence[tuple[datetime, str, str]]  # moment, what happened, where; newest first


@dataclass(frozen=True, slots=True)
class OrderShown:
    number: str
    marketplace: str
    state: str
    state_key: str
    is_proved: bool
    placed_at: datetime
    total: Money
    lines: Sequence[tuple[str, str, int]]  # title, size and colour, pieces
    parcels: Sequence[ParcelShown]
    returns: Sequence[tuple[str, str]]  # number, state
    is_open: bool


@dataclass(frozen=True, slots=True)
class EarlierShown:
    ref: str
    number: int
    snippet: str
    at: datetime
    state: State
    channel: str


@dataclass(frozen=True, slots=True)
class TaskShown:
    words: str
    department: str
    due_at: datetime | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Panel:
    name: str
    is_named: bool
    tier: str
    email: str
    phone: str
    language: str
    country: str
    since: datetime
    verification: State
    identities: Sequence[tuple[str, str]]  # channel, address
    orders: Sequence[OrderShown]
    has_more_orders: bool
    may_see_orders: bool
    tasks: Sequence[TaskShown]
    earlier: Sequence[EarlierShown]


def panel_of(request: AgentRequest, conversation: Conversation) -> Panel:
    """Everything beside the talk. Ten queries at most, each bounded."""
    customer = conversation.customer
    may_see = request.actor.may("commerce.see", brand_id=conversation.brand_id)
    orders = _orders(conversation) if may_see else []
    book = packs.book(conversation.brand) if orders else None
    now, language = clock.now(), request.LANGUAGE_CODE or "en"
    # what was proved in this thread says nothing of whoever writes now, once their own proof has fallen
    proved = _proved(conversation) if conversation.verification >= Verification.ORDER else []
    tasks = Task.objects.filter(
        conversation__customer_id=customer.pk, brand_id=conversation.brand_id, done_at__isnull=True
    )
    earlier = (
        request.conversations.filter(customer_id=customer.pk)
        .exclude(pk=conversation.pk)
        .select_related("channel", "assignee")
        .defer("memory")
        .order_by("-last_message_at")[:EARLIER]
    )
    return Panel(
        name=customer.name or customer.email or labels.visitor(conversation),
        is_named=bool(customer.name or customer.email),
        tier=customer.tier,
        email=customer.email,
        phone=customer.phone,
        language=labels.language(conversation.language or customer.language),
        country=labels.country(customer.country),
        since=_since(conversation.customer, [one for one in orders if one.customer_id == customer.pk]),
        verification=verification_of(conversation),
        identities=[
            (one.channel_kind, one.address if "@" in one.address else "")
            for one in customer.identities.order_by("pk")[:IDENTITIES]
        ],
        orders=[_order(order, book, language=language, is_first=n == 0, is_proved=order.number.upper() in proved)
            for n, order in enumerate(orders[:ORDERS])],
        has_more_orders=len(orders) > ORDERS,
        may_see_orders=may_see,
        tasks=[
            TaskShown(labels.task(task.kind), labels.queue(task.department), task.due_at, _is_over(task.due_at, now))
            for task in tasks.order_by("due_at", "pk")[:TASKS]
        ],
        earlier=[
            EarlierShown(
                ref_of(request, one), one.number, one.snippet, one.last_message_at,
                state_of(one, me=request.agent.pk), one.channel.kind,
            )
            for one in earlier
        ],
    )  # fmt: skip


def _since(customer: Customer, orders: Sequence[Order]) -> datetime:
    """The first sign of them: an order may be older than the day on which the shop's customers were brought in."""
    known = [one.placed_at for one in orders]
    if len(orders) > ORDERS:  # the oldest one isn't among those that are shown
        known += customer.orders.order_by("placed_at").values_list("placed_at", flat=True)[:1]
    return min([customer.created_at, *known])


def _is_over(due_at: datetime | None, now: datetime) -> bool:
    return due_at is not None and due_at < now


def verification_of(conversation: Conversation) -> State:
    """How sure we are of the writer, and what that means for what may be told."""
    if conversation.verification >= Verification.CUSTOMER:
        return State("customer", "verified", _("Verified"))
    if conversation.verification >= Verification.ORDER:
        return State("order", "verified", _("Verified for one order"))
    return State("none", "unverified", _("Not verified: tell nothing about orders yet"))


def _proved(conversation: Conversation) -> list[str]:
    return [str(number).upper() for number in conversation.memory.get("proved_orders", [])[:ORDERS]]


def _orders(conversation: Conversation) -> list[Order]:
    """The customer's newest orders; before them those that a stranger has proved to be theirs in this talk."""
    of_brand = Order.objects.filter(brand_id=conversation.brand_id).order_by("-placed_at", "-id")
    wanted = list(of_brand.filter(customer_id=conversation.customer_id).values_list("pk", flat=True)[: ORDERS + 1])
    proved = _proved(conversation)
    if proved:
        theirs = of_brand.annotate(upper_number=Upper("number")).filter(upper_number__in=proved)
        wanted += theirs.values_list("pk", flat=True)[:ORDERS]
    whole = of_brand.filter(pk__in=wanted).prefetch_related("lines__variant", "shipments__tracking", "returns")
    return sorted(whole, key=lambda order: order.number.upper() not in proved)


def _order(order: Order, book: Book | None, *, language: str, is_first: bool, is_proved: bool) -> OrderShown:
    short = language.partition("-")[0]
    return OrderShown(
        number=order.number,
        marketplace=table_words.marketplace(order.marketplace),
        state=order_words.order_state(order.state),
        state_key=order.state,
        is_proved=is_proved,
        placed_at=order.placed_at,
        total=order.total,
        lines=[
            (
                line.titles.get(short) or line.titles.get("en") or line.variant.sku,
                " · ".join(part for part in (line.variant.size, _color(line.variant.color, book, short)) if part),
                line.quantity,
            )
            for line in order.lines.all()
        ],
        parcels=[_parcel(parcel) for parcel in order.shipments.all()],
        returns=[(one.number, order_words.return_state(one.state)) for one in order.returns.all()],
        is_open=is_first,
    )


def _color(color: str, book: Book | None, language: str) -> str:
    """ "black" -> "黑色", where the pack has a word for it."""
    return book.label(f"color.{color}", language, color) if book and color else color


def _parcel(parcel: Shipment) -> ParcelShown:
    promised: date | None = parcel.promised_on
    is_late = bool(promised and not parcel.delivered_at and promised < clock.today())
    return ParcelShown(
        carrier=parcel.carrier,
        number=parcel.tracking_number,
        state=order_words.shipment_state(parcel.state),
        is_bad=parcel.state in ("lost", "customs_held") or is_late,
        promised=moments.here().date(promised) if promised and not parcel.delivered_at else "",
        is_late=is_late,
        tracking=[
            (event.at, order_words.tracking(event.code), event.place) for event in list(parcel.tracking.all())[::-1][:6]
        ],
    )
