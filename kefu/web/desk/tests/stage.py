"""A small, believable desk to look at: written through the desk's own verbs, so that events and states are true."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from kefu.commerce.models import Order, OrderLine, Product, Shipment, TrackingEvent, Variant
from kefu.desk import services
from kefu.desk.inbound import Inbound, InboundFile
from kefu.desk.models import Case, Channel, Conversation, Delivery, DeliveryState, Message
from kefu.kernel import clock
from kefu.people.actors import Actor, assistant
from kefu.people.models import Brand, Customer

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738"
    "550000000049454e44ae426082"
)


def writes(
    channel: Channel, text: str, *, address: str = "visitor-1", thread: Conversation | None = None, **more: object
) -> Conversation:
    """A customer writes on a channel; returns the conversation as it stands."""
    inbound = Inbound(
        external_id=str(uuid4()), address=address, text=text, thread=(str(thread.public_id),) if thread else (), **more,
    )  # fmt: skip
    return Conversation.objects.get(pk=services.receive_message(channel, inbound).conversation_id)


def assistant_says(conversation: Conversation, text: str, **more: object) -> Message:
    from django.db import transaction

    with transaction.atomic():
        locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
        return services.say_as_assistant(locked, text=text, by=assistant(conversation.brand_id), **more)


def order_of(customer: Customer, number: str = "KF-1042", *, title: str = "Rain jacket, blue") -> Order:
    """A paid order with one late parcel."""
    brand, now = customer.brand, clock.now()
    product = Product.objects.create(
        brand=brand, external_id=f"P-{number}", handle=f"jacket-{number.lower()}", category="jackets",
        titles={"en": title, "zh": "蓝色雨衣"},
    )  # fmt: skip
    variant = Variant.objects.create(
        brand=brand,
        product=product,
        sku=f"SKU-{number}",
        size="M",
        color="blue",
        price_minor=8900,
        currency="EUR",
        stock=3,
    )
    order = Order.objects.create(
        brand=brand, number=number, customer=customer, state="shipped", placed_at=now - timedelta(days=12),
        email=customer.email, country="DE", currency="EUR", total_minor=8900, address={},
    )  # fmt: skip
    OrderLine.objects.create(
        brand=brand, order=order, position=1, variant=variant, titles=product.titles, quantity=1, unit_price_minor=8900
    )
    parcel = Shipment.objects.create(
        brand=brand, order=order, external_id=f"S-{number}", carrier="DHL", tracking_number="JD014600003828391",
        state="in_transit", shipped_at=now - timedelta(days=10), promised_on=now.date() - timedelta(days=3),
    )  # fmt: skip
    for days, code, place in ((10, "picked_up", "Leipzig"), (8, "in_transit", "Hannover"), (6, "in_transit", "Berlin")):
        TrackingEvent.objects.create(
            brand=brand, shipment=parcel, at=now - timedelta(days=days), code=code, place=place
        )
    return order


def handed_over(
    conversation: Conversation, *, reason: str = "asked", queue: str = "support", priority: int = 0
) -> Conversation:
    by = assistant(conversation.brand_id)
    summary = {"wish": "return_item", "order": "KF-1042", "tried": ["asked for the item", "checked the return window"]}
    return services.hand_over(conversation, queue=queue, reason=reason, by=by, summary=summary, priority=priority)


def case_of(conversation: Conversation, playbook: str = "return_item") -> Case:
    return services.open_case(
        conversation, playbook=playbook, version="4f1c09ab77de", by=assistant(conversation.brand_id)
    )


def full_desk(
    brand: Brand, chat: Channel, email: Channel, mira: Customer, tomas: Actor, ines: Actor
) -> dict[str, Conversation]:
    """One conversation for every state there is, by name."""
    made: dict[str, Conversation] = {}
    order_of(mira)
    made["parcel"] = writes(
        email, "Hello,\n\nmy parcel KF-1042 has not moved for six days. Where is it?\n\nMira",
        address=mira.email, subject="Where is my jacket", language="en", name="Mira",
        html='<p>Hello,</p><p>my parcel <b>KF-1042</b> is late.</p><img src="https://example.com/pixel.gif" alt="">',
        files=(InboundFile("label.png", PIXEL), InboundFile("terms.pdf", b"%PDF-1.4 x")),
    )  # fmt: skip
    case_of(made["parcel"], "order_status")
    reply = assistant_says(
        made["parcel"],
        "Dear Mira,\n\nyour parcel was last seen in Berlin six days ago and is three days late. "
        "We have asked DHL to search for it; you hear from us by Thursday.",
        why={"understanding": {"intent": "where_is_my_parcel", "score": 0.91, "language": "en"},
             "cases": [{"playbook": "where_is_my_parcel@4f1c09ab", "step": "tell_late"}],
             "rules": ["answers.own_order"], "facts": ["order:KF-1042", "shipment:17"]},
    )  # fmt: skip
    Delivery.objects.filter(message=reply).update(state=DeliveryState.SENT, sent_at=clock.now())
    services.create_task(
        made["parcel"], department="logistics", kind="ask_carrier", key="trace-1", by=assistant(brand.pk),
        due_at=clock.now() + timedelta(days=2),
    )  # fmt: skip
    made["assistant"] = writes(chat, "Do you have the blue tent in two sizes?", address="visitor-7", language="en")
    assistant_says(made["assistant"], "Which size do you need?", choices=[("2", "2 persons"), ("4", "4 persons")])
    made["waiting"] = writes(chat, "快递三天没动了，帮我看看吧", address="visitor-2", language="zh", name="王立")
    made["waiting"] = handed_over(made["waiting"], reason="unsure", queue="logistics")
    made["urgent"] = writes(
        chat, "This is the third time. I want a person NOW", address="visitor-3", language="en", name="Mira K."
    )
    made["urgent"] = handed_over(made["urgent"], reason="angry", priority=2)
    made["mine"] = writes(chat, "The jacket is too small, can I send it back?", address="visitor-4", language="en")
    case_of(made["mine"])
    made["mine"] = handed_over(made["mine"], queue="returns")
    services.take_over(made["mine"], by=tomas)
    services.add_note(made["mine"], text="She has returned twice before, always in time.", by=ines)
    made["answered"] = writes(chat, "Is the voucher still valid?", address="visitor-5", language="en")
    services.reply(made["answered"], text="Yes, until the end of the month.", by=tomas)
    made["ines"] = writes(chat, "I was charged twice.", address="visitor-6", language="en")
    services.take_over(made["ines"], by=ines)
    made["closed"] = writes(chat, "Thank you, it arrived.", address="visitor-8", language="en")
    services.close_conversation(made["closed"], disposition="solved", root_cause="late", by=tomas)
    return {name: Conversation.objects.get(pk=one.pk) for name, one in made.items()}
