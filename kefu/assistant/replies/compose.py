"""Effects that speak become one message in the customer's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kefu.assistant.engine.effects import Ask, Confirm, Effect, Say
from kefu.assistant.replies.names import addressed
from kefu.assistant.replies.tone import apologise_once
from kefu.assistant.replies.wording import Wording

#: quick replies of a confirmation are "yes:<fingerprint>" and "no:<fingerprint>" of the deed they were drawn for, so
#: that a button of an older message is never a yes to something else
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Reply:
    """`choices`: (value, label) pairs for buttons. `cites`: the rows and articles that its facts came from."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()
    cites: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


def compose(
    effects: Sequence[Effect],
    wording: Wording,
    *,
    customer_name: str = "",
    brand_name: str = "",
    has_buttons: bool = True,
) -> Reply:
    """One reply from all effects that speak, in their order; the same sentence is never said twice, nor is an
    apology.

    A letter gets greeting and closing. The choices are those of the last question, for only that one is open; where
    the channel draws no buttons they are listed in the text.
    """
    parts: list[str] = []
    keys: list[str] = []
    cites: list[str] = []
    choices: tuple[tuple[str, str], ...] = ()
    for effect in effects:
        if not isinstance(effect, Say | Ask | Confirm):
            continue
        part = wording.text(effect.key, effect.facts)
        if part and part not in parts:
            parts.append(part)
        keys.append(effect.key)
        if isinstance(effect, Say):
            cites += effect.cites
        elif isinstance(effect, Ask):
            choices = effect.options
        else:
            deed = effect.deed.fingerprint()
            choices = (
                (f"{YES}:{deed}", wording.text("button.yes", {})),
                (f"{NO}:{deed}", wording.text("button.no", {})),
            )
    parts = apologise_once(parts, wording.language)
    if not parts:
        return Reply("")
    if not has_buttons:
        parts += _listed(choices)
    if wording.style == "letter":
        parts = _as_letter(parts, wording, customer_name, brand_name)
    return Reply("\n\n".join(parts), choices, tuple(dict.fromkeys(cites)), tuple(keys))


def _listed(choices: Sequence[tuple[str, str]]) -> list[str]:
    """What can be chosen, numbered; a yes or a no needs no list."""
    if not choices or choices[0][0].startswith(f"{YES}:"):
        return []
    return ["\n".join(f"{n}. {label}" for n, (_, label) in enumerate(choices, 1))]


def _as_letter(parts: list[str], wording: Wording, customer_name: str, brand_name: str) -> list[str]:
    """Greeting, the parts, closing."""
    name = addressed(customer_name, wording.language)
    greeting = wording.text("letter.greeting", {"name": name}) if name else wording.text("letter.greeting_unknown", {})
    return [greeting, *parts, wording.text("letter.closing", {"brand": brand_name})]
