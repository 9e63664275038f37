"""Between the request and the views: who is at the desk, how a refusal looks, what a browser may load."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from kefu.desk.models import Conversation
from kefu.kernel.errors import NotAllowed, Refused
from kefu.people.actors import Actor
from kefu.people.models import Agent, Brand
from kefu.web import errors, moments

Answer = Callable[[HttpRequest], HttpResponse]


class AgentRequest(HttpRequest):
    """What a view under /desk/ gets: somebody signed in and active, and only the rows of the brands they serve."""

    htmx: HtmxDetails
    agent: Agent
    actor: Actor
    brands: Mapping[int, Brand]
    conversations: QuerySet[Conversation]


def agent_of(request: HttpRequest) -> Agent | None:
    """The active agent who is signed in, with seats and their brands. None, and no query, for a stranger."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return None
    return Agent.objects.filter(user_id=request.user.pk, is_active=True).prefetch_related("seats__brand").first()


class AgentMiddleware:
    """Everything under /desk/ needs somebody signed in; chat, webhooks and health never touch the session table.

    It goes by the address and not by a decorator, so that a new page of the desk cannot forget it.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: AgentRequest, view: object, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> HttpResponse | None:
        if request.resolver_match is None or "desk" not in request.resolver_match.namespaces:
            return None
        agent = agent_of(request)
        if agent is None:
            if request.user.is_authenticated:
                return errors.no_seat(request)
            return _to_sign_in(request)
        seats = sorted(agent.seats.all(), key=lambda seat: seat.brand.name)
        request.agent = agent
        request.actor = agent.actor()
        request.brands = {seat.brand_id: seat.brand for seat in seats}
        request.conversations = Conversation.objects.filter(brand_id__in=list(request.brands))
        speak(request, agent.interface_language)
        moments.stand_in(seats[0].brand.zone if seats else moments.UTC)
        return None


def speak(request: HttpRequest, language: str) -> None:
    """Show this request's pages in `language` ("zh" finds zh-hans); an unknown one gives the default."""
    try:
        known = translation.get_supported_language_variant(language)
    except LookupError:
        known = settings.LANGUAGE_CODE
    translation.activate(known)
    request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


def _to_sign_in(request: AgentRequest) -> HttpResponse:
    # a swap cannot show the sign-in page in the middle of another: the whole window goes there
    there = request.htmx.current_url_abs_path if request.htmx else request.get_full_path()
    address = f"{reverse('sign_in')}?next={quote(there or reverse('desk:inbox'))}"
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


class RefusalMiddleware:
    """A Refused that a view lets pass is an answer: shown at the top of the page, in the reader's language."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, Refused):
            return None
        return errors.refusal(request, problem, status=403 if isinstance(problem, NotAllowed) else 409)


@lru_cache(maxsize=4)
def content_security_policy(events_url: str) -> str:
    """Only what Kefu itself serves, plus the event stream: no inline script, no style attribute, no frame around us."""
    events = urlsplit(events_url)
    return "; ".join(
        (
            "default-src 'self'",
            f"connect-src 'self' {events.scheme}://{events.netloc}",
            "img-src 'self' data: blob:",
            "frame-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class HeadersMiddleware:
    """Security headers for every answer that has not set its own (the widget and mail bodies do)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", content_security_policy(settings.KEFU_EVENTS_URL))
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if "desk" in getattr(request.resolver_match, "namespaces", ()):
            # a shared computer must not show the desk again by its back button after sign-out
            response.headers.setdefault("Cache-Control", "no-store")
        return response
