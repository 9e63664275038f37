"""Sign-in and sign-out of the people at the desk."""

from __future__ import annotations

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from kefu.web import brake
from kefu.web.middleware import agent_of


class SignInForm(forms.Form):
    name = forms.CharField(max_length=254)
    password = forms.CharField(max_length=256, strip=False)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and "\x00" not in wanted else reverse("desk:inbox")


def _user(request: HttpRequest, name: str, password: str) -> User | None:
    """By user name, or by the e-mail address when exactly one account has it."""
    if "@" in name:
        names = list(User.objects.filter(email__iexact=name).values_list("username", flat=True)[:2])
        if len(names) == 1:
            name = names[0]
    user = authenticate(request, username=name, password=password)
    return user if isinstance(user, User) else None


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The page (GET), or the try (POST): 302 to the desk, 422 for a wrong password, 429 when it was tried too often."""
    if request.method != "POST":
        if agent_of(request):
            return redirect(_next(request))
        return _page(request)
    form = SignInForm(request.POST)
    if not form.is_valid() or "\x00" in request.POST.get("name", ""):
        return _page(request, problem=_("Enter your name and your password."), status=422)
    name, address = form.cleaned_data["name"], brake.address_of(request)
    if not brake.may_try(name, address):
        return _page(request, problem=_("Too many tries. Wait a quarter of an hour, then try again."), status=429)
    user = _user(request, name, form.cleaned_data["password"])
    if user is None:
        # one sentence for a wrong name and a wrong password: nobody learns which accounts exist
        return _page(request, problem=_("Name and password don't match. Check both and try again."), status=422)
    brake.release(name, address)
    login(request, user)
    return redirect(_next(request))


def _page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    shown = {"problem": problem, "name": request.POST.get("name", "")[:254], "next": _next(request)}
    return render(request, "sign_in/page.html", shown, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign_in")
