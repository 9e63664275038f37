"""The verbs: a draft is kept, thrown away, published; an edition is rolled back by publishing what was before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from kefu.assistant.editions.errors import (
    DraftHasFaults,
    DraftIsOutdated,
    DraftMovedOn,
    NoSuchFile,
    NothingChanged,
    TextTooLong,
)
from kefu.assistant.editions.events import PUBLISHED
from kefu.assistant.editions.faults import faults_of
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import KINDS, STAMP, Kind, digest, pack_sources, sources_of
from kefu.desk import events as desk_events
from kefu.kernel import clock
from kefu.people.actors import Actor
from kefu.people.models import Agent, Brand
from kefu.people.services import keep_setting

RIGHT = "assistant.edit"
LONGEST = 64_000


def kind_of(file: str) -> Kind:
    """ "playbooks/return_item.yaml" -> "playbooks". Raises NoSuchFile."""
    for kind in KINDS:
        if file.startswith(f"{kind}/"):
            return kind
    raise NoSuchFile(file=file[:120])


@transaction.atomic
def save_draft(
    brand: Brand, file: str, *, text: str, by: Actor, author: Agent, note: str = "", seen: str = ""
) -> Edition:
    """Keep a draft of one file; a file has one, whoever wrote at it last. It may have faults, for nothing runs on it.

    seen: the `digest` of the text that its author began with, the draft's or what works; "" asks for no comparison.
    Raises NotAllowed, NoSuchFile, TextTooLong, and DraftMovedOn when it says something else by now.
    """

    def written(now: str) -> str:
        _same(file, now, seen)
        return text

    draft = amend_draft(brand, file, change=written, by=by, author=author, note=note)
    draft.begun_on = digest(_working(Brand.objects.get(pk=brand.pk), file, by=by))
    draft.save(update_fields=["begun_on"])
    return draft


@transaction.atomic
def amend_draft(
    brand: Brand, file: str, *, change: Callable[[str], str], by: Actor, author: Agent, note: str | None = None
) -> Edition:
    """Change a file's draft as it stands at this moment, be it another's; without one it is begun on what works.

    change: the text as it stands -> the new one, while nobody else writes; what it raises leaves all as it was.
    note: None keeps what was noted. Raises NotAllowed, NoSuchFile, TextTooLong.
    """
    by.require(RIGHT, on=border(brand))
    brand = Brand.objects.select_for_update().get(pk=brand.pk)  # two managers keep the same draft
    working = _working(brand, file, by=by)
    draft = Edition.objects.filter(brand=brand, file=file, number=None).first()
    if draft is None:
        draft = Edition(brand=brand, file=file, number=None, text=working, begun_on=digest(working))
    text = change(draft.text).replace("\r\n", "\n").replace("\x00", "")
    if len(text) > LONGEST:
        raise TextTooLong(file=file)
    draft.text, draft.author, draft.changed_at = text, author, clock.now()
    draft.note = draft.note if note is None else note[:300]
    draft.save()
    return draft


@transaction.atomic
def discard_draft(brand: Brand, file: str, *, by: Actor, seen: str = "") -> None:
    """Throw the file's draft away; without one nothing happens. Raises NotAllowed, NoSuchFile, DraftMovedOn."""
    by.require(RIGHT, on=border(brand))
    brand = Brand.objects.select_for_update().get(pk=brand.pk)
    _working(brand, file, by=by)
    draft = Edition.objects.filter(brand=brand, file=file, number=None).first()
    if draft is not None:
        _same(file, draft.text, seen)
        draft.delete()


@transaction.atomic
def publish(brand: Brand, file: str, *, by: Actor, seen: str = "", note: str | None = None) -> Edition:
    """From the next message on the draft is what works. The draft is the published edition then.

    seen: as save_draft takes it. note: why; None keeps the draft's. Raises NotAllowed, NoSuchFile, NothingChanged,
    DraftMovedOn, DraftHasFaults with the list, and DraftIsOutdated when another edition was published since the draft
    was begun.
    """
    by.require(RIGHT, on=border(brand))
    brand = Brand.objects.select_for_update().get(pk=brand.pk)  # one publication of a brand at a time
    working = _working(brand, file, by=by)
    draft = Edition.objects.filter(brand=brand, file=file, number=None).first()
    _same(file, draft.text if draft else working, seen)
    if draft is None or draft.text == working:
        raise NothingChanged(file=file)
    if draft.begun_on != digest(working):
        raise DraftIsOutdated(file=file)
    if faults := faults_of(brand, file, draft.text):
        raise DraftHasFaults(file=file, faults=[str(fault) for fault in faults[:20]])
    draft.note = draft.note if note is None else note[:300]
    return _put_to_work(brand, draft, by=by)


def _same(file: str, now: str, seen: str) -> None:
    if seen and digest(now) != seen:
        raise DraftMovedOn(file=file)


@transaction.atomic
def roll_back(brand: Brand, file: str, *, to: int, by: Actor, author: Agent) -> Edition:
    """Make an earlier edition work again, `to` 0 the pack's own file. History goes on: it becomes the newest edition.

    Raises NotAllowed, NoSuchFile, NothingChanged, and DraftHasFaults when Kefu has changed so that it no longer fits.
    """
    by.require(RIGHT, on=border(brand))
    brand = Brand.objects.select_for_update().get(pk=brand.pk)
    working = _working(brand, file, by=by)
    pack_text = pack_sources(brand.pack, kind_of(file))[file]
    earlier = Edition.objects.filter(brand=brand, file=file, number=to).first() if to else None
    if to and earlier is None:
        raise NoSuchFile(file=file, edition=to)
    text = (earlier.text or pack_text) if earlier else pack_text
    if text == working:
        raise NothingChanged(file=file)
    if faults := faults_of(brand, file, text):
        raise DraftHasFaults(file=file, faults=[str(fault) for fault in faults[:20]])
    # the pack's own file is no text of its own: it goes on with the pack's updates
    edition = Edition(brand=brand, file=file, text=text if to else "", begun_on=digest(working), author=author,
                      note=f"back to {to}" if to else "back to the pack's own", changed_at=clock.now())  # fmt: skip
    return _put_to_work(brand, edition, by=by)


def _put_to_work(brand: Brand, edition: Edition, *, by: Actor) -> Edition:
    newest = Edition.objects.filter(brand=brand, file=edition.file).aggregate(Max("number"))["number__max"]
    edition.number, edition.published_at = (newest or 0) + 1, clock.now()
    edition.save()
    keep_setting(brand, name=STAMP, value=edition.pk + edition.number, by=by, right=RIGHT)
    desk_events.record_apart(PUBLISHED, brand_id=brand.pk, by=by, file=edition.file, edition=edition.number)
    return edition


def _working(brand: Brand, file: str, *, by: Actor) -> str:
    """The text that works for the brand now."""
    by.require(RIGHT, on=border(brand))
    working = sources_of(brand, kind_of(file)).get(file)
    if working is None:
        raise NoSuchFile(file=file[:120])
    return working


@dataclass(frozen=True, slots=True)
class _Border:
    brand_id: int


def border(brand: Brand) -> _Border:
    """The brand itself as the border of a right, for Actor.require."""
    return _Border(brand.pk)
