"""The playbook's next step in a conversation that a person has: the drafted reply, the deed, what both stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_POST, require_safe

from kefu.assistant.engine.playbook import Book
from kefu.assistant.next_step import follow
from kefu.assistant.next_step.errors import NothingToSend, SuggestionChanged
from kefu.assistant.next_step.suggest import ProposedDeed, Suggestion, suggest
from kefu.desk.errors import SomebodyAnswered
from kefu.desk.models import Conversation
from kefu.kernel.money import Money
from kefu.people.models import Brand
from kefu.web.desk import deed_words, forms, labels, packs
from kefu.web.desk.cases import reading_language
from kefu.web.desk.conversation import answer, may_write
from kefu.web.desk.refs import find, ref_of
from kefu.web.middleware import AgentRequest

Ref = tuple[str, int]
#: why nothing is suggested
_NOTHING = {
    "closed": noop("This conversation is closed."),
    "customers_turn": noop("It is the customer's turn. When they write, the next step appears here."),
    "approval": noop("A deed waits for approval. The customer is told as soon as it is decided."),
    "unknown": noop("It isn't clear what this is about. Choose it, and the procedure tells the next step."),
}


@dataclass(frozen=True, slots=True)
class DeedShown:
    """`tone`: allow, needs_approval or refuse; `words` say what the rules say to this person."""

    label: str
    fingerprint: str
    amount: Money | None
    tone: str
    words: str
    args: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SuggestionShown:
    fingerprint: str
    title: str
    step: str
    text: str
    language: str
    choices: Sequence[str]
    deed: DeedShown | None
    rules: Sequence[tuple[str, str]]  # id, what it says and where it comes from
    facts: Sequence[tuple[str, str]]
    also: Sequence[str]
    nothing: str
    guesses: Sequence[tuple[str, str]]
    wishes: Sequence[tuple[str, str]]
    intent: str
    is_owed: bool


def _intent(given: str) -> str:
    return given if len(given) <= 80 and given.replace("_", "").isalnum() else ""


@require_safe
def suggestion(request: AgentRequest, ref: Ref) -> HttpResponse:
    """The piece alone: the page asks for it once it stands, and again when something has happened."""
    found = find(request, ref)
    intent = _intent(request.GET.get("intent", ""))
    shown = None
    if may_write(request, found):
        shown = shown_of(suggest(found, by=request.actor, intent=intent), brand=found.brand, intent=intent)
    context = {"shown": {"ref": ref_of(request, found)}, "suggestion": shown, "newest": _newest(found)}
    return render(request, "desk/_suggestion.html", context)


def _newest(conversation: Conversation) -> int:
    return conversation.messages.order_by("-pk").values_list("pk", flat=True).first() or 0


def shown_of(found: Suggestion, *, brand: Brand, intent: str = "") -> SuggestionShown:
    """In the reader's language; the draft stays in the customer's."""
    book, language = packs.book(brand), reading_language()
    return SuggestionShown(
        fingerprint=found.fingerprint,
        title=labels.playbook(found.playbook),
        step=step_words(book, found.playbook, found.step, language),
        text=found.text,
        language=found.language,
        choices=[label for _value, label in found.choices],
        deed=_deed(found.deed, book, language) if found.deed else None,
        rules=[(one, packs.explanation(brand, one, language)) for one in _rules(found)],
        facts=[(deed_words.fact(name), deed_words.value(value, book, language)) for name, value in found.facts],
        also=[labels.task(one.partition(":")[2]) for one in found.also],
        nothing=_nothing(found.nothing),
        guesses=[(one, labels.playbook(one)) for one in found.guesses],
        wishes=sorted(((one, labels.playbook(one)) for one in found.wishes), key=lambda one: one[1]),
        intent=intent,
        is_owed=found.is_owed,
    )


def _rules(found: Suggestion) -> list[str]:
    return list(dict.fromkeys([*found.rules, *([found.deed.rule] if found.deed and found.deed.rule else [])]))


def _nothing(why: str) -> str:
    if why.startswith("with_you:"):
        reason = labels.reason(why.partition(":")[2])
        return _("The procedure ends with a person here: %(reason)s. Decide, and answer in your own words.") % {
            "reason": reason
        }
    return _(_NOTHING[why]) if why in _NOTHING else ""


def step_words(book: Book | None, playbook: str, step: str, language: str) -> str:
    """How the rail calls a step; "" for one that is not drawn."""
    found = book.playbooks.get(playbook) if book else None
    one = found.steps.get(step) if found else None
    if book is None or one is None or not one.label:
        return ""
    return book.label(f"rail.{one.label}", language, labels.words(one.label))


def _deed(deed: ProposedDeed, book: Book | None, language: str) -> DeedShown:
    if deed.decision == "allow":
        words = _("The customer has agreed to this.") if deed.is_agreed else _("If the customer has agreed already.")
    elif deed.decision == "needs_approval":
        words = _("Above your limit: %(role)s approves it.") % {"role": deed_words.role(deed.role)}
    elif deed.problem:
        words = _("The shop can't do this now: %(problem)s.") % {"problem": labels.words(deed.problem)}
    else:
        words = _("No rule lets you do this.")
    return DeedShown(
        label=deed_words.deed(deed.action),
        fingerprint=deed.fingerprint,
        amount=deed.amount,
        tone=deed.decision,
        words=words,
        args=[(deed_words.fact(name), deed_words.value(value, book, language)) for name, value in deed.args.items()],
    )


@require_POST
def send(request: AgentRequest, ref: Ref) -> HttpResponse:
    """The draft as it stands, in this agent's name. 409 when it isn't what was seen."""

    def sent(conversation: Conversation, given: dict[str, Any]) -> str:
        follow.send_suggestion(conversation, by=request.actor, **given)
        return ""

    return _as_seen(request, ref, forms.SuggestionForm(request.POST), sent)


@require_POST
def do(request: AgentRequest, ref: Ref) -> HttpResponse:
    """The deed on the button, by this agent's limits. What came of it is said above the next suggestion."""

    def done(conversation: Conversation, given: dict[str, Any]) -> str:
        result = follow.do_deed(conversation, by=request.actor, **given)
        if result is None or result.ok:
            return ""
        if result.decision == "needs_approval":
            role = deed_words.role(str(result.value.get("role", "")))
            return _("It waits for approval by %(role)s.") % {"role": role}
        why = packs.explanation(conversation.brand, result.rule, reading_language()) or labels.words(result.code)
        return _("It was not done. %(why)s") % {"why": why}

    return _as_seen(request, ref, forms.DeedForm(request.POST), done)


def _as_seen(
    request: AgentRequest, ref: Ref, form: Form, deed: Callable[[Conversation, dict[str, Any]], str]
) -> HttpResponse:
    """Do what the form says, and tell what `deed` has to say of it; 409 when the next step isn't the one seen."""
    conversation = find(request, ref)
    if form.is_valid():
        try:
            said = deed(conversation, form.cleaned_data)
        except (SuggestionChanged, NothingToSend, SomebodyAnswered):
            pass
        else:
            return answer(request, conversation, suggestion_problem=said)
    changed = _("Something has happened meanwhile, so nothing was done. Here is the next step as it is now.")
    return answer(request, conversation, status=409, suggestion_problem=changed)
