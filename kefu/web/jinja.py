"""What every template can call. Templates get shapes from views; nothing here reaches the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from kefu.kernel.money import Money
from kefu.web import moments


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)


def icon(name: str, word: str = "") -> Markup:
    """One drawing of static/icons/kefu.svg. `word` is what a screen reader says; without it the icon is decoration."""
    drawing = Markup('<use href="{}#{}"></use>').format(static("icons/kefu.svg"), name)
    if word:
        return Markup('<svg class="icon" role="img" aria-label="{}">{}</svg>').format(word, drawing)
    return Markup('<svg class="icon" aria-hidden="true">{}</svg>').format(drawing)


def since(moment: datetime | None, cls: str = "") -> Markup:
    """A span of time as people say it ("12m"), exact on hover, kept fresh by static/desk/moments.js."""
    if moment is None:
        return Markup("")
    said = moments.here()
    return Markup('<time class="{}" datetime="{}" data-since title="{}">{}</time>').format(
        cls, moment.isoformat(), said.exact(moment), said.since(moment)
    )


def at(moment: datetime | None, how: str = "short") -> Markup:
    """A moment ("14:05", how="short", or with its day, how="day_and_time"), exact on hover."""
    if moment is None:
        return Markup("")
    said = moments.here()
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(), said.exact(moment), getattr(said, how)(moment)
    )


def money(amount: Money) -> str:
    return moments.here().money(amount)


def paragraphs(text: str) -> Markup:
    """Plain text with its line breaks; nothing in it is read as markup."""
    return Markup("<br>").join(escape(text).splitlines())


def language() -> str:
    return translation.get_language() or "en"


def environment(**options: Any) -> Environment:
    options.setdefault("undefined", StrictUndefined)
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    made = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], **options)  # noqa: S701  Django passes autoescape=True
    # newstyle: _("%(n)s new", n=3) fills and escapes in one step
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext
    )
    made.policies["ext.i18n.trimmed"] = True
    made.globals.update(
        static=static, url=url, icon=icon, since=since, at=at, money=money, language=language,
        get_token=get_token, htmx_script=htmx_script, number=lambda n: moments.here().number(n),
    )  # fmt: skip
    made.filters["paragraphs"] = paragraphs
    return made
