"""The verbs: a draft is kept, thrown away, published; an edition is rolled back by publishing what was before."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from kefu.assistant.editions.errors import DraftHasFaults, DraftIsOutdated, NoSuchFile, NothingChanged, TextTooLong
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
def save_draft(brand: Brand, file: str, *, text: str, by: Actor, author: Agent, note: str = "") -> Edition:
    """Keep a draft of one file; a file has one, whoever wrote at it last. It may have faults, for nothing runs on it.

    Raises NotAllowed, NoSuchFile, TextTooLong.
    """
    working = _working(brand, file, by=by)
    text = text.replace("\r\n", "\n").replace("\x00", "")
    if len(text) > LONGEST:
        raise TextTooLong(file=file)
    draft, _ = Edition.objects.update_or_create(
        brand=brand,
        file=file,
        number=None,
        defaults={"text": text, "note": note[:300], "author": author, "changed_at": clock.now(),
                  "begun_on": digest(working)},
    )  # fmt: skip
    return draft


def discard_draft(brand: Brand, file: str, *, by: Actor) -> None:
    """Throw the file's draft away; without one nothing happens. Raises NotAllowed, NoSuchFile."""
    _working(brand, file, by=by)
    Edition.objects.filter(brand=brand, file=file, number=None).delete()


@transaction.atomic
def publish(brand: Brand, file: str, *, by: Actor) -> Edition:
    """From the next message on the draft is what works. The draft is the published edition then.

    Raises NotAllowed, NoSuchFile, NothingChanged, DraftHasFaults with the list, and DraftIsOutdated when another
    edition was published since the draft was saved.
    """
    by.require(RIGHT, on=border(brand))
    brand = Brand.objects.select_for_update().get(pk=brand.pk)  # one publication of a brand at a time
    working = _working(brand, file, by=by)
    draft = Edition.objects.filter(brand=brand, file=file, number=None).first()
    if draft is None or draft.text == working:
        raise NothingChanged(file=file)
    if draft.begun_on != digest(working):
        raise DraftIsOutdated(file=file)
    if faults := faults_of(brand, file, draft.text):
        raise DraftHasFaults(file=file, faults=[str(fault) for fault in faults[:20]])
    return _put_to_work(brand, draft, by=by)


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
