"""An order's invoice, by the link the assistant gave: printable, of this order alone, gone when its days are over."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from kefu.assistant.actions.aftercare import InvoiceAsked, invoice_asked, invoices_of
from kefu.assistant.editions.working_texts import texts_for
from kefu.assistant.replies.figures import day, money
from kefu.commerce.models import Order, PaymentState
from kefu.kernel.money import Money

#: lines of one invoice; an order has far fewer
LINES_AT_MOST = 200
LONGEST_TOKEN = 2_000


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    title: str
    sku: str
    quantity: int
    price: str
    amount: str


@require_safe
def invoice(request: HttpRequest, token: str) -> HttpResponse:
    """The invoice in the customer's language, in English with ?in=en. A link that was made up, is over or was called
    off gets the same 404."""
    asked = invoice_asked(token) if len(token) <= LONGEST_TOKEN else None
    if asked is None:
        raise Http404("no such invoice")
    texts = texts_for(asked.order.brand)
    language = "en" if request.GET.get("in") == "en" else asked.language
    language = language if language in texts.by_language else "en"
    answer = render(request, "invoices/invoice.html", invoice_of(asked, language))
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"  # the address is the key
    patch_cache_control(answer, private=True, no_store=True)
    return answer


def invoice_of(asked: InvoiceAsked, language: str) -> dict[str, Any]:
    """What the page shows. Amounts are with tax; the tax in them is told where the brand has said its rate for the
    country the goods went to. Three queries."""
    order, issuer, texts = asked.order, invoices_of(asked.order.brand), texts_for(asked.order.brand)

    def say(key: str, **values: object) -> str:
        return texts.template(f"bill.{key}", language).format(**values)

    def sum_of(minor: int) -> str:
        return money(Money(minor, order.currency), language)

    lines = [
        InvoiceLine(
            title=one.titles.get(language) or one.titles.get("en") or next(iter(one.titles.values()), ""),
            sku=one.variant.sku, quantity=one.quantity, price=sum_of(one.unit_price_minor),
            amount=sum_of(one.quantity * one.unit_price_minor),
        )
        for one in order.lines.select_related("variant").order_by("position")[:LINES_AT_MOST]
    ]  # fmt: skip
    paid = [one for one in order.payments.all()[:LINES_AT_MOST] if one.state == PaymentState.PAID]
    refunded = sum(one.refunded_minor for one in paid)
    sums = [(say("shipping"), sum_of(order.shipping_minor))] if order.shipping_minor else []
    if order.discount_minor:
        sums.append((say("discount"), sum_of(-order.discount_minor)))
    ends = [(say("paid"), sum_of(sum(one.amount_minor for one in paid)))]
    if refunded:
        ends.append((say("refunded"), sum_of(-refunded)))
    zone = order.brand.zone
    placed_on = order.placed_at.astimezone(zone).date()
    return {
        "order": order, "language_shown": language, "own_language": asked.language, "say": say, "lines": lines,
        "seller": str(issuer["seller"]), "tax_number": str(issuer.get("tax_number", "")),
        "register": str(issuer.get("register", "")), "note": str(issuer.get("note", "")),
        "placed_on": day(placed_on, language, today=placed_on), "sums": sums, "total": sum_of(order.total_minor),
        "taxes": _taxes(order, issuer, say, sum_of), "ends": ends,
        "billed_to": asked.billed_to or _address(order), "sent_to": _address(order) if asked.billed_to else "",
        "until": day(asked.until, language, today=placed_on),
    }  # fmt: skip


def _taxes(order: Order, issuer: dict[str, Any], say: Any, sum_of: Any) -> list[tuple[str, str]]:
    """Net and tax within the total, by the brand's rate for the country; [] where it has none."""
    rates = issuer.get("tax_percent")
    percent = rates.get(order.country) if isinstance(rates, dict) else None
    if isinstance(percent, bool) or not isinstance(percent, int | float) or percent <= 0:
        return []
    share = Decimal(str(percent)) / (100 + Decimal(str(percent)))
    tax = int((order.total_minor * share).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return [(say("net"), sum_of(order.total_minor - tax)), (say("tax", percent=f"{percent:g}"), sum_of(tax))]


def _address(order: Order) -> str:
    """The address as it stands on the order, a line each."""
    told = order.address
    city = " ".join(part for part in (order.postcode, told.get("city", "")) if part)
    parts = (told.get("name") or order.customer.name, told.get("street"), told.get("street2"), city,
             told.get("region"), order.country)  # fmt: skip
    return "\n".join(str(part) for part in parts if part)
