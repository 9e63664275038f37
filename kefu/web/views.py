"""The doors that belong to no room: the first page, health, webhooks, preferences."""

from __future__ import annotations

from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from kefu.channels import webhooks
from kefu.channels.base import RawRequest
from kefu.web.middleware import agent_of

YEAR_SECONDS = 365 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The desk for whoever is signed in, else a plain page that says what this is."""
    if agent_of(request):
        return redirect("desk:inbox")
    return render(request, "base/landing.html")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 while the database answers, else 503. On a connection of its own: the pool may be what is stuck."""
    options = connection.get_connection_params()
    wanted = {
        name: options[name] for name in ("dbname", "user", "password", "host", "port", "sslmode") if name in options
    }
    try:
        with psycopg.connect(**wanted, connect_timeout=2) as asked:
            asked.execute("SELECT 1")
    except psycopg.Error:
        return JsonResponse({"database": "down"}, status=503)
    return JsonResponse({"database": "up"})


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A provider's message for one channel; the adapter checks that it is authentic."""
    raw = RawRequest(
        body=request.body,
        headers={name.lower(): value for name, value in request.headers.items()},
        query={name: str(value) for name, value in request.GET.items()},
    )
    return HttpResponse(status=webhooks.status_of(public_id, raw))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Interface language of this browser, and of the agent if somebody is signed in."""
    chosen = request.POST.get("language", "")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("home")
    response = redirect(back)
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR_SECONDS, samesite="Lax", httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
        if agent := agent_of(request):
            agent.interface_language = chosen
            agent.save(update_fields=["interface_language"])
    return response
