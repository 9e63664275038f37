"""How the desk looks to one agent: interface language and theme."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from kefu.web.middleware import AgentRequest


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    theme = forms.ChoiceField(choices=[(one, one) for one in ("auto", "light", "dark")], required=False)


@require_POST
def change(request: AgentRequest) -> HttpResponse:
    """Keep what was chosen with the agent, then show the page they came from. An unknown choice changes nothing."""
    form = PreferencesForm(request.POST)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/desk/"
    response = redirect(back)
    if form.is_valid():
        agent = request.agent
        agent.interface_language = form.cleaned_data["language"] or agent.interface_language
        agent.theme = form.cleaned_data["theme"] or agent.theme
        agent.save(update_fields=["interface_language", "theme"])
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, agent.interface_language, max_age=365 * 24 * 3600, samesite="Lax",
            httponly=True, secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
    return response
