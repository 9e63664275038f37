from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from kefu.web import translations

STATIC = Path(settings.BASE_DIR) / "kefu" / "web" / "static"


def test_every_text_of_the_interface_is_translated():
    assert translations.faults() == []


def test_a_missing_fuzzy_or_broken_translation_is_named(monkeypatch):
    broken = Catalog(locale="zh_Hans")
    broken.add("With %(name)s", "和")
    broken.add("Sign in", "登录", flags={"fuzzy"})
    broken.add("Nobody says this", "没人说")
    monkeypatch.setattr(translations, "_read", lambda language: broken)
    told = "\n".join(translations.faults())
    assert "'和' has other placeholders" in told
    assert "'Sign in' is marked fuzzy" in told
    assert "no translation of 'Sign out'" in told
    assert "nobody says 'Nobody says this'" in told


def test_every_icon_that_a_page_draws_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons" / "kefu.svg").read_text()))
    web = Path(settings.BASE_DIR) / "kefu" / "web"
    wanted = set()
    for page in (web / "templates").rglob("*.html"):
        wanted |= set(re.findall(r'icon\("([\w-]+)"', page.read_text()))
    for code in (web / "desk").glob("*.py"):
        wanted |= set(re.findall(r'State\(\s*"\w+",\s*"([\w-]+)"', code.read_text()))
    assert wanted - drawn == set()


def _themes() -> dict[str, dict[str, str]]:
    css = (STATIC / "css" / "tokens.css").read_text()
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css.partition("@media")[0]))
    dark = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css.rpartition('[data-theme="dark"]')[2]))
    auto = dict(
        re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css.partition("@media")[2].partition(':root[data-theme="dark"]')[0])
    )
    assert auto == dark, "the automatic dark theme and the chosen one are the same colours"
    return {"light": light, "dark": light | dark}


def _contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, relative luminance and contrast ratio."""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_pair_of_colours_can_be_read(theme):
    colors = _themes()[theme]
    pairs = [("ink", one) for one in ("ground", "surface", "raised", "hover", "accent-soft", "agent", "note")]
    pairs += [("muted", one) for one in ("ground", "surface", "raised", "hover", "accent-soft")]
    pairs += [(one, ground) for one in ("accent", "good", "warn", "bad") for ground in ("surface", "raised", "hover")]
    pairs += [("accent", "accent-soft"), ("accent-ink", "accent"), ("bad", "bad-soft"), ("warn", "warn-soft")]
    weak = {pair: round(_contrast(colors[pair[0]], colors[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}
