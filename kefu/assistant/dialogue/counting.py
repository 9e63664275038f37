"""Wishes that are about how many: "make it three instead of one", "cancel only the hat"."""

from __future__ import annotations

import re
from dataclasses import replace

from kefu.assistant.engine.playbook import Book
from kefu.assistant.language import Command, Correct, Fill, Start, Understanding

COUNTED, TAKEN_OUT, CALLED_OFF = "change_quantity", "take_out_item", "cancel_order"
#: wishes that mean another number of pieces when one is told and nothing of size or colour
_MAY_COUNT = frozenset({"change_item", "change_order", "exchange_item"})
_OF_VERSION = frozenset({"size", "color", "wanted"})
_MISFITS = frozenset({"too_small", "too_large"})

_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "un": 1, "una": 1, "uno": 1, "dos": 2, "tres": 3,
    "cuatro": 4, "cinco": 5, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "ein": 1, "eine": 1, "einen": 1,
    "einem": 1, "einer": 1, "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "um": 1, "uma": 1, "dois": 2,
    "duas": 2, "três": 3, "quatro": 4, "a": 1,
}  # fmt: skip
_NUMBER = rf"(\d{{1,3}}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_HAD = rf"(?:\d{{1,3}}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_INSTEAD = (
    r"(?:instead of|rather than|,? not|en vez de|en lugar de|em vez de|ao invés de|au lieu d['’e]|statt|anstatt"
    r"|und nicht) ?(?:just |only |nur |solo |só |seulement )?"
)
#: "two of the adapters, not one", "3 adaptadores em vez de 1"; what is wanted comes first
_RATHER = re.compile(rf"\b{_NUMBER}\b[^.?!\n]{{0,40}}?{_INSTEAD}{_HAD}\b")
#: "the quantity of the adapter to 3", "Anzahl auf 2", "数量改成3"
_QUANTITY = re.compile(
    r"(?:quantity|cantidad|quantité|quantidade|anzahl|menge|stückzahl|数量|件数|수량)[^.?!\n\d]{0,40}?(\d{1,3})(?!\d)"
)

#: where one thing is told ends and the next begins
_CLAUSE = re.compile(r"[,，、;；.。!！?？:：\n]|\b(?:and|but|und|aber|y|pero|et|mais|e|mas|while)\b|하고|지만")
#: what is said so is to be sent all the same
_STAYS = re.compile(
    r"\b(?:keep(?:ing)?|still|want|need|ship|send|leave|behalte\w*|bleib\w*|möchte|will|brauche\w*|schicken|quiero"
    r"|queremos|necesito|manten\w+|conserv\w+|env[ií]\w+|me quedo|gard\w+|veux|voulons|quero|queremos|preciso|mant\w+"
    r"|fic\w+|envi\w+)\b|そのまま|残し|必要|欲しい|送って|그대로|필요|보내|남겨|照发|照常|保留|留着|还要|要的|正常发|[^不]要$"
)
#: and so is to go
_GOES = re.compile(
    r"\b(?:cancel\w*|remove|take|drop|without|don't|do not|not|nicht|stornier\w*|streich\w*|entfern\w*|ohne|cancel\w*"
    r"|quit\w+|sin|no|annul\w+|enlev\w+|retir\w+|supprim\w+|sans|pas|sem|não|tir\w+)\b|取消|去掉|不要|不用|退掉|删"
    r"|キャンセル|取り消|外し|취소|빼"
)


def as_count(understood: Understanding, book: Book, now: str = "") -> Understanding:
    """ "Make it three instead of one" changes how many, not which; "cancel only the hat" takes a thing out.

    Of several things named, those told to stay are not meant; where more than one is left, none is taken: then it is
    asked which. now: the playbook whose question
    stands; where it asks what of an order is to go, "the whole order then" answers it.
    """
    if now in (CALLED_OFF, TAKEN_OUT) and _is_whole(understood):
        rest = [one for one in understood.commands if not isinstance(one, Start | Fill | Correct)]
        return replace(understood, commands=(*rest, Fill(0.9, understood.text, "part", "all")))
    fills = [one for one in understood.commands if isinstance(one, Fill)]
    kinds = {one.kind for one in fills}
    of_version = bool(kinds & _OF_VERSION) or any(one.kind == "reason" and one.value in _MISFITS for one in fills)
    told = _told(understood.text)
    leaves_some = any(one.kind == "all_of" and one.value == "all_but" for one in fills)
    commands: list[Command] = []
    for one in understood.commands:
        meant = ""
        if isinstance(one, Start) and one.intent in _MAY_COUNT and not of_version and (told or "quantity" in kinds):
            meant = COUNTED
        elif isinstance(one, Start) and one.intent == CALLED_OFF and ({"part", "item_words"} <= kinds or leaves_some):
            meant = TAKEN_OUT
        is_there = bool(meant) and book.for_intent(meant) is not None
        commands.append(replace(one, intent=meant) if is_there and isinstance(one, Start) else one)
    names = {one.intent for one in commands if isinstance(one, Start)}
    if told and not names and not of_version and book.for_intent(COUNTED) is not None:
        commands.insert(0, Start(0.8, understood.text, COUNTED))
        names = {COUNTED}
    if told and COUNTED in names:
        commands = [one for one in commands if not (isinstance(one, Fill) and one.kind == "quantity")]
        commands.append(Fill(0.9, "", "quantity", told))
    named = [one for one in fills if one.kind == "item_words"]
    if TAKEN_OUT in names and named:
        going = [one for one in named if not leaves_some and not _stays(one.words, understood.text)]
        meant_one = going if len(going) == 1 else []
        unmeant = [one for one in fills if one.kind in ("item_words", "items") and one not in meant_one]
        commands = [one for one in commands if one not in unmeant]
    return replace(understood, commands=tuple(commands))


def _stays(name: str, text: str) -> bool:
    """Whether the words around the thing's name say that it is to be sent all the same: "…, I still want the tent"."""
    clause = next((part for part in _CLAUSE.split(text.lower()[:400]) if name.lower() in part), "")
    return _STAYS.search(clause) is not None and _GOES.search(clause) is None


def _is_whole(understood: Understanding) -> bool:
    """Whether the message says nothing but that all of it is meant."""
    fills = [(one.kind, one.value) for one in understood.commands if isinstance(one, Fill | Correct)]
    wishes = {one.intent for one in understood.commands if isinstance(one, Start)}
    is_all = ("all_of", "all") in fills and all(kind in ("all_of", "free_text") for kind, _ in fills)
    return is_all and wishes <= {CALLED_OFF, TAKEN_OUT, "order_details"}


def _told(text: str) -> int:
    """The number of pieces that the words ask for; 0 when they ask for none."""
    lower = text.lower()[:400]
    found = _RATHER.search(lower) or _QUANTITY.search(lower)
    if found is None:
        return 0
    return int(found[1]) if found[1].isdigit() else _WORDS[found[1]]
