"""A message comes in: stored once, its writer known, its conversation found, its turn announced."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, connection, transaction

from kefu.desk import events, rules
from kefu.desk.errors import ChannelOff, EmptyMessage, NoSuchFile
from kefu.desk.inbound import Inbound
from kefu.desk.models import (
    Attachment,
    Author,
    Channel,
    Closure,
    Conversation,
    Counter,
    Delivery,
    Message,
    Owner,
    Status,
)
from kefu.desk.services.files import store_file
from kefu.desk.services.locking import for_update, locked, locked_by_public_id
from kefu.desk.signals import message_received
from kefu.kernel import clock
from kefu.kernel.crypto import BadToken
from kefu.kernel.prepared import Prepared
from kefu.kernel.together import add, change, together
from kefu.people.actors import SYSTEM, Actor, ActorKind
from kefu.people.models import Customer, Identity

_KNOWN = Prepared(
    lambda channel, external_id: Message.objects.select_related("conversation__assignee").filter(
        channel=channel, external_id=external_id
    ),
    channel=-1, external_id="example",
)  # fmt: skip
_IDENTITY = Prepared(
    lambda brand, kind, address: Identity.objects.select_related("customer").filter(
        brand=brand, channel_kind=kind, address=address
    ),
    brand=-1, kind="a kind", address="an address",
)  # fmt: skip


def receive_message(channel: Channel, inbound: Inbound) -> Message:
    """Store what a channel has accepted, once, and announce the turn in the same transaction.

    The same (channel, external_id) again returns the message that is there and does nothing else. A conversation
    that was closed opens again. Raises ChannelOff and EmptyMessage.
    """
    return take_in(channel, inbound)[0]


@transaction.atomic
def take_in(channel: Channel, inbound: Inbound, *, only_into: UUID | None = None) -> tuple[Message, bool]:
    """receive_message, for who must know whether the message is new.

    only_into: the public id of the one conversation that the writer's token opens. Raises BadToken, and stores
    nothing, when the message would belong to another one: the token's visitor is not whose conversation it is.
    """
    if not channel.is_on:
        raise ChannelOff(channel=channel.name)
    external_id = inbound.external_id[:255]
    _one_at_a_time(channel, external_id)
    if known := _KNOWN.first(channel=channel.pk, external_id=external_id):
        _check(known, only_into)
        return known, False
    text = rules.clean_text(inbound.text)
    if not text.strip() and not inbound.files and not inbound.attachment_ids and not inbound.choice:
        if not inbound.subject.strip():
            raise EmptyMessage(channel=channel.kind)
        text = rules.clean_text(inbound.subject)
    with together(Message):
        message = _store(channel, inbound, text, external_id)
        _check(message, only_into)
    return message, True


def _check(message: Message, only_into: UUID | None) -> None:
    if only_into is not None and message.conversation.public_id != only_into:
        raise BadToken()


def _store(channel: Channel, inbound: Inbound, text: str, external_id: str) -> Message:
    identity, proven = _who_writes(channel, inbound)
    conversation, changed = _conversation_of(channel, inbound, identity, proven)
    message = Message(
        brand_id=channel.brand_id,
        conversation=conversation,
        channel=channel,
        external_id=external_id,
        author=Author.CUSTOMER,
        text=text,
        html=inbound.html,
        language=inbound.language[:8],
        extras=_extras(inbound, conversation),
        created_at=clock.now(),
        turned_at=clock.now() if inbound.is_automatic else None,
    )
    add(message)
    _keep_files(message, inbound)
    writer = Actor(ActorKind.CUSTOMER, id=conversation.customer_id, name=conversation.customer.name)
    if not inbound.is_automatic:
        _customers_turn_is_over(conversation, message, also=changed)
        message_received.send(sender=Message, message=message)
    events.record(
        events.MESSAGE_RECEIVED,
        conversation,
        by=writer,
        message=message,
        channel=channel.kind,
        verification=inbound.verification,
        automatic=inbound.is_automatic,
        channel_facts=inbound.facts,
    )
    return message


def _one_at_a_time(channel: Channel, external_id: str) -> None:
    """The same message twice at once: the second waits here until the first has committed, then finds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [external_id, channel.pk])


def _extras(inbound: Inbound, conversation: Conversation) -> dict[str, object]:
    """`verification`: the conversation's level with this very message, for the turn that reads it later; `same_holder`:
    the writer holds the thread, so what another message of it proves meanwhile counts for this one too; `files`: how
    many came with it, so that the turn need not look for files of a message that has none."""
    extras: dict[str, object] = {
        "verification": int(conversation.verification),
        "files": len(inbound.files) + len(inbound.attachment_ids),
    }
    if _holds_thread(inbound):
        extras["same_holder"] = True
    if inbound.choice:
        extras["choice"] = inbound.choice[:200]
    if inbound.subject:
        extras["subject"] = inbound.subject[:300]
    if inbound.is_automatic:
        extras["automatic"] = True
    if inbound.sent_at:
        extras["sent_at"] = inbound.sent_at.isoformat()
    return extras


def _who_writes(channel: Channel, inbound: Inbound) -> tuple[Identity, Customer | None]:
    """The identity that writes, and the shop's customer whom the channel itself has proven, if any."""
    address = rules.clean_text(inbound.address)[:254]
    name = rules.clean_text(inbound.name)[:200]
    writer = {"brand": channel.brand_id, "kind": channel.kind, "address": address}
    identity = _IDENTITY.first(**writer)
    if identity is not None and inbound.proven_customer and identity.customer.external_id == inbound.proven_customer:
        return identity, identity.customer  # a customer's own number is unique in its brand
    proven = _proven_customer(channel, inbound)
    if identity is None:
        owner = proven
        if owner is None and "@" in address:
            # shown at the desk beside the words "not verified"; by itself it opens no data
            owner = Customer.objects.filter(brand_id=channel.brand_id, email=address.lower()).order_by("pk").first()
        try:
            with transaction.atomic():
                identity = Identity.objects.create(
                    brand_id=channel.brand_id,
                    channel_kind=channel.kind,
                    address=address,
                    customer=owner
                    or Customer.objects.create(
                        brand_id=channel.brand_id,
                        name=name,
                        email=address.lower() if "@" in address else "",
                        language=inbound.language[:8],
                    ),
                )
        except IntegrityError:
            identity = _IDENTITY.one(**writer)
    elif proven is not None and identity.customer_id != proven.pk and _is_stranger(identity.customer):
        identity.customer = proven
        identity.save(update_fields=["customer"])
    return identity, proven


def _proven_customer(channel: Channel, inbound: Inbound) -> Customer | None:
    customers = Customer.objects.filter(brand_id=channel.brand_id)
    if inbound.proven_customer:
        return customers.filter(external_id=inbound.proven_customer).first()
    if inbound.proven_email:
        return customers.filter(email=inbound.proven_email.lower()).order_by("pk").first()
    return None


def _is_stranger(customer: Customer) -> bool:
    return not customer.external_id


def _conversation_of(
    channel: Channel, inbound: Inbound, identity: Identity, proven: Customer | None
) -> tuple[Conversation, list[str]]:
    """The conversation this belongs to, locked, and its fields that are changed but not saved; a new one when no
    thread of the same writer is found."""
    found = _find_thread(channel, inbound)
    if found is not None:
        same_writer = found.identity_id == identity.pk or found.customer_id == identity.customer_id
        if same_writer:
            return found, _reopen_and_weigh(found, inbound, proven)
    return _new_conversation(channel, inbound, identity, proven, stranger_to=found), []


def _find_thread(channel: Channel, inbound: Inbound) -> Conversation | None:
    """The conversation that is meant, locked. Only within the same channel: a thread of another brand's mailbox is
    never found."""
    ids = [rules.clean_text(one)[:255] for one in inbound.thread[:20]]
    public_ids = [UUID(one) for one in (inbound.conversation_id, *ids) if _is_uuid(one)]
    for public_id in public_ids:
        if conversation := locked_by_public_id(channel.pk, public_id):
            return conversation
    if not ids:
        return None
    by_id: dict[str, int] = dict(
        Delivery.objects.filter(channel=channel, external_id__in=ids).values_list(
            "external_id", "message__conversation_id"
        )
    )
    said = Message.objects.filter(channel=channel, external_id__in=ids).values_list("external_id", "conversation_id")
    by_id |= {external_id: conversation_id for external_id, conversation_id in said if external_id}
    first = next((by_id[one] for one in ids if one in by_id), None)
    return for_update().filter(channel=channel, pk=first).first() if first else None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _new_conversation(
    channel: Channel,
    inbound: Inbound,
    identity: Identity,
    proven: Customer | None,
    *,
    stranger_to: Conversation | None,
) -> Conversation:
    now = clock.now()
    wished = {"public_id": UUID(inbound.conversation_id)} if inbound.conversation_id and stranger_to is None else {}
    status = Status.CLOSED if inbound.is_automatic else Status.OPEN
    try:
        with transaction.atomic():
            conversation = Conversation.objects.create(
                **wished,
                brand_id=channel.brand_id,
                number=Counter.next_number(channel.brand_id),
                channel=channel,
                identity=identity,
                customer=proven or identity.customer,
                subject=rules.snippet(rules.clean_text(inbound.subject), length=300),
                language=inbound.language[:8],
                status=status,
                verification=inbound.verification,
                created_at=now,
                last_message_at=now,
            )
    except IntegrityError:
        # the first two messages of a chat came at once and both wished for the same id
        conversation = locked(Conversation.objects.get(channel=channel, public_id=inbound.conversation_id))
        if conversation.identity_id != identity.pk:
            raise
        return conversation
    related = stranger_to.number if stranger_to else None
    events.record(events.CONVERSATION_STARTED, conversation, by=SYSTEM, channel=channel.kind, stranger_to=related)
    if inbound.is_automatic:
        Closure.objects.create(
            conversation=conversation, disposition="automatic", actor_kind=SYSTEM.kind.value, actor_id=None, at=now
        )
        events.record(events.CONVERSATION_CLOSED, conversation, by=SYSTEM, disposition="automatic")
    return conversation


def _reopen_and_weigh(conversation: Conversation, inbound: Inbound, proven: Customer | None) -> list[str]:
    """What the message changes in a conversation that is there: the names of those fields."""
    if inbound.is_automatic:
        return []
    conversation.verification = rules.verification_after(
        conversation.verification,
        proven=inbound.verification,
        is_same_holder=_holds_thread(inbound),
    )
    changed = ["verification"]
    if proven is not None and conversation.customer_id != proven.pk:
        conversation.customer = proven
        changed.append("customer")
        events.record(events.IDENTITY_PROVEN, conversation, by=SYSTEM, customer=proven.pk)
    if conversation.status == Status.CLOSED:
        conversation.status = Status.OPEN
        conversation.owner = Owner.ASSISTANT
        conversation.assignee = None
        changed += ["status", "owner", "assignee"]
        events.record(events.CONVERSATION_REOPENED, conversation, by=SYSTEM, why="customer wrote")
    return changed


def _holds_thread(inbound: Inbound) -> bool:
    """Whether the message itself shows that its writer holds the earlier thread: a chat's or a mail's signed token."""
    return bool(inbound.conversation_id) or inbound.facts.get("thread_by") == "token"


def _customers_turn_is_over(conversation: Conversation, message: Message, *, also: list[str]) -> None:
    conversation.status = Status.OPEN
    conversation.last_message_at = message.created_at
    conversation.snippet = rules.snippet(message.text)
    if conversation.waiting_since is None:
        conversation.waiting_since = message.created_at
    change(conversation, "status", "last_message_at", "snippet", "waiting_since", *also)


def _keep_files(message: Message, inbound: Inbound) -> None:
    for file in inbound.files[:50]:
        store_file(file, brand=message.brand, conversation=message.conversation, message=message)
    if not inbound.attachment_ids:
        return
    wanted = _uuids(inbound.attachment_ids[:20])
    taken = Attachment.objects.filter(
        brand_id=message.brand_id,
        public_id__in=wanted,
        message__isnull=True,
        uploaded_for=message.conversation.public_id,
    ).update(message=message, conversation=message.conversation)
    if taken != len(wanted):
        raise NoSuchFile(files=list(inbound.attachment_ids[:20]))


def _uuids(ids: tuple[str, ...]) -> set[UUID]:
    try:
        return {UUID(one) for one in ids}
    except ValueError:
        raise NoSuchFile(files=list(ids)) from None
