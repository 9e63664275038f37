"""The channels Kefu speaks: one line each. The kind is text, so a new channel needs no migration."""

from __future__ import annotations

from importlib import import_module

from kefu.channels.base import Channel

_ADAPTERS = {
    "chat": "kefu.channels.chat.adapter:Chat",
    "email": "kefu.channels.email.adapter:Email",
    "hello": "kefu.channels.hello.adapter:Hello",
}


def kinds() -> list[str]:
    return list(_ADAPTERS)


def adapter_class(kind: str) -> type[Channel]:
    """The adapter of a kind. Raises KeyError with the kinds there are."""
    try:
        module, _, name = _ADAPTERS[kind].partition(":")
    except KeyError:
        raise KeyError(f"no channel of kind {kind!r}; there are {', '.join(_ADAPTERS)}") from None
    adapter: type[Channel] = getattr(import_module(module), name)
    return adapter
