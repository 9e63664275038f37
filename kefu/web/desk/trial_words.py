"""How a story of the book ended, in the words of the desk: "case return_item return_opened" -> "Return an item: Return
opened". What no sentence is made for is shown as the book words it."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from kefu.web.desk import deed_words, labels, order_words, step_words

_AMOUNT = r"\d+(?:\.\d+)? [A-Z]{3}"


def ended(line: str) -> str:
    """One line of trials.words_of, in the reader's language."""
    for pattern, tell in _SENTENCES:
        if found := pattern.fullmatch(line):
            return tell(found)
    return line


def _case(found: re.Match[str]) -> str:
    playbook, disposition = labels.playbook(found[1]), labels.disposition(found[2] or "")
    return f"{playbook}: {disposition}" if disposition else _("%(what)s: still open") % {"what": playbook}


def _pieces(said: str) -> str:
    """ "socks-grey-M x2 changed_mind, mug x1 damaged" -> "2 × socks-grey-M (Change of mind), 1 × mug (Damaged)"."""
    shown = []
    for one in said.split(", "):
        sku, count, reason = [*one.split(" "), "", ""][:3]
        shown.append(f"{count.removeprefix('x')} × {sku}" + (f" ({labels.root_cause(reason)})" if reason else ""))
    return ", ".join(shown)


def _asked(found: re.Match[str]) -> str:
    said = _("asks %(role)s: %(deed)s") % {"role": deed_words.role(found[1]), "deed": step_words.deed(found[2])}
    return said + (found[3] or "")


_SENTENCES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern), tell)
    for pattern, tell in (
        (r"case (\S+)(?: (\S+))?", _case),
        (r"person (\S+)(?: \d+)?", lambda found: _("goes to a person: %(queue)s") % {"queue": labels.queue(found[1])}),
        (
            rf"refund of ({_AMOUNT}) on (\S+)",
            lambda found: _("%(amount)s go back for %(order)s") % {"amount": found[1], "order": found[2]},
        ),
        (
            rf"return of (\S+): (.+), ({_AMOUNT})",
            lambda found: (
                _("return for %(order)s: %(pieces)s, %(amount)s back")
                % {"order": found[1], "pieces": _pieces(found[2]), "amount": found[3]}
            ),
        ),
        (
            r"task (\S+) (\S+)",
            lambda found: (
                _("task for %(team)s: %(what)s") % {"team": labels.queue(found[1]), "what": labels.task(found[2])}
            ),
        ),
        (
            r"(\S+) (unpaid|paid|packing|shipped|delivered|cancelled)",
            lambda found: (
                _("%(order)s becomes: %(state)s") % {"order": found[1], "state": order_words.order_state(found[2])}
            ),
        ),
        (
            r"(\S+) goes to (.+)",
            lambda found: _("%(order)s is sent to %(address)s") % {"order": found[1], "address": found[2]},
        ),
        (
            r"exchange: (.+)",
            lambda found: _("exchange: %(what)s") % {"what": found[1].replace("->", "→")},
        ),
        (r"asks (\S+) for (\S+?)(, .+)?", _asked),
    )
)
