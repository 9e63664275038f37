"""After the sale: warranty and repair, the invoice, where a refund is, what customers think of the goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.core import signing

from kefu.assistant.actions.arguments import BilledTo, LineRef, OrderRef, Photo, Question
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.errors import LineNotFound
from kefu.assistant.actions.registry import READS, WRITES, action
from kefu.assistant.actions.remedies import METHODS, Cause
from kefu.assistant.actions.values import Localised
from kefu.assistant.checks.values import working_days_after
from kefu.assistant.editions.working_tables import remedies_for
from kefu.assistant.remedies.plan import bought_line, days_since_arrival, guarantee_until
from kefu.assistant.remedies.sentiment import sentiment_of
from kefu.commerce import errors, services
from kefu.commerce.models import Order, OrderState, Refund, RefundState
from kefu.desk import events
from kefu.desk.models import Verification
from kefu.desk.services import add_to_task
from kefu.kernel.errors import Refused
from kefu.kernel.money import Money
from kefu.people.models import Brand

FEEDBACK_GIVEN = "assistant.feedback_given"
#: the longest a refund takes to show, working days after it left, by payment method. Card: card schemes' own guidance
#: of 5 to 10 business days; the wallets' help pages; bank transfer: Directive (EU) 2015/2366 (PSD2), art. 83, one day,
#: and two for the banks' own clocks. Read 2026-03-01; a brand's terms (refund_days_card and the like) go before.
REFUND_DAYS = {"card": 10, "apple_pay": 10, "paypal": 5, "alipay": 5, "wechat_pay": 5, "bank_transfer": 3,
               "invoice": 5, "klarna": 14}  # fmt: skip
#: for any other method
SLOWEST_REFUND_DAYS = 10
#: the links to invoices are signed with this; days they are good for
INVOICE_SALT, INVOICE_LINK_DAYS = "commerce.invoice", 30


# ---- warranty ----


@dataclass(frozen=True, slots=True)
class Warranty:
    """found: whether the guarantee still runs. until: its last day; guarantee_rule: what says so."""

    found: bool
    item: Localised
    order_number: str
    arrived_on: date
    until: date
    guarantee_rule: str


@dataclass(frozen=True, slots=True)
class RepairOpened:
    item: Localised
    order_number: str
    repair_number: str


@action(name="warranty.look_up", kind=READS, verification=Verification.ORDER)
def warranty(call: ActionCall, *, line: LineRef) -> Warranty:
    """Until when the seller answers for faults of an order line: the product's warranty, or the law."""
    fact = line.fact(call)
    order = call.facts.order_of_line(fact.ref)
    if order is None:
        raise LineNotFound(line=fact.ref)
    until, rule = guarantee_until(remedies_for(call.brand), bought_line(call, fact), fact, order, call.facts)
    days = days_since_arrival(call.facts, fact, order)
    arrived_on = date.fromordinal(call.facts.today.toordinal() - days)
    return Warranty(
        found=call.facts.today <= until, item=Localised(fact.titles), order_number=order.number, arrived_on=arrived_on,
        until=until, guarantee_rule=rule,
    )  # fmt: skip


@action(
    name="warranty.open_repair", kind=WRITES, verification=Verification.ORDER,
    refusals=(errors.RemediedAlready.code, errors.NotDelivered.code, errors.TooManyPieces.code),
)  # fmt: skip
def open_repair(
    call: ActionCall, *, line: LineRef, cause: Cause | None = None, photo: Photo | None = None
) -> RepairOpened:
    """Open the repair of one piece under the guarantee; the service's task is the playbook's.

    Raises RemediedAlready, NotDelivered, TooManyPieces.
    """
    own = line.resolve(call)
    opened = services.begin_repair(
        own, cause=cause or "defective", quantity=1, by=call.actor, key=call.key, rule=call.rule
    )
    fact = line.fact(call)
    return RepairOpened(Localised(fact.titles), own.order.number, f"{own.order.number}-S{opened.pk}")


# ---- money that is on its way ----


@dataclass(frozen=True, slots=True)
class RefundOnItsWay:
    """found: False when the money should have arrived by now, or its payment failed. due_on: the last day it takes.

    reference: what the bank can look the money up by, else the refund's own number.
    """

    found: bool
    order_number: str
    refund: Money
    method: dict[str, str]
    sent_on: date
    due_on: date
    reference: str


@action(name="billing.refund_on_its_way", kind=READS, verification=Verification.ORDER)
def refund_on_its_way(call: ActionCall, *, order: OrderRef) -> RefundOnItsWay:
    """The newest refund of an order: when it left, and by when it shows with this payment method."""
    fact = order.fact(call)
    own = order.resolve(call)
    made = Refund.objects.filter(payment__order=own).select_related("payment").order_by("-at", "-id")
    newest = made.first()
    if newest is None:  # said by the check before; between the two somebody may have mended the data
        today = call.facts.today
        return RefundOnItsWay(False, own.number, fact.refunded, _method(""), today, today, "")
    sent_on = newest.at.astimezone(call.facts.zone).date()
    name = newest.payment.method
    days = int(call.facts.terms.get(f"refund_days_{name}", REFUND_DAYS.get(name, SLOWEST_REFUND_DAYS)))
    due_on = working_days_after(sent_on, days)
    is_in_time = call.facts.today <= due_on and newest.state != RefundState.FAILED
    return RefundOnItsWay(
        is_in_time, own.number, fact.refunded, _method(name), sent_on, due_on, f"{own.number}-E{newest.pk}"
    )


def _method(name: str) -> dict[str, str]:
    return {"key": f"method.{name if name in METHODS else 'other'}"}


# ---- invoices ----


@dataclass(frozen=True, slots=True)
class Invoice:
    """found: whether the brand issues invoices by link; else finance writes it. link: good until `until`."""

    found: bool
    order_number: str
    link: str
    until: date
    billed_to: str


class NothingToInvoice(Refused):
    """The order is not paid, or was cancelled; there is no invoice to write."""

    code = "billing.nothing_to_invoice"
    tells_customer = "invoice.nothing"


@action(name="billing.request_invoice", kind=READS, verification=Verification.ORDER, refusals=(NothingToInvoice.code,))
def request_invoice(call: ActionCall, *, order: OrderRef, details: BilledTo | None = None) -> Invoice:
    """A signed link to the order's printable invoice, where the brand issues them so (settings.invoices).

    details: company, address and VAT number to write it out to. Raises NothingToInvoice.
    """
    own = order.resolve(call)
    if own.state in (OrderState.UNPAID, OrderState.CANCELLED):
        raise NothingToInvoice(order=own.number, state=own.state)
    billed_to = details.value[:500] if details else ""
    until = date.fromordinal(call.facts.today.toordinal() + INVOICE_LINK_DAYS)
    if not invoices_of(call.brand):
        return Invoice(False, own.number, "", until, billed_to)
    return Invoice(True, own.number, invoice_link(own, billed_to, call.language), until, billed_to)


def invoice_link(order: Order, billed_to: str, language: str) -> str:
    """The address of an order's invoice (kefu/web/invoices.py); nobody can make one up, and it ends with its days."""
    told = {"order": order.pk, "to": billed_to, "in": language}
    return f"{settings.KEFU_URL}/invoices/{signing.dumps(told, salt=INVOICE_SALT, compress=True)}/"


@dataclass(frozen=True, slots=True)
class InvoiceAsked:
    """What a link says: of which order, made out to whom ("" the customer), in which language, and its last day."""

    order: Order
    billed_to: str
    language: str
    until: date


def invoice_asked(token: str) -> InvoiceAsked | None:
    """What a link is for; None for one that was made up or is over, for an order that is no longer paid, and for a
    brand that has stopped issuing invoices by link."""
    days = timedelta(days=INVOICE_LINK_DAYS)
    try:
        told = signing.loads(token, salt=INVOICE_SALT, max_age=days)
    except signing.BadSignature:
        return None
    own = Order.objects.select_related("brand", "customer").filter(pk=told["order"]).first()
    if own is None or own.state in (OrderState.UNPAID, OrderState.CANCELLED) or not invoices_of(own.brand):
        return None
    return InvoiceAsked(
        own, told["to"], told.get("in", "en"), (_made_at(token) + days).astimezone(own.brand.zone).date()
    )


def _made_at(token: str) -> datetime:
    return datetime.fromtimestamp(signing.b62_decode(token.rsplit(":", 2)[1]), tz=UTC)


def invoices_of(brand: Brand) -> dict[str, Any]:
    """The brand's setting of invoices, {} where it issues none by link: docs/reference/invoices.md."""
    found = brand.settings.get("invoices")
    return found if isinstance(found, dict) and found.get("seller") else {}


# ---- what customers think ----


@dataclass(frozen=True, slots=True)
class Recorded:
    """sentiment: positive, negative or neutral."""

    sentiment: str


@dataclass(frozen=True, slots=True)
class FaultReported:
    """reports: how many of this product's faults the product department has been told of this week."""

    reports: int


@action(name="feedback.record", kind=WRITES)
def record_feedback(call: ActionCall, *, words: Question) -> Recorded:
    """Keep praise, a suggestion or criticism as an event, with the product the talk is about."""
    sentiment = sentiment_of(words.value, pack=call.brand.pack)
    about = call.conversation.memory.get("about") or {}
    products = about.get("products") if isinstance(about, dict) else None
    events.record(
        FEEDBACK_GIVEN, call.conversation, by=call.actor, case=call.case,
        words=words.value[:500], sentiment=sentiment, products=products or [], language=call.language,
    )  # fmt: skip
    return Recorded(sentiment)


@action(name="feedback.report_fault", kind=WRITES, verification=Verification.ORDER)
def report_fault(call: ActionCall, *, line: LineRef, cause: Cause) -> FaultReported:
    """Tell whoever can mend it, once a week and product: the warehouse of wrong and missing pieces, the product
    department of everything else. Further reports are added to the week's task."""
    fact = line.fact(call)
    own = bought_line(call, fact)
    year, week, _ = call.facts.today.isocalendar()
    department: Literal["warehouse", "product"] = "warehouse" if cause in ("wrong_item", "missing") else "product"
    report: dict[str, Any] = {"line": fact.ref, "cause": cause}
    task = add_to_task(
        call.conversation, department=department, kind="fault_report",
        key=f"fault:{department}:{own.variant.product_id}:{year}-{week}", report=report,
        facts={"item": {"text": dict(fact.titles)}, "sku": fact.sku}, by=call.actor, case=call.case,
    )  # fmt: skip
    return FaultReported(len(task.facts.get("reports", [])))
