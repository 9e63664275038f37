"""How an address names a conversation: brand and number, "lumen-1042"; a bare number where that is not ambiguous."""

from __future__ import annotations

from functools import cache

from django.http import Http404
from django.urls import reverse

from kefu.desk.models import Conversation
from kefu.web.middleware import AgentRequest


class RefConverter:
    regex = r"(?:[a-z0-9_-]+-)?[0-9]{1,18}"

    def to_python(self, value: str) -> tuple[str, int]:
        slug, _dash, number = value.rpartition("-")
        return slug, int(number)

    def to_url(self, value: tuple[str, int] | str) -> str:
        return value if isinstance(value, str) else f"{value[0]}-{value[1]}"


@cache
def _address() -> str:
    return reverse("desk:inbox") + "conversations/"


def address_of(ref: str) -> str:
    """The page of a conversation. Put together here: a list needs it forty times, and reverse() is slow."""
    return f"{_address()}{ref}/"


def ref_of(request: AgentRequest, conversation: Conversation) -> str:
    return f"{request.brands[conversation.brand_id].slug}-{conversation.number}"


def find(request: AgentRequest, ref: tuple[str, int], *related: str) -> Conversation:
    """The conversation, if it is one of the brands this agent serves. Raises Http404 in every other case alike."""
    slug, number = ref
    brands = [pk for pk, brand in request.brands.items() if not slug or brand.slug == slug]
    rows = request.conversations.filter(brand_id__in=brands, number=number)
    found = list(rows.select_related("customer", "channel", "identity", "assignee", *related)[:2])
    if len(found) != 1:
        raise Http404("no such conversation at this desk")
    found[0].brand = request.brands[found[0].brand_id]
    return found[0]
