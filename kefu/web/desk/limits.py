"""Limits of a file of rules as a plain form: up to how much each decides alone."""

from __future__ import annotations

import re

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kefu.assistant.editions import services
from kefu.assistant.editions.errors import DraftMovedOn
from kefu.assistant.editions.limits import Limit, with_limit
from kefu.web.desk import labels
from kefu.web.desk.brand_files import editable
from kefu.web.desk.drafted import digest_of_limits, limits_in
from kefu.web.desk.overtaken import overtaken
from kefu.web.desk.procedure import limit_words, show
from kefu.web.middleware import AgentRequest

#: an amount as people type it, a comma counts as a point; empty: no limit in this currency
_AMOUNT = re.compile(r"(?:\d{1,8}(?:\.\d{1,2})?)?")


@require_POST
def limits(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """Keep the limits of the form in the draft of a file of rules."""
    opened = editable(request, slug, file)
    if opened.kind != "policies":
        raise Http404("no limits here")
    seen = request.POST.get("seen", "")
    wrong = [
        f"{limit.key}.{currency}" for limit in limits_in(opened, opened.text)
        for currency, amount in _wished(request, limit).items() if not _AMOUNT.fullmatch(amount)
    ]  # fmt: skip
    if wrong:
        return show(request, opened, wrong=wrong)

    def change(text: str) -> str:
        known = limits_in(opened, text)
        if seen and digest_of_limits(known) != seen:
            raise DraftMovedOn(file=file)
        for limit in known:
            if (wanted := _wished(request, limit)) != limit.by_currency:
                text = with_limit(text, limit, wanted)
        return text

    try:
        services.amend_draft(opened.brand, file, change=change, by=request.actor, author=request.agent)
    except DraftMovedOn:
        opened = editable(request, slug, file)
        known = limits_in(opened, opened.text)
        differs = [
            (f"{limit_words(limit)} ({currency})", amount, _wished(request, limit)[currency])
            for limit in known for currency, amount in limit.by_currency.items()
            if _wished(request, limit)[currency] != amount
        ]  # fmt: skip
        title = labels.policy(opened.name.removesuffix(".yaml"))
        return overtaken(request, opened, title=title, seen=digest_of_limits(known), differences=differs)
    return redirect("desk:procedure", slug=slug, file=file)


def _wished(request: AgentRequest, limit: Limit) -> dict[str, str]:
    """The amounts of the form, by currency; what wasn't sent stays."""
    return {
        currency: request.POST.get(f"{limit.key}.{currency}", amount).replace(",", ".").strip()[:16]
        for currency, amount in limit.by_currency.items()
    }
