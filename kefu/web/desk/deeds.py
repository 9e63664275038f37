"""What an agent does to a conversation. Each view finds, validates, calls one verb, and shows what stands now."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kefu.assistant.next_step import follow
from kefu.assistant.next_step.errors import NothingToSend, SuggestionChanged
from kefu.desk import services
from kefu.desk.errors import EmptyMessage, MessageTooLong, SomebodyAnswered
from kefu.desk.inbound import InboundFile
from kefu.desk.models import Attachment, Conversation
from kefu.people.models import Agent
from kefu.web.desk import forms
from kefu.web.desk.conversation import answer
from kefu.web.desk.refs import find
from kefu.web.events import announce
from kefu.web.middleware import AgentRequest

Ref = tuple[str, int]


@require_POST
def reply(request: AgentRequest, ref: Ref) -> HttpResponse:
    """To the customer. 422 when it cannot be sent as it is, 409 when somebody was quicker; the text always stays."""
    conversation = find(request, ref)
    form = forms.ReplyForm(request.POST, request.FILES)
    text = request.POST.get("text", "")
    if not form.is_valid():
        too_large = "uploads" in form.errors
        problem = _("At most five files, together 10 MB.") if too_large else _("This message is too long. Shorten it.")
        return answer(request, conversation, status=422, text=text, problem=problem)
    try:
        with transaction.atomic():  # a refused reply leaves no file behind
            _say(request, conversation, form)
    except SomebodyAnswered:
        return answer(request, conversation, status=409, text=text, is_overtaken=True)
    except EmptyMessage:
        return answer(request, conversation, status=422, problem=_("Write something, or add a file."))
    except MessageTooLong:
        return answer(request, conversation, status=422, text=text, problem=_("This message is too long. Shorten it."))
    return answer(request, conversation)


def _say(request: AgentRequest, conversation: Conversation, form: forms.ReplyForm) -> None:
    """What began as a suggestion moves the case on, if it is still the next step; else it is a reply like any other."""
    given = form.cleaned_data
    said = {"text": given["text"], "by": request.actor, "seen": given["seen"], "key": given["key"],
            "attachments": _stored(conversation, form)}  # fmt: skip
    if given["suggestion"]:
        try:
            follow.send_suggestion(
                conversation, fingerprint=given["suggestion"], intent=given["intent"], better=given["better"], **said
            )  # fmt: skip
        except (SuggestionChanged, NothingToSend):
            pass  # the customer wrote, or a colleague acted: these words are the person's own now
        else:
            return
    services.reply(conversation, **said)
    follow.own_words(conversation)


def _stored(conversation: Conversation, form: forms.ReplyForm) -> list[Attachment]:
    return [
        services.store_file(
            InboundFile(name=file.name or "file", content=file.read(), content_type=file.content_type or ""),
            brand=conversation.brand,
            conversation=conversation,
        )
        for file in form.cleaned_data["uploads"]
    ]


@require_POST
def note(request: AgentRequest, ref: Ref) -> HttpResponse:
    """For colleagues only."""
    conversation = find(request, ref)
    form = forms.NoteForm(request.POST)
    if not form.is_valid():
        problem = (
            _("Write something first.") if not request.POST.get("text", "").strip() else _("This note is too long.")
        )
        return answer(request, conversation, status=422, note_problem=problem, note_text=request.POST.get("text", ""))
    services.add_note(conversation, text=form.cleaned_data["text"], by=request.actor)
    return answer(request, conversation)


@require_POST
def take_over(request: AgentRequest, ref: Ref) -> HttpResponse:
    conversation = find(request, ref)
    services.take_over(conversation, by=request.actor)
    return answer(request, conversation)


@require_POST
def hand_back(request: AgentRequest, ref: Ref) -> HttpResponse:
    conversation = find(request, ref)
    services.hand_back(conversation, by=request.actor)
    return answer(request, conversation)


@require_POST
def assign(request: AgentRequest, ref: Ref) -> HttpResponse:
    """To a colleague who serves the same brand."""
    conversation = find(request, ref)
    form = forms.AssigneeForm(request.POST)
    colleague = Agent.objects.filter(pk=form.cleaned_data["to"]).first() if form.is_valid() else None
    if colleague is None:
        raise Http404("no such colleague")
    services.assign_conversation(conversation, to=colleague, by=request.actor)
    return answer(request, conversation)


@require_POST
def close(request: AgentRequest, ref: Ref) -> HttpResponse:
    conversation = find(request, ref)
    form = forms.ClosureForm(request.POST)
    if not form.is_valid():
        return answer(request, conversation, status=422, closure_problem=_("Say how it ended."))
    services.close_conversation(
        conversation,
        disposition=form.cleaned_data["disposition"],
        root_cause=form.cleaned_data["root_cause"],
        by=request.actor,
    )
    return answer(request, conversation)


@require_POST
def reopen(request: AgentRequest, ref: Ref) -> HttpResponse:
    conversation = find(request, ref)
    services.reopen_conversation(conversation, by=request.actor)
    return answer(request, conversation)


@require_POST
def presence(request: AgentRequest, ref: Ref) -> HttpResponse:
    """Who else has this open, or writes: told to the others live, kept nowhere."""
    conversation = find(request, ref)
    form = forms.PresenceForm(request.POST)
    if not form.is_valid():
        raise Http404("no such state")
    announce.announce(form.cleaned_data["state"], conversation, by=request.agent.pk)
    return HttpResponse(status=204)
