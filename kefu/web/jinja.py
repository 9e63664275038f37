"""What every template can call. Templates get shapes from views; nothing here reaches the database."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
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


@lru_cache(maxsize=1024)  # a list draws the same few icons a hundred times
def icon(name: str, word: str = "") -> Markup:
    """One drawing of static/icons/kefu.svg. `word` is what a screen reader says; without it the icon is decoration."""
    spoken = f'role="img" aria-label="{escape(word)}"' if word else 'aria-hidden="true"'
    drawing = f'<use href="{static("icons/kefu.svg")}#{escape(name)}"></use>'
    return Markup(f'<svg class="icon" {spoken}>{drawing}</svg>')  # noqa: S704  all parts escaped above


def _time(moment: datetime, shown: str, marks: str = "") -> Markup:
    exact = moments.here().exact(moment)
    return Markup(  # noqa: S704  numbers and our own words only, escaped all the same
        f'<time datetime="{moment.isoformat()}"{marks} title="{escape(exact)}">{escape(shown)}</time>'
    )


def since(moment: datetime | None) -> Markup:
    """A span of time as people say it ("12m"), exact on hover, kept fresh by static/desk/moments.js."""
    return _time(moment, moments.here().since(moment), " data-since") if moment else Markup("")


def waits(moment: datetime) -> Markup:
    """As since, but at least one minute: "waits 1m"."""
    return _time(moment, moments.here().since(moment, least=60), ' data-since="wait"')


def at(moment: datetime | None, how: str = "short") -> Markup:
    """A moment ("14:05", how="short", or with its day, how="day_and_time"), exact on hover."""
    return _time(moment, getattr(moments.here(), how)(moment)) if moment else Markup("")


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
        static=static, url=url, icon=icon, since=since, waits=waits, at=at, money=money, language=language,
        get_token=get_token, htmx_script=htmx_script, number=lambda n: moments.here().number(n),
    )  # fmt: skip
    made.filters["paragraphs"] = paragraphs
    return made
