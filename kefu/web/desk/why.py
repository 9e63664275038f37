"""Why the assistant answered as it did: what it understood, where the playbook stood, which rule and facts decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kefu.desk.models import Message
from kefu.web.desk import labels
from kefu.web.desk.thread import readable
from kefu.web.middleware import AgentRequest


@dataclass(frozen=True, slots=True)
class Section:
    """`lines`: (name, value) pairs; a line without a name is a sentence."""

    title: str
    lines: Sequence[tuple[str, str]]


@require_safe
def why(request: AgentRequest, pk: int) -> HttpResponse:
    """The explanation of one of our messages."""
    messages = Message.objects.filter(brand_id__in=list(request.brands)).exclude(why={})
    message = get_object_or_404(messages.only("id", "why", "conversation_id"), pk=pk)
    return render(request, "desk/_why.html", {"pk": message.pk, "sections": sections_of(message.why)})


def sections_of(told: Mapping[str, Any]) -> list[Section]:
    """The sections of Message.why in the order a person asks; whatever else it holds comes last, never hidden."""
    titles = {
        "understanding": _("Understood"), "cases": _("Procedure"), "steps": _("Procedure"), "rules": _("Rules"),
        "actions": _("Done"), "facts": _("Facts"), "cites": _("Sources"), "texts": _("Texts"),
    }  # fmt: skip
    keys = [key for key in titles if told.get(key)] + [key for key in told if key not in titles and told[key]]
    return [Section(titles.get(key, labels.words(key)), _lines(told[key])) for key in keys]


def _lines(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [
            (labels.words(str(name)), readable(one))
            for name, one in list(value.items())[:30]
            if one not in (None, "", [], {})
        ]
    if isinstance(value, list | tuple):
        return [("", readable(one)) for one in value[:30]]
    return [("", readable(value))]
