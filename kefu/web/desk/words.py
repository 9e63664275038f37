"""The replies as they are worded: found by what they say or by the step that says them, changed one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kefu.assistant.editions import services
from kefu.assistant.editions.errors import DraftMovedOn
from kefu.assistant.editions.sources import digest, sources_of
from kefu.assistant.editions.wording import texts_in, with_wording
from kefu.assistant.editions.working_texts import texts_for
from kefu.people.models import Brand
from kefu.web.desk import labels, shell
from kefu.web.desk.brand_files import BrandFile, brand_of, editable
from kefu.web.desk.overtaken import overtaken
from kefu.web.middleware import AgentRequest

SHOWN, LONGEST = 60, 4_000


@dataclass(frozen=True, slots=True)
class Wording:
    key: str
    file: str
    said: str


def _file_of(brand: Brand, language: str, key: str) -> str:
    for file, text in sources_of(brand, "replies").items():
        if file.startswith(f"replies/{language}/") and key in texts_in(text):
            return file
    raise Http404("no such text")


@require_safe
def words(request: AgentRequest, slug: str) -> HttpResponse:
    """Texts of one language (?language=de), those in which ?q= is found."""
    brand = brand_of(request, slug)
    texts = texts_for(brand)
    spoken = [one for one in (brand.languages or texts.languages) if one in texts.by_language] or ["en"]
    language = request.GET.get("language", "")
    language = language if language in texts.by_language else spoken[0]
    asked = request.GET.get("q", "").strip()[:120]
    wanted = asked.lower()
    found = [
        Wording(key, "", said["chat"])
        for key, said in texts.by_language[language].items()
        if not key.startswith("rail.") and (not wanted or wanted in key.lower() or wanted in said["chat"].lower())
    ]
    context = {
        "brand": brand, "language_shown": language, "asked": asked, "count": len(found), "found": found[:SHOWN],
        "spoken": [(one, labels.language(one)) for one in texts.languages],
        "may_edit": request.actor.may(services.RIGHT, brand_id=brand.pk),
    }  # fmt: skip
    return shell.page(request, "desk/words.html", context)


def _kept(request: AgentRequest, opened: BrandFile, key: str, said: Mapping[str, str]) -> HttpResponse:
    seen = request.POST.get("seen", "")

    def change(now: str) -> str:
        if seen and _digest_of(_said(now, key)) != seen:
            raise DraftMovedOn(file=opened.file, key=key)
        return with_wording(now, key, said)

    try:
        services.amend_draft(opened.brand, opened.file, change=change, by=request.actor, author=request.agent)
    except DraftMovedOn:
        opened = editable(request, opened.brand.slug, opened.file)
        now = _said(opened.text, key)
        styles = (("chat", _("In a chat")), ("letter", _("In a letter")))
        differs = [(word, now[style], said[style]) for style, word in styles if now[style] != said[style]]
        return overtaken(request, opened, title=key, seen=_digest_of(now), differences=differs)
    return redirect("desk:procedure", slug=opened.brand.slug, file=opened.file)


def _said(text: str, key: str) -> dict[str, str]:
    return {"chat": "", "letter": "", **texts_in(text).get(key, {})}


def _digest_of(said: Mapping[str, str]) -> str:
    return digest(f"{said['chat']}\0{said['letter']}")


@require_http_methods(["GET", "POST"])
def wording(request: AgentRequest, slug: str, language: str, key: str) -> HttpResponse:
    """One text in one language. POST keeps it in the draft of its file; 422 while it has faults."""
    brand = brand_of(request, slug)
    request.actor.require(services.RIGHT, on=services.border(brand))
    opened = editable(request, slug, _file_of(brand, language, key))
    said, problems = _said(opened.text, key), list[str]()
    seen = request.POST.get("seen", _digest_of(said))
    if request.method == "POST":
        chat = request.POST.get("chat", "").replace("\r\n", "\n")[:LONGEST].strip()
        letter = request.POST.get("letter", "").replace("\r\n", "\n")[:LONGEST].strip() or chat
        said = {"chat": chat, "letter": letter}
        known = {fault.said for fault in opened.faults()}
        faults = opened.faults(with_wording(opened.text, key, said))
        problems = [fault.said for fault in faults if fault.said not in known]
        if not chat:
            problems.insert(0, _("Write what the customer is told."))
        if not problems:
            return _kept(request, opened, key, said)
    texts = texts_for(brand)
    context = {
        "brand": brand, "key": key, "file": opened.file, "language_shown": language,
        "language_name": labels.language(language), "said": said, "is_split": said["chat"] != said["letter"],
        "problems": problems, "seen": seen, "placeholders": sorted(texts.placeholders(key)),
        "others": [(one, labels.language(one), texts.template(key, one)) for one in texts.languages if one != language],
    }  # fmt: skip
    return shell.page(request, "desk/wording.html", context, status=422 if problems else 200)
