"""How things that went wrong look: a whole page, or a notice when only a piece was asked for. Never a traceback."""

from __future__ import annotations

import inspect
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget

from kefu.kernel.errors import Refused


def _answer(request: HttpRequest, *, status: int, title: str, words: str) -> HttpResponse:
    if request.path.startswith("/chat/v1/"):  # in the shape of docs/reference/chat-interface.md
        code = {404: "chat.no_such_address", 503: "chat.out_of_service", 500: "kernel.error"}.get(
            status, "chat.refused"
        )
        return JsonResponse({"code": code, "message": title, "cure": words, "details": {}}, status=status)
    if request.path.startswith(("/api/", "/hooks/")):
        return JsonResponse({"error": title}, status=status)
    if getattr(request, "htmx", None):
        return notice(request, words, status=status)
    return render(request, "errors/page.html", {"status": status, "title": title, "words": words}, status=status)


def notice(request: HttpRequest, words: str, *, status: int) -> HttpResponse:
    """One sentence at the top of the page that is there already."""
    response = render(request, "errors/_refusal.html", {"words": words}, status=status)
    return reswap(retarget(response, "#notice"), "innerHTML")


def refusal(request: HttpRequest, problem: Refused, *, status: int) -> HttpResponse:
    """The class docstring is the operator's sentence; its translation stands in the catalogue."""
    sentence = inspect.cleandoc(type(problem).__doc__ or "").replace("\n", " ")
    return _answer(request, status=status, title=_("This was refused"), words=_(sentence))


def no_seat(request: HttpRequest) -> HttpResponse:
    words = _("Your account has no place at any desk. Ask your administrator for one.")
    return _answer(request, status=403, title=_("No place at the desk"), words=words)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    words = _("The browser sent something that cannot be read. Go back, reload the page and try again.")
    return _answer(request, status=400, title=_("That could not be read"), words=words)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    words = _("Your role does not allow this. Ask a supervisor.")
    return _answer(request, status=403, title=_("Not allowed"), words=words)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    words = _("This page was open for too long or was signed in elsewhere. Reload it and try again.")
    return _answer(request, status=403, title=_("Please reload"), words=words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    words = _("There is nothing at this address, or it belongs to a shop that you don't serve.")
    return _answer(request, status=404, title=_("Not found"), words=words)


def fault(request: HttpRequest) -> HttpResponse:
    """Django calls this while the exception is still being handled, so that a lost database can be told apart."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        words = _("The database does not answer just now. Nothing is lost; try again in a minute.")
        response = _answer(request, status=503, title=_("One moment, please"), words=words)
        response["Retry-After"] = "15"
        return response
    words = _("Something went wrong on our side. It has been written down; try again, or tell your administrator.")
    return _answer(request, status=500, title=_("Our mistake"), words=words)
