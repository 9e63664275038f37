"""What people correct: which wish a message had, which words a reply should have had; and the page that lists it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kefu.assistant.checks.places import LANGUAGES
from kefu.assistant.learning import services
from kefu.assistant.learning.services import BadLesson
from kefu.assistant.models import TeachingExample
from kefu.assistant.understanding.examples import intents_of
from kefu.desk.models import Author, Message, MessageKind
from kefu.people.models import Agent, Brand
from kefu.web.desk import labels, shell
from kefu.web.middleware import AgentRequest

PAGE = 25
COLLEAGUES = 200
STATES = ("new", "accepted", "dropped")


def may_teach(request: AgentRequest, brand_id: int) -> bool:
    """Who answers customers of this brand says what they meant."""
    return all(request.actor.may(right, brand_id=brand_id) for right in ("desk.reply", services.TEACH))


def may_review(request: AgentRequest) -> list[int]:
    return [pk for pk in request.brands if request.actor.may(services.REVIEW, brand_id=pk)]


def heard_in(why: Any) -> list[str]:
    """The intents that an explanation (Message.why) says were understood, in order, each once."""
    told = why.get("understanding") if isinstance(why, dict) else None
    several = told if isinstance(told, list) else [told]
    found = [
        str(command["intent"])
        for one in several if isinstance(one, dict)
        for command in one.get("commands") or () if isinstance(command, dict) and command.get("intent")
    ]  # fmt: skip
    return list(dict.fromkeys(found))


@require_http_methods(["GET", "HEAD", "POST"])
def meaning(request: AgentRequest, pk: int) -> HttpResponse:
    """What a customer's message was about: the choice, and the lesson kept of it. 422 when nothing can be learnt."""
    brand_ids = [one for one in request.brands if may_teach(request, one)]
    rows = Message.objects.filter(brand_id__in=brand_ids, author=Author.CUSTOMER, kind=MessageKind.MESSAGE)
    message = get_object_or_404(rows.select_related("conversation__customer", "conversation__identity"), pk=pk)
    brand = request.brands[message.brand_id]
    problem = ""
    if request.method == "POST":
        chosen = list(dict.fromkeys(request.POST.getlist("intent")))[: services.INTENTS + 1]
        try:
            if not chosen:
                raise BadLesson(field="label")
            services.teach_intent(
                brand, text=message.text, label=chosen[0], also=chosen[1:], by=request.actor, message=message,
                language=message.language or message.conversation.language, conversation=message.conversation,
                heard=", ".join(_heard(message)),
            )  # fmt: skip
        except BadLesson:
            problem = _("Choose one to five wishes; the message needs words of its own.")
        else:
            if not request.htmx:
                number = message.conversation.number
                return redirect(reverse("desk:conversation", args=[f"{brand.slug}-{number}"]))
    kept = TeachingExample.objects.filter(
        message=message, kind=TeachingExample.INTENT, author=request.agent, withdrawn_at__isnull=True
    ).first()
    chosen_now = [kept.label, *kept.also] if kept else _heard(message)
    context = {
        "pk": message.pk, "problem": problem, "is_kept": kept is not None, "chosen": chosen_now,
        "before": [labels.playbook(one) for one in _heard(message)],
        "intents": sorted(((one, labels.playbook(one)) for one in _taught(brand)),
                          key=lambda one: (one[0] not in chosen_now, one[1])),
    }  # fmt: skip
    return render(request, "desk/_meaning.html", context, status=422 if problem else 200)


def _heard(message: Message) -> list[str]:
    """What the assistant took it for, as its next answer explains."""
    answers = Message.objects.filter(conversation_id=message.conversation_id, pk__gt=message.pk).exclude(why={})
    why = answers.order_by("pk").values_list("why", flat=True).first()
    return heard_in(why)


def _taught(brand: Brand) -> Sequence[str]:
    return list(intents_of(brand.pack).by_name)


@dataclass(frozen=True, slots=True)
class Lesson:
    pk: int
    kind: str
    text: str
    before: str
    after: str
    language: str
    language_word: str
    author: str
    at: datetime
    state: str
    who: str
    ref: str
    brand: str
    #: (key of a reply text, address of its wording page)
    wordings: Sequence[tuple[str, str]]


def _asked(request: AgentRequest) -> dict[str, str]:
    """The filters of the address; what is not one of the choices is no filter."""
    given = {name: request.GET.get(name, "") for name in ("kind", "intent", "language", "author", "state")}
    if given["kind"] not in ("intent", "reply"):
        given["kind"] = ""
    if given["state"] not in (*STATES, "all"):
        given["state"] = "new"
    if given["language"] not in LANGUAGES:
        given["language"] = ""
    if not (given["author"].isascii() and given["author"].isdigit() and len(given["author"]) < 19):
        given["author"] = ""
    given["intent"] = given["intent"][:80] if given["intent"].replace("_", "").isalnum() else ""
    return given


def _context(request: AgentRequest, **more: Any) -> dict[str, Any]:
    brand_ids = may_review(request)
    if not brand_ids:
        raise Http404("nothing to review")
    asked = _asked(request)
    rows = TeachingExample.objects.filter(brand_id__in=brand_ids)
    if asked["kind"]:
        rows = rows.filter(kind=asked["kind"])
    if asked["intent"]:
        rows = rows.filter(Q(label=asked["intent"]) | Q(also__contains=[asked["intent"]]), kind="intent")
    if asked["language"]:
        rows = rows.filter(language=asked["language"])
    if asked["author"]:
        rows = rows.filter(author_id=int(asked["author"]))
    state = asked["state"]
    if state != "all":
        rows = rows.filter(withdrawn_at__isnull=state != "dropped")
    if state in ("new", "accepted"):
        rows = rows.filter(accepted_at__isnull=state == "new")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    loaded = rows.select_related("author", "accepted_by", "withdrawn_by", "conversation").defer("conversation__memory")
    found = list(loaded.order_by("-pk")[: PAGE + 1])
    shown = [_lesson(request, one) for one in found[:PAGE]]
    known = {one for pk in brand_ids for one in _taught(request.brands[pk])}
    authors = Agent.objects.filter(seats__brand_id__in=brand_ids).distinct().order_by("name", "pk")
    query = urlencode({name: value for name, value in asked.items() if value})
    return {
        "lessons": shown,
        "asked": asked,
        "query": query,
        "next": f"{query}&before={shown[-1].pk}" if len(found) > PAGE else "",
        "intents": sorted(((one, labels.playbook(one)) for one in known), key=lambda one: one[1]),
        "languages": [(one, labels.language(one)) for one in LANGUAGES],
        "authors": list(authors.values_list("pk", "name")[:COLLEAGUES]),
    } | more


def _lesson(request: AgentRequest, one: TeachingExample) -> Lesson:
    brand = request.brands[one.brand_id]
    is_intent = one.kind == TeachingExample.INTENT
    state = "dropped" if one.withdrawn_at else "accepted" if one.accepted_at else "new"
    by = one.withdrawn_by if one.withdrawn_at else one.accepted_by
    keys = [] if is_intent or not request.actor.may(services.LEARN, brand_id=one.brand_id) else one.label.split()
    language = one.language or "en"
    return Lesson(
        pk=one.pk,
        kind=one.kind,
        text=one.text,
        before=", ".join(labels.playbook(part) for part in one.heard.split(", ") if part) if is_intent else one.heard,
        after=", ".join(labels.playbook(part) for part in [one.label, *one.also]) if is_intent else one.better,
        language=one.language,
        language_word=labels.language(one.language),
        author=one.author.name if one.author else "",
        at=one.at,
        state=state,
        who=by.name if by else "",
        ref=f"{brand.slug}-{one.conversation.number}" if one.conversation else "",
        brand=brand.name if len(request.brands) > 1 else "",
        wordings=[(key, reverse("desk:wording", args=[brand.slug, language, key])) for key in keys],
    )


@require_safe
def teaching(request: AgentRequest) -> HttpResponse:
    """The page, for those who review; for others there is none."""
    return shell.page(request, "desk/teaching.html", _context(request))


def _find(request: AgentRequest, pk: int) -> TeachingExample:
    return get_object_or_404(TeachingExample, brand_id__in=may_review(request), pk=pk)


@require_POST
def accept(request: AgentRequest, pk: int) -> HttpResponse:
    services.accept_teaching(_find(request, pk), by=request.actor)
    return _answer(request)


@require_POST
def drop(request: AgentRequest, pk: int) -> HttpResponse:
    services.withdraw_teaching(_find(request, pk), by=request.actor)
    return _answer(request)


def _answer(request: AgentRequest) -> HttpResponse:
    """The list as it stands; the filters come along in the form's address."""
    if request.htmx:
        return render(request, "desk/_teaching_list.html", _context(request))
    return redirect(f"{reverse('desk:teaching')}?{urlencode(_asked(request))}")
