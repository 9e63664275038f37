"""Back-in-stock notices: noted once with the customer's consent, sent once when the pieces are there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from kefu.assistant.actions.catalog.saying import variant_words
from kefu.assistant.models import StockNotice
from kefu.assistant.replies.texts import load_texts
from kefu.assistant.replies.wording import Wording
from kefu.commerce.models import Variant
from kefu.desk import abilities
from kefu.desk.models import Conversation, Owner
from kefu.desk.services import add_note, say_as_assistant
from kefu.desk.services.locking import locked
from kefu.kernel import clock
from kefu.people.actors import assistant

#: notices that one job sends; what is beyond waits for the next one
AT_ONCE = 500


def note_wish(conversation: Conversation, variant: Variant, *, language: str) -> tuple[StockNotice, bool]:
    """Keep the wish, with the moment of the consent; gives the notice and whether it is new. Asked again for the same
    variant from the same address, the first one stands."""
    waiting = StockNotice.objects.filter(variant=variant, identity=conversation.identity, sent_at__isnull=True)
    if (known := waiting.first()) is not None:
        return known, False
    try:
        with transaction.atomic():
            made = StockNotice.objects.create(
                brand_id=conversation.brand_id, variant=variant, identity=conversation.identity,
                conversation=conversation, language=language, consented_at=clock.now(),
            )  # fmt: skip
    except IntegrityError:  # two messages at once; the other one was first
        return waiting.get(), False
    return made, True


def anybody_waits_for(variant_ids: Iterable[int]) -> list[int]:
    """Which of these variants somebody waits for."""
    waiting = StockNotice.objects.filter(variant_id__in=list(variant_ids), sent_at__isnull=True)
    return sorted(set(waiting.values_list("variant_id", flat=True)))


def waiting_notices(variant_ids: Iterable[int]) -> list[int]:
    """Ids of the notices that can be sent now, the oldest wish first: their variant is there and still sold."""
    return list(
        StockNotice.objects.filter(
            variant_id__in=list(variant_ids), sent_at__isnull=True, variant__stock__gt=0, variant__product__is_sold=True
        )
        .order_by("consented_at", "pk")
        .values_list("pk", flat=True)[:AT_ONCE]
    )


@transaction.atomic
def send_notice(notice_id: int) -> bool:
    """Send one notice through its conversation's channel; False when it was sent before or the pieces are gone again.

    While a person has the conversation the notice is written to them as a note: nobody else speaks there then.
    """
    conversation_id = StockNotice.objects.filter(pk=notice_id).values_list("conversation_id", flat=True).first()
    if conversation_id is None:
        return False
    conversation = locked(Conversation(pk=conversation_id))
    notice = (
        StockNotice.objects.select_for_update(of=("self",))
        .select_related("variant__product", "conversation__brand", "conversation__channel")
        .filter(pk=notice_id, sent_at__isnull=True, variant__stock__gt=0)
        .first()
    )
    if notice is None:
        return False
    text = _text(notice, conversation)
    by = assistant(conversation.brand_id)
    if conversation.owner == Owner.AGENT:
        add_note(conversation, text=text, by=by)
    else:
        say_as_assistant(
            conversation, text=text, by=by, language=notice.language,
            why={"texts": ["sale.back_in_stock"], "cites": [f"variant:{notice.variant_id}"]},
        )  # fmt: skip
    notice.sent_at = clock.now()
    notice.save(update_fields=["sent_at"])
    return True


def _text(notice: StockNotice, conversation: Conversation) -> str:
    brand, variant = conversation.brand, notice.variant
    texts = load_texts(Path(settings.PACKS_DIR) / brand.pack / "replies")
    style = "letter" if abilities.of(conversation.channel.kind).is_letter else "chat"
    today = clock.now().astimezone(brand.zone).date()
    wording = Wording(texts, notice.language, style, today, brand.zone)  # type: ignore[arg-type]  # one of the two
    facts = {
        "title": {"text": variant.product.titles},
        "variant": variant_words(variant),
        "price": {"minor": variant.price_minor, "currency": variant.currency},
    }
    return wording.text("sale.back_in_stock" if facts["variant"] else "sale.back_in_stock_plain", facts)
