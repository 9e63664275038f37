"""A make-believe shop page around the real widget, there only in the demo. Its visitors may come signed in, as they
would where a shop's own server signs who its customer is."""

from __future__ import annotations

import json
from dataclasses import dataclass

from babel.numbers import format_currency
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kefu.channels.chat.identity import signature
from kefu.channels.services import secrets_of
from kefu.commerce.models import Product, Variant
from kefu.desk.models import Channel
from kefu.kernel import clock
from kefu.people.models import Brand, Customer
from kefu.web.chat.pages import chat_channel, language_of

#: category -> a drawing's path and colour
DRAWINGS = {
    "jackets": ("M30 30l14-8h12l14 8 10 20-10 4-4-8v34H34V46l-4 8-10-4z", "#3d6b8e"),
    "backpacks": ("M28 42h44l4 40H24zM40 42v-8a10 10 0 0 1 20 0v8", "#6f7d43"),
    "shoes": ("M20 64V42l14 8 16-8 12 14 18 4v12H20z", "#5c4a86"),
    "shirts": ("M34 26h10a6 6 0 0 0 12 0h10l16 12-8 10-6-4v36H32V44l-6 4-8-10z", "#2f7a6b"),
    "tents": ("M12 78L50 22l38 56zM50 40L40 78h20z", "#a4573f"),
}
VISITORS = 2


@dataclass(frozen=True, slots=True)
class Goods:
    """One tile."""

    title: str
    price: str
    drawing: str
    color: str


@require_safe
def demo_shop(request: HttpRequest) -> HttpResponse:
    """/demo-shop/?language=zh&as=C-1001"""
    if not settings.KEFU_DEMO:
        raise Http404
    channel = chat_channel()
    language = language_of(request, channel)
    visitors = _visitors(channel.brand)
    visitor = next((one for one in visitors if one.external_id == request.GET.get("as")), None)
    facts = {
        "channel": channel,
        "chat_language": language,
        "goods": _goods(channel.brand, language),
        "visitors": visitors,
        "visitor": visitor,
        "identity": json.dumps(_identity(channel, visitor)) if visitor else "",
    }
    return render(request, "chat/demo_shop.html", facts)


def _goods(brand: Brand, language: str) -> list[Goods]:
    """Products of the brand's own catalogue, one of each category that has a drawing."""
    products = Product.objects.filter(brand=brand, is_sold=True, category__in=DRAWINGS)
    found = list(products.order_by("category", "pk").distinct("category"))
    cheapest = {
        variant.product_id: variant
        for variant in Variant.objects.filter(product__in=found).order_by("-price_minor", "pk")[:500]
    }
    locale = "zh_Hans_CN" if language == "zh" else "en_GB"
    tiles = []
    for product in found:
        drawing, color = DRAWINGS[product.category]
        if product.pk in cheapest:
            price = cheapest[product.pk].price
            shown = format_currency(price.amount, price.currency, locale=locale)
            tiles.append(Goods(product.title(language), shown, drawing, color))
    return tiles


def _visitors(brand: Brand) -> list[Customer]:
    """Whom one may come as: the first customers of the demo's stories, one a language."""
    known = Customer.objects.filter(brand=brand, external_id__startswith="C-").exclude(language="")
    by_language = known.order_by("language", "pk").distinct("language")
    return list(by_language[:VISITORS])


def _identity(channel: Channel, visitor: Customer) -> dict[str, str | int]:
    fields: dict[str, str | int] = {
        "customer": visitor.external_id or "",
        "email": visitor.email,
        "name": visitor.name,
        "exp": int(clock.now().timestamp()) + 3600,
    }
    secret = secrets_of(channel).get("identity", "")
    return fields | {"signature": signature(secret, channel=str(channel.public_id), **fields)}
