"""Conversations and all that hangs on them. Rows change only through services.py."""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.db.models import Q

from kefu.kernel.ids import new_id
from kefu.people.models import Agent, Brand, Customer, Identity


class Channel(models.Model):
    """One connected channel of a brand: a chat widget, a mailbox. What `kind` means is the registry's business."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="channels")
    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    is_on = models.BooleanField(default=True)
    settings = models.JSONField(default=dict, blank=True, help_text="not secret; checked by the adapter's form")
    secrets = models.TextField(blank=True, help_text="JSON encrypted with kernel.crypto, purpose channel-secrets")
    #: what the adapter must remember between runs, e.g. {"uidvalidity": 1, "uid": 4711}
    cursor = models.JSONField(default=dict, blank=True)
    #: {} while all is well, else {"at": iso, "problem": code, "cure": sentence}
    trouble = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"


class Counter(models.Model):
    """The last conversation number given out in a brand."""

    brand = models.OneToOneField(Brand, on_delete=models.PROTECT, related_name="+")
    last = models.BigIntegerField(default=1000)

    @classmethod
    def next_number(cls, brand_id: int) -> int:
        """The next number. Holds the brand's counter until the transaction ends, so take it late."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO desk_counter (brand_id, last) VALUES (%s, 1001) "
                "ON CONFLICT (brand_id) DO UPDATE SET last = desk_counter.last + 1 RETURNING last",
                [brand_id],
            )
            (number,) = cursor.fetchone()
        return int(number)


class Owner(models.TextChoices):
    """Who answers now. The assistant speaks only while it owns; checked again at the moment of sending."""

    ASSISTANT = "assistant"
    QUEUE = "queue"  # waits for a person to take it
    AGENT = "agent"


class Status(models.TextChoices):
    OPEN = "open"  # it is our turn
    PENDING = "pending"  # it is the customer's turn
    CLOSED = "closed"


class Conversation(models.Model):
    """A thread with one customer on one channel."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="conversations")
    number = models.BigIntegerField(help_text="counts within the brand; people say it aloud")
    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="conversations")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="conversations")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="conversations")
    subject = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=8, blank=True, help_text="what the customer writes: en, zh, …")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    owner = models.CharField(max_length=10, choices=Owner.choices, default=Owner.ASSISTANT)
    assignee = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations")
    queue = models.CharField(max_length=40, blank=True, help_text="support, returns, logistics … while owner is queue")
    priority = models.SmallIntegerField(default=0, help_text="0 normal, 1 high, 2 urgent")
    #: how sure we are who writes: see Verification
    verification = models.SmallIntegerField(default=0)
    #: what the assistant remembers of the talk between turns (its own shape, see assistant/memory.py)
    memory = models.JSONField(default=dict, blank=True)
    snippet = models.CharField(max_length=160, blank=True, help_text="start of the newest message, for lists")
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    #: since when the customer waits for us; null when nobody waits
    waiting_since = models.DateTimeField(null=True, blank=True)
    unread_by_customer = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "number"], name="conversation_number_once"),
            models.CheckConstraint(
                condition=Q(owner=Owner.AGENT, assignee__isnull=False) | ~Q(owner=Owner.AGENT),
                name="conversation_agent_owner_has_assignee",
            ),
        ]
        indexes = [
            # one index for each list of the inbox, newest first, keyset (last_message_at, id)
            models.Index(fields=["brand", "-last_message_at", "-id"], name="conversation_all"),
            models.Index(fields=["assignee", "-last_message_at", "-id"], name="conversation_mine",
                         condition=~Q(status=Status.CLOSED)),
            models.Index(fields=["brand", "-last_message_at", "-id"], name="conversation_unassigned",
                         condition=Q(owner=Owner.QUEUE) & ~Q(status=Status.CLOSED)),
            models.Index(fields=["brand", "-last_message_at", "-id"], name="conversation_pending",
                         condition=Q(status=Status.PENDING)),
            models.Index(fields=["brand", "-last_message_at", "-id"], name="conversation_assistant",
                         condition=Q(owner=Owner.ASSISTANT) & ~Q(status=Status.CLOSED)),
            models.Index(fields=["customer", "-last_message_at"], name="conversation_of_customer"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def is_closed(self) -> bool:
        return self.status == Status.CLOSED


class Verification(models.IntegerChoices):
    """How sure we are who writes. Each fact and action says the least it needs."""

    NONE = 0  # anybody
    ORDER = 1  # proved knowledge of one order and its e-mail, phone or postcode: sees that order
    CUSTOMER = 2  # signed identity, or a mail from the customer's address that passed authentication: sees all own


class Author(models.TextChoices):
    CUSTOMER = "customer"
    AGENT = "agent"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class MessageKind(models.TextChoices):
    MESSAGE = "message"
    NOTE = "note"  # never leaves the desk


class Message(models.Model):
    """What was said, once. Ids rise within a conversation in the order of commit, for writers hold its lock."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    #: inbound: the channel's id (Message-ID, client id); null for what we write
    external_id = models.CharField(max_length=255, null=True, blank=True)
    kind = models.CharField(max_length=10, choices=MessageKind.choices, default=MessageKind.MESSAGE)
    author = models.CharField(max_length=10, choices=Author.choices)
    agent = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.TextField(blank=True, help_text="what is read: quotes and signature cut")
    html = models.TextField(blank=True, help_text="sanitised; for e-mail")
    language = models.CharField(max_length=8, blank=True)
    #: buttons and the like: {"choices": [{"label": "Blue", "value": "line:1042/2"}]}; inbound: {"choice": value}
    extras = models.JSONField(default=dict, blank=True)
    #: for the assistant's replies: why (see docs/reference/events.md, "why")
    why = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    #: customer messages: when a turn has dealt with it; null = still to be answered
    turned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="message_external_id_once")]
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_thread"),
            models.Index(fields=["conversation", "id"], name="message_unturned",
                         condition=Q(turned_at__isnull=True, author="customer")),
        ]  # fmt: skip


class Attachment(models.Model):
    """A file of a message; the bytes lie in MEDIA_ROOT under a name of our own making."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments", null=True, blank=True)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120, help_text="found by looking at the bytes, never believed")
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200, help_text="path below MEDIA_ROOT")
    content_id = models.CharField(max_length=255, blank=True, help_text="e-mail's inline images")
    #: web chat uploads before the first message exists: the public id its conversation will have
    uploaded_for = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()


class DeliveryState(models.TextChoices):
    PENDING = "pending"  # to be sent
    HANDING_OVER = "handing_over"  # the last byte is about to leave; found here after a crash = uncertain
    SENT = "sent"
    FAILED = "failed"  # given up; a person sees it
    UNCERTAIN = "uncertain"  # a crash in the one moment where nobody knows; a person decides
    WITHHELD = "withheld"  # a person took the conversation over before it left


class Delivery(models.Model):
    """The outbox: one row for each outgoing message."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="delivery")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=14, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    external_id = models.CharField(max_length=255, blank=True, help_text="what the channel calls it, e.g. Message-ID")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "created_at"], name="delivery_unfinished",
                         condition=~Q(state=DeliveryState.SENT)),
            models.Index(fields=["channel", "external_id"], name="delivery_by_external_id"),
        ]  # fmt: skip


class CaseStatus(models.TextChoices):
    OPEN = "open"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"


class Case(models.Model):
    """One problem of one customer, with the playbook that works on it."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="cases")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="cases")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cases")
    playbook = models.CharField(max_length=60)
    version = models.CharField(max_length=16, help_text="hash of the playbook's text")
    step = models.CharField(max_length=60, blank=True)
    state = models.JSONField(default=dict, help_text="assistant.engine.CaseState as JSON")
    status = models.CharField(max_length=12, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    disposition = models.CharField(max_length=60, blank=True, help_text="how it ended: answered, return_opened …")
    root_cause = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "id"], name="case_of_conversation"),
            models.Index(fields=["customer", "-opened_at"], name="case_of_customer"),
        ]


class Task(models.Model):
    """Work for another department."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="tasks")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks", null=True, blank=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="tasks")
    department = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    key = models.CharField(max_length=120, help_text="the same key makes the same task once")
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="task_once")]
        indexes = [models.Index(fields=["brand", "due_at"], name="task_open", condition=Q(done_at__isnull=True))]


class Closure(models.Model):
    """Who closed a conversation, when and how it ended."""

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="closures")
    disposition = models.CharField(max_length=60)
    root_cause = models.CharField(max_length=60, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()


class Event(models.Model):
    """A fact, append-only: the database itself refuses change and deletion (migration 0002)."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60, help_text="past tense, room first: desk.message_received")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=120, blank=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, null=True, related_name="events")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="events")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="+")
    facts: Any = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "id"], name="event_of_conversation"),
            models.Index(fields=["brand", "kind", "at"], name="event_by_kind"),
        ]
