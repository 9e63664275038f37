"""The verbs: teach, take back, learn."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from kefu.assistant.learning.current import running
from kefu.assistant.learning.masking import STAND_INS, Known, put_aside
from kefu.assistant.learning.rules import Outcome, compare
from kefu.assistant.models import TeachingExample, TrainedModel
from kefu.assistant.understanding import frozen
from kefu.assistant.understanding.examples import Example, intents_of
from kefu.assistant.understanding.learner import mask, read
from kefu.assistant.understanding.model import key_of_pack, train
from kefu.assistant.understanding.normal import normalise
from kefu.commerce.models import Order, Shipment
from kefu.desk.models import Conversation, Message
from kefu.kernel import clock
from kefu.kernel.errors import BadInput, Refused
from kefu.people.actors import Actor, ActorKind
from kefu.people.models import Agent, Brand

TEACH, REVIEW, LEARN = "assistant.teach", "assistant.review", "assistant.edit"
#: corrections of one brand that are learnt from, the newest; a set this large needs a pack of its own
MOST = 5000
#: models kept of each brand, so that somebody can look at what was before
KEPT = 3
LONGEST = 500
#: intents that one message may mean
INTENTS = 5
#: letters kept of a reply
REPLY = 2000
#: letters of the names of the texts that a reply was made of
KEYS = 80
#: orders, parcels and colleagues whose names and numbers are put aside
LOOKED = 50


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
                 conversation: Conversation | None = None, also: Sequence[str] = (),
                 message: Message | None = None) -> TeachingExample:  # fmt: skip
    """Keep that `text` means the intent `label`; `heard` is what it was taken for. Learnt at the next `learn`.

    also: further wishes of the same text; such a lesson is kept for people, for a sentence with two wishes teaches
    neither. What the same author taught of the same text, or of the same `message`, is replaced. Whose text it was is
    put aside before it is stored. Raises NotAllowed, BadLesson, ForeignConversation.
    """
    labels = list(dict.fromkeys([label, *also]))
    unknown = [one for one in labels if one not in intents_of(brand.pack).by_name]
    if unknown or len(labels) > INTENTS:
        raise BadLesson(label=", ".join(unknown)[:200], field="label")
    lesson = TeachingExample(brand=brand, kind=TeachingExample.INTENT, label=label, also=labels[1:],
                             heard=heard[:LONGEST], language=language[:8], conversation=conversation,
                             message=message)  # fmt: skip
    return _taught(lesson, text, by)


def teach_reply(brand: Brand, *, text: str, better: str, language: str, by: Actor, key: str = "", heard: str = "",
                conversation: Conversation | None = None, message: Message | None = None,
) -> TeachingExample:  # fmt: skip
    """Keep that `text` should have been answered with `better`; `key` names the text that was used, `heard` the draft.

    message: our reply, as it was sent. Kept for people to look at: no reply changes by itself. Raises NotAllowed,
    BadLesson, ForeignConversation.
    """
    if not better.strip():
        raise BadLesson(field="better")
    known = known_of(conversation)

    def masked(said: str) -> str:
        return put_aside(said, language=language, pack=brand.pack, known=known)[:REPLY]

    lesson = TeachingExample(brand=brand, kind=TeachingExample.REPLY, label=key[:KEYS], heard=masked(heard),
                             better=masked(better), language=language[:8], conversation=conversation,
                             message=message)  # fmt: skip
    return _taught(lesson, text, by)


@transaction.atomic
def _taught(lesson: TeachingExample, text: str, by: Actor) -> TeachingExample:
    brand, conversation, message = lesson.brand, lesson.conversation, lesson.message
    by.require(TEACH, on=_Owned(brand.pk))
    if conversation is not None and conversation.brand_id != brand.pk:
        raise ForeignConversation(brand=brand.slug)
    if message is not None and message.brand_id != brand.pk:
        raise ForeignConversation(brand=brand.slug)
    known = known_of(conversation)
    aside = put_aside(text, language=lesson.language, pack=brand.pack, known=known)
    lesson.text = mask(normalise(_as_learnt(aside)).folded)[:LONGEST]
    if lesson.kind == TeachingExample.INTENT and sum(letter.isalpha() for letter in _without(lesson.text)) < 2:
        raise BadLesson(field="text")
    lesson.author_id, lesson.at = by.id if by.kind is ActorKind.AGENT else None, clock.now()
    same = Q(message=message) if message is not None else Q(pk__in=())
    if lesson.kind == TeachingExample.INTENT:
        same |= Q(text=lesson.text)
    before = TeachingExample.objects.filter(same, brand=brand, kind=lesson.kind, author_id=lesson.author_id)
    before.filter(withdrawn_at__isnull=True).update(withdrawn_at=lesson.at, withdrawn_by_id=lesson.author_id)
    lesson.save()
    return lesson


def _as_learnt(aside: str) -> str:
    """The stand-ins of numbers and mail addresses as `learner.mask` reads them in what customers write."""
    return aside.replace("[number]", "1000").replace("[e-mail]", "email")


def _without(text: str) -> str:
    for stand_in in ("email", *STAND_INS.values()):
        text = text.replace(stand_in, "")
    return text


def known_of(conversation: Conversation | None) -> Known:
    """Who takes part in the talk, and the numbers and addresses of this customer's orders. Three queries."""
    if conversation is None:
        return Known()
    customer, address = conversation.customer, conversation.identity.address
    given = [("name", customer.name), ("email", customer.email), ("phone", customer.phone)]
    given.append(("email" if "@" in address else "number", address))
    given += _parts_of(customer.address)
    orders = Order.objects.filter(customer=customer, brand=conversation.brand_id).order_by("-placed_at")
    for number, email, phone, postcode, where in orders.values_list("number", "email", "phone", "postcode", "address")[
        :LOOKED
    ]:
        given += [
            ("order_number", number),
            ("email", email),
            ("phone", phone),
            ("postcode", postcode),
            *_parts_of(where),
        ]
    parcels = Shipment.objects.filter(order__customer=customer, brand=conversation.brand_id).order_by("-pk")
    given += [("tracking_number", one) for one in parcels.values_list("tracking_number", flat=True)[:LOOKED]]
    people = Agent.objects.filter(seats__brand_id=conversation.brand_id).order_by("-pk")
    given += [("name", one) for one in people.values_list("name", flat=True)[:LOOKED]]
    return Known.of(given)


def _parts_of(address: Mapping[str, object]) -> list[tuple[str, str]]:
    kinds = {"name": "name", "street": "street", "street2": "street", "city": "city", "postcode": "postcode"}
    return [(kind, str(address[part])) for part, kind in kinds.items() if address.get(part)]


@transaction.atomic
def withdraw_teaching(example: TeachingExample, *, by: Actor) -> TeachingExample:
    """Take a correction back: the next `learn` is without it. One's own, or as somebody who reviews them. Twice is
    once. Raises NotAllowed."""
    example = TeachingExample.objects.select_for_update().get(pk=example.pk)
    by.require(TEACH if by.kind is ActorKind.AGENT and example.author_id == by.id else REVIEW, on=example)
    if example.withdrawn_at is None:
        example.withdrawn_at = clock.now()
        example.withdrawn_by_id = by.id if by.kind is ActorKind.AGENT else None
        example.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return example


@transaction.atomic
def accept_teaching(example: TeachingExample, *, by: Actor) -> TeachingExample:
    """Say that a correction is right, also one that was dropped. It settles what its words mean: other intents taught
    of the same words are taken back. Twice is once. Raises NotAllowed."""
    by.require(REVIEW, on=example)
    rivals = Q(pk=example.pk) | Q(message=example.message, author_id=example.author_id, message__isnull=False)
    if example.kind == TeachingExample.INTENT:
        rivals |= Q(text=example.text)
    rows = TeachingExample.objects.filter(rivals, brand_id=example.brand_id, kind=example.kind)
    locked = {one.pk: one for one in rows.select_for_update().order_by("pk")}
    example = locked.pop(example.pk)
    if example.accepted_at is not None and example.withdrawn_at is None:
        return example
    now, reviewer_id = clock.now(), by.id if by.kind is ActorKind.AGENT else None
    others = TeachingExample.objects.filter(pk__in=list(locked), withdrawn_at__isnull=True)
    others.update(withdrawn_at=now, withdrawn_by_id=reviewer_id)
    example.accepted_at, example.accepted_by_id = now, reviewer_id
    example.withdrawn_at = example.withdrawn_by = None
    example.save(update_fields=["accepted_at", "accepted_by", "withdrawn_at", "withdrawn_by"])
    return example


def lessons_of(brand: Brand) -> list[Example]:
    """What people of this brand corrected and nobody took back, of one wish each, oldest first and the accepted ones
    last: later lessons win."""
    rows = TeachingExample.objects.filter(
        brand=brand, kind=TeachingExample.INTENT, withdrawn_at__isnull=True, also=[]
    )  # fmt: skip
    newest = rows.order_by("-id").values_list("text", "label", "language", "accepted_at")[:MOST]
    oldest = list(newest)[::-1]
    in_order = [*(one for one in oldest if one[3] is None), *(one for one in oldest if one[3] is not None)]
    return [Example(text, label, language) for text, label, language, _ in in_order]


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
