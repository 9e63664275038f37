"""The verbs: teach, take back, learn."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import transaction

from kefu.assistant.learning.current import running
from kefu.assistant.learning.rules import Outcome, compare
from kefu.assistant.models import TeachingExample, TrainedModel
from kefu.assistant.understanding import frozen
from kefu.assistant.understanding.examples import Example, intents_of
from kefu.assistant.understanding.learner import mask, read
from kefu.assistant.understanding.model import key_of_pack, train
from kefu.assistant.understanding.normal import normalise
from kefu.desk.models import Conversation
from kefu.kernel import clock
from kefu.kernel.errors import BadInput, Refused
from kefu.people.actors import Actor, ActorKind
from kefu.people.models import Brand

TEACH, LEARN = "assistant.teach", "assistant.edit"
#: corrections of one brand that are learnt from, the newest; a set this large needs a pack of its own
MOST = 5000
#: models kept of each brand, so that somebody can look at what was before
KEPT = 3
LONGEST = 500


class BadLesson(BadInput):
    """There is nothing to learn from this. Give a sentence with words in it, and an intent that the pack knows."""

    code = "assistant.bad_lesson"


class ForeignConversation(Refused):
    """The conversation belongs to another brand; teach it there."""

    code = "assistant.foreign_conversation"


@dataclass(frozen=True, slots=True)
class _Owned:
    """What a right is asked on."""

    brand_id: int


def teach_intent(brand: Brand, *, text: str, label: str, language: str, by: Actor, heard: str = "",
                 conversation: Conversation | None = None) -> TeachingExample:  # fmt: skip
    """Keep that `text` means the intent `label`; `heard` is what it was taken for. Learnt at the next `learn`.

    The same text taught again replaces what was said before. Numbers and addresses are put aside before it is stored.
    Raises NotAllowed, BadLesson, ForeignConversation.
    """
    if label not in intents_of(brand.pack).by_name:
        raise BadLesson(label=label, field="label")
    return _taught(brand, TeachingExample.INTENT, text, label, language, by, conversation, heard=heard)


def teach_reply(brand: Brand, *, text: str, better: str, language: str, by: Actor, key: str = "", heard: str = "",
                conversation: Conversation | None = None) -> TeachingExample:  # fmt: skip
    """Keep that `text` should have been answered with `better`; `key` names the text that was used, `heard` the draft.

    Kept for people to look at: no reply changes by itself. Raises NotAllowed, BadLesson, ForeignConversation.
    """
    if not better.strip():
        raise BadLesson(field="better")
    return _taught(brand, TeachingExample.REPLY, text, key, language, by, conversation, heard=heard, better=better)


@transaction.atomic
def _taught(brand: Brand, kind: str, text: str, label: str, language: str, by: Actor,
            conversation: Conversation | None, **more: str) -> TeachingExample:  # fmt: skip
    by.require(TEACH, on=_Owned(brand.pk))
    if conversation is not None and conversation.brand_id != brand.pk:
        raise ForeignConversation(brand=brand.slug)
    kept = mask(normalise(text).folded)[:LONGEST]
    if sum(letter.isalpha() for letter in kept) < 2:
        raise BadLesson(field="text")
    author_id = by.id if by.kind is ActorKind.AGENT else None
    same = TeachingExample.objects.filter(brand=brand, kind=kind, text=kept, withdrawn_at__isnull=True)
    same.update(withdrawn_at=clock.now(), withdrawn_by_id=author_id)
    return TeachingExample.objects.create(
        brand=brand, kind=kind, text=kept, label=label[:80], language=language[:8], conversation=conversation,
        author_id=author_id, at=clock.now(), heard=more.get("heard", "")[:LONGEST],
        better=more.get("better", "")[:2000],
    )  # fmt: skip


def withdraw_teaching(example: TeachingExample, *, by: Actor) -> TeachingExample:
    """Take a correction back: the next `learn` is without it. Twice is once. Raises NotAllowed."""
    by.require(TEACH, on=example)
    if example.withdrawn_at is None:
        example.withdrawn_at = clock.now()
        example.withdrawn_by_id = by.id if by.kind is ActorKind.AGENT else None
        example.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return example


def lessons_of(brand: Brand) -> list[Example]:
    """What people of this brand corrected and nobody took back, oldest first: later lessons win."""
    rows = TeachingExample.objects.filter(brand=brand, kind=TeachingExample.INTENT, withdrawn_at__isnull=True)
    newest = rows.order_by("-id").values_list("text", "label", "language")[:MOST]
    return [Example(text, label, language) for text, label, language in reversed(newest)]


def learn(pack: str, brand: Brand | None, *, by: Actor) -> Outcome:
    """Train a model for a brand (None: the pack's own, for brands without corrections), compare it with the running one
    on examples held back, and switch unless it is worse. Some ten seconds. Raises NotAllowed, BadIntent."""
    if brand is not None:
        by.require(LEARN, on=_Owned(brand.pk))
    elif by.kind is not ActorKind.SYSTEM:
        by.require(LEARN, on=_Owned(0))  # the pack is every brand's: only the machine's owner learns it anew
    began = time.monotonic()
    lessons = lessons_of(brand) if brand is not None else []
    new, old = train(pack, lessons), running(pack, brand.pk if brand is not None else None)
    comparison = compare(new, old)
    switched = not comparison.is_worse
    if switched:
        _publish(pack, brand, new, lessons, by)
    words = {frozen.key_of(read(example.text)): example.text for example in intents_of(pack).examples}
    lost = tuple(words[key] for key in sorted(comparison.lost_keys) if key in words)[:5]
    name = brand.name if brand is not None else pack
    return Outcome(name, len(new.keys), len(lessons), time.monotonic() - began, comparison, switched, lost)


@transaction.atomic
def _publish(pack: str, brand: Brand | None, new: frozen.Trained, lessons: list[Example], by: Actor) -> None:
    TrainedModel.objects.create(
        brand=brand, pack=pack, key=key_of_pack(pack), examples=len(new.keys), taught=len(lessons), right=new.right,
        data=frozen.bytes_of(new), author_id=by.id if by.kind is ActorKind.AGENT else None, at=clock.now(),
    )  # fmt: skip
    rows = TrainedModel.objects.filter(pack=pack, brand=brand).order_by("-id").values_list("id", flat=True)
    TrainedModel.objects.filter(pack=pack, brand=brand).exclude(id__in=list(rows[:KEPT])).delete()
