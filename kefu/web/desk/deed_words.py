"""What deeds, roles and the facts of a case are called, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from kefu.assistant.engine.playbook import Book
from kefu.kernel.money import Money
from kefu.web import moments
from kefu.web.desk import labels

_DEEDS = {
    "commerce.resend": noop("Send it again"),
    "commerce.pay_for_fault": noop("Give back a part of the price"),
    "commerce.pay_without_return": noop("Refund, nothing comes back"),
    "commerce.give_coupon": noop("Give a coupon"),
    "commerce.take_back": noop("Take it back at our cost"),
    "commerce.refund": noop("Refund"),
    "commerce.open_return": noop("Open a return"),
    "commerce.return_items": noop("Open a return"),
    "commerce.cancel_return": noop("Call the return off"),
    "commerce.exchange_items": noop("Exchange"),
    "commerce.cancel_order": noop("Cancel the order"),
    "commerce.change_address": noop("Change the address"),
    "commerce.change_default_address": noop("Change the address on the account"),
    "commerce.change_items": noop("Change the items"),
    "commerce.change_quantity": noop("Change how many"),
    "commerce.take_out": noop("Take the item out"),
    "commerce.change_payment": noop("Change how it is paid"),
    "commerce.notify_stock": noop("Note the wish to hear when it is back"),
    "parcels.resend_lost": noop("Send the lost parcel again"),
    "parcels.refund_lost": noop("Refund the lost parcel"),
    "warranty.open_repair": noop("Open a repair"),
    "account.ask_erasure": noop("Ask for the data to be erased"),
    "account.ask_change": noop("Ask for contact data to be changed"),
    "account.unsubscribe": noop("Unsubscribe"),
}
_ROLES = {
    "agent": noop("an agent"),
    "supervisor": noop("a supervisor"),
    "manager": noop("a manager"),
    "administrator": noop("an administrator"),
}
#: slots of the playbooks and arguments of the deeds
_FACTS = {
    "line": noop("Item"), "lines": noop("Items"), "item": noop("Item"), "order": noop("Order"),
    "order_number": noop("Order number"), "reason": noop("Reason"), "cause": noop("What is wrong"),
    "condition": noop("Condition"), "quantity": noop("Pieces"), "photo": noop("Photo"), "size": noop("Size"),
    "color": noop("Colour"), "wanted": noop("Wanted instead"), "wished": noop("Wished for"), 
    "scope": noop("How much of it"),
    "country": noop("Country"), "address": noop("Address"), "amount": noop("Amount"), "way": noop("Way"),
    "sku": noop("Variant"), "changes": noop("Changes"), "details": noop("In their words"),
    "symptom": noop("In their words"),
    "coupon_code": noop("Coupon"), "which": noop("Product"), "height": noop("Height"), "weight": noop("Weight"),
    "budget": noop("Budget"),
}  # fmt: skip


def deed(action: str) -> str:
    """ "commerce.open_return" -> "Open a return"; a deed without words of its own by its name."""
    return _(_DEEDS[action]) if action in _DEEDS else labels.words(action)


def role(name: str) -> str:
    """ "supervisor" -> "a supervisor"."""
    return _(_ROLES[name]) if name in _ROLES else name


def fact(name: str) -> str:
    """The name of a slot or an argument."""
    return _(_FACTS[name]) if name in _FACTS else labels.words(name)


def held(name: str, given: Any, book: Book | None, language: str) -> str:
    """What a slot or an argument of that name holds: a choice by its label, a photo by its number."""
    if name in ("reason", "cause", "condition"):
        return value({"key": f"choice.{given}"}, book, language)
    if name == "photo":
        return _("%(n)s sent") % {"n": len(str(given).split(","))}
    return value(given, book, language)


def value(given: Any, book: Book | None, language: str) -> str:
    """A slot's value for a person's eyes: titles and choices in the reader's language, amounts and days as people write
    them. At most 300 characters."""
    if isinstance(given, dict):
        text = _of_shape(given, book, language)
    elif isinstance(given, list | tuple):
        text = ", ".join(value(one, book, language) for one in given[:12])
    elif isinstance(given, bool):
        text = _("yes") if given else _("no")
    else:
        text = "" if given is None else str(given)
    return text if len(text) <= 300 else text[:299] + "…"


def _of_shape(given: dict[str, Any], book: Book | None, language: str) -> str:
    if isinstance(given.get("text"), dict):
        titles = given["text"]
        return str(titles.get(language) or titles.get("en") or next(iter(titles.values()), ""))
    if isinstance(given.get("key"), str):
        key = given["key"]
        plain = labels.words(key)
        return book.label(key, language, plain) if book else plain
    if {"minor", "currency"} <= set(given):
        return moments.here().money(Money(given["minor"], given["currency"]))
    if isinstance(given.get("date"), str):
        return str(given["date"])
    return "; ".join(f"{fact(str(name))}: {value(one, book, language)}" for name, one in list(given.items())[:12])
