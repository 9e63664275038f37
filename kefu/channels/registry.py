"""The channels Kefu speaks: one line each. The kind is text, so a new channel needs no migration."""

from __future__ import annotations

from importlib import import_module

from django import forms

from kefu.channels.base import Channel
from kefu.desk import abilities

#: kind -> (adapter, form of its settings)
_CHANNELS = {
    "chat": ("kefu.channels.chat.adapter:Chat", "kefu.channels.chat.settings:ChatSettings"),
    "email": ("kefu.channels.email.adapter:Email", "kefu.channels.email.settings:EmailSettings"),
    "hello": ("kefu.channels.hello.adapter:Hello", "kefu.channels.hello.settings:HelloSettings"),
}


def kinds() -> list[str]:
    return list(_CHANNELS)


def _found(kind: str, place: int) -> object:
    try:
        module, _, name = _CHANNELS[kind][place].partition(":")
    except KeyError:
        raise KeyError(f"no channel of kind {kind!r}; there are {', '.join(_CHANNELS)}") from None
    return getattr(import_module(module), name)


def adapter_class(kind: str) -> type[Channel]:
    """The adapter of a kind. Raises KeyError with the kinds there are."""
    adapter = _found(kind, 0)
    if not (isinstance(adapter, type) and issubclass(adapter, Channel)):
        raise TypeError(f"{_CHANNELS[kind][0]} is no adapter")
    return adapter


def settings_form(kind: str) -> type[forms.Form]:
    """The form that checks a channel's settings. Its attribute SECRETS, if it has one, names the fields that are kept
    encrypted. Raises KeyError."""
    form = _found(kind, 1)
    if not (isinstance(form, type) and issubclass(form, forms.Form)):
        raise TypeError(f"{_CHANNELS[kind][1]} is no form")
    return form


def new_secrets(kind: str) -> dict[str, str]:
    """What a new channel of this kind keeps secret from its first moment: the module of its form makes it, if it has
    a function `new_secrets`."""
    make = getattr(import_module(settings_form(kind).__module__), "new_secrets", None)
    made: dict[str, str] = make() if make else {}
    return made


def declare_abilities() -> None:
    """Tell the desk, which may not ask us, what each kind of channel can carry."""
    for kind in kinds():
        can = adapter_class(kind).abilities
        carries = abilities.Carries(
            is_letter=can.is_letter, has_buttons=can.buttons, is_pulled=can.is_pulled, text_limit=can.text_limit
        )
        abilities.declare(kind, carries)
