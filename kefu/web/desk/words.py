"""The replies as they are worded: found by what they say or by the step that says them, changed one by one."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kefu.assistant.editions import services
from kefu.assistant.editions.sources import sources_of
from kefu.assistant.editions.wording import texts_in, with_wording
from kefu.assistant.editions.working_texts import texts_for
from kefu.people.models import Brand
from kefu.web.desk import labels, shell
from kefu.web.desk.brand_files import brand_of, editable
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


@require_http_methods(["GET", "POST"])
def wording(request: AgentRequest, slug: str, language: str, key: str) -> HttpResponse:
    """One text in one language. POST keeps it in the draft of its file; 422 while it has faults."""
    brand = brand_of(request, slug)
    request.actor.require(services.RIGHT, on=services.border(brand))
    opened = editable(request, slug, _file_of(brand, language, key))
    said, problems = texts_in(opened.text).get(key, {"chat": "", "letter": ""}), list[str]()
    if request.method == "POST":
        chat = request.POST.get("chat", "").replace("\r\n", "\n")[:LONGEST].strip()
        letter = request.POST.get("letter", "").replace("\r\n", "\n")[:LONGEST].strip() or chat
        said = {"chat": chat, "letter": letter}
        text = with_wording(opened.text, key, said)
        known = {fault.said for fault in opened.faults()}
        problems = [fault.said for fault in opened.faults(text) if fault.said not in known]
        if not chat:
            problems.insert(0, _("Write what the customer is told."))
        if not problems:
            services.save_draft(brand, opened.file, text=text, by=request.actor, author=request.agent)
            return redirect("desk:procedure", slug=slug, file=opened.file)
    texts = texts_for(brand)
    context = {
        "brand": brand, "key": key, "file": opened.file, "language_shown": language,
        "language_name": labels.language(language), "said": said, "is_split": said["chat"] != said["letter"],
        "problems": problems, "placeholders": sorted(texts.placeholders(key)),
        "others": [(one, labels.language(one), texts.template(key, one)) for one in texts.languages if one != language],
    }  # fmt: skip
    return shell.page(request, "desk/wording.html", context, status=422 if problems else 200)
