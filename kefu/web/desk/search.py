"""Search: conversation number, order number, name or e-mail. Each branch goes over an index and stops early."""

from __future__ import annotations

import re
import unicodedata

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kefu.commerce.queries import find_order
from kefu.desk.models import Conversation
from kefu.people.models import Customer, Identity
from kefu.web.desk import inbox, lists, rows, shell
from kefu.web.desk.forms import SearchForm
from kefu.web.middleware import AgentRequest

FOUND = 40
CUSTOMERS = 60


def find_conversations(request: AgentRequest, said: str) -> list[Conversation]:
    """At most FOUND conversations, newest first. Six queries at most, and two more for each brand served."""
    said = " ".join(unicodedata.normalize("NFKC", said).replace("\x00", "").split())
    if not said:
        return []
    wanted = Q(pk__in=[])
    if number := re.fullmatch(r"#?(\d{1,18})", said):
        wanted |= Q(number=int(number[1]))
    wanted |= Q(customer_id__in=_customers(request, said))
    found = lists.for_rows(request.conversations.filter(wanted)).order_by("-last_message_at", "-pk")
    return list(found[:FOUND])


def _customers(request: AgentRequest, said: str) -> set[int]:
    brands = list(request.brands)
    found: set[int] = set()
    if re.search(r"\d", said) and len(said) <= 40:
        orders = (find_order(brand, said) for brand in request.brands.values())
        found |= {order.customer_id for order in orders if order}
    if "@" in said:
        address = said.lower()
        by_mail = Customer.objects.filter(brand_id__in=brands, email__startswith=address)
        by_address = Identity.objects.filter(brand_id__in=brands, channel_kind="email", address__startswith=address)
        found |= set(by_mail.values_list("pk", flat=True)[:CUSTOMERS])
        found |= set(by_address.values_list("customer_id", flat=True)[:CUSTOMERS])
    elif words := re.findall(r"\w+", said):
        begins = SearchQuery(" & ".join(f"{word}:*" for word in words[:6]), search_type="raw", config="simple")
        named = Customer.objects.annotate(words=SearchVector("name", config="simple"))
        named = named.filter(brand_id__in=brands, words=begins)
        found |= set(named.values_list("pk", flat=True)[:CUSTOMERS])
    return found


@require_safe
def search(request: AgentRequest) -> HttpResponse:
    """The list pane with what was found; the whole page without htmx."""
    form = SearchForm(request.GET)
    said = form.cleaned_data["q"] if form.is_valid() else ""
    found = find_conversations(request, said)
    result = lists.InboxList(
        "all", _("Found"), "search",
        _("Nothing found. Search knows numbers, order numbers, names and e-mail addresses."), lambda rows_, me: rows_,
    )  # fmt: skip
    shown = rows.rows_of(request, found, lists.open_cases([one.pk for one in found]))
    context = {"wanted": result, "rows": shown, "next": "", "is_first_page": False, "opened": None, "q": said}
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "desk/_list.html", context)
    around = inbox.queues_context(request, lists.LISTS["all"]) | context
    return shell.page(request, "desk/page.html", around | {"shown": None})
