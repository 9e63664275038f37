"""Two managers at one draft: what the other made of it beside one's own, and the choice between them. Nothing is lost.

Forms carry as `seen` the digest of what their author began with; the verbs compare it under their lock.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse

from kefu.assistant.editions.models import Edition
from kefu.web.desk import shell
from kefu.web.desk.brand_files import BrandFile
from kefu.web.desk.differences import Line
from kefu.web.middleware import AgentRequest

#: what a form sends besides the author's own words
_OF_THE_FORM = ("csrfmiddlewaretoken", "seen", "base")


def overtaken(
    request: AgentRequest, opened: BrandFile, *, title: str, seen: str,
    differences: Sequence[tuple[str, str, str]] = (), theirs: Sequence[Line] = (), mine: Sequence[Line] = (),
    base: str | None = None,
) -> HttpResponse:  # fmt: skip
    """409 with both. seen: the digest of what stands there now; sent with it, one's own takes its place.

    differences: (name, what stands there now, one's own). theirs, mine: of texts, what the other changed, and what
    one's own would change of it. base: of texts, what the next comparison begins with.
    """
    sent = [(name, value) for name in request.POST if name not in _OF_THE_FORM for value in request.POST.getlist(name)]
    context = {
        "brand": opened.brand, "file": opened.file, "title": title, "seen": seen, "differences": differences,
        "theirs": theirs, "mine": mine, "base": base, "sent": sent, "action": request.get_full_path(),
        "other": _other(opened), "is_draft": opened.draft is not None,
    }  # fmt: skip
    return shell.page(request, "desk/overtaken.html", context, status=409)


def _other(opened: BrandFile) -> str:
    """Who wrote what stands there now."""
    if opened.draft is not None:
        return opened.draft.author.name
    editions = Edition.objects.filter(brand=opened.brand, file=opened.file, number__isnull=False)
    newest = editions.select_related("author").order_by("-number").first()
    return newest.author.name if newest else ""
