"""Who there is: brands, their customers with the addresses they write from, and the people at the desk."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models

from kefu.kernel.ids import new_id
from kefu.people.actors import Actor, ActorKind


class Brand(models.Model):
    """A shop or company served; the border of data and of rights."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    pack = models.CharField(max_length=40, default="ecommerce")
    languages = models.JSONField(default=list, help_text='languages it answers in, the first is the fallback: ["en"]')
    currency = models.CharField(max_length=3, default="EUR")
    country = models.CharField(max_length=2, default="DE")
    time_zone = models.CharField(max_length=40, default="Europe/Berlin")
    settings = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Customer(models.Model):
    """Somebody who buys from one brand. Two brands that serve the same person know two customers."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="customers")
    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    external_id = models.CharField(max_length=120, null=True, blank=True, help_text="its id in the shop's own system")
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True, help_text="lower case; as the shop knows it")
    phone = models.CharField(max_length=32, blank=True, help_text="E.164")
    language = models.CharField(max_length=8, blank=True)
    country = models.CharField(max_length=2, blank=True)
    tier = models.CharField(max_length=20, blank=True, help_text="the shop's own word, e.g. vip")
    #: null: the shop gives no points, or has not told how many
    loyalty_points = models.IntegerField(null=True, blank=True)
    #: where parcels go unless an order says otherwise: name, street, street2, city, region, postcode, country
    address = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "external_id"], name="customer_external_id_once"),
        ]
        indexes = [
            models.Index(fields=["brand", "email"]),
            models.Index(fields=["brand", "phone"]),
            # the desk's search finds a name by the beginning of any word in it
            GinIndex(SearchVector("name", config="simple"), name="customer_name_words"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"customer {self.pk}"


class Identity(models.Model):
    """An address on a channel: an e-mail address, a chat visitor, a messenger id."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="identities")
    channel_kind = models.CharField(max_length=40)
    address = models.CharField(max_length=254)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "channel_kind", "address"], name="identity_address_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_kind}:{self.address}"


class Consent(models.Model):
    """What a customer has agreed to or taken back, one row each time; the newest of a topic counts. Never changed."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    topic = models.CharField(max_length=40, help_text="marketing, reviews …")
    is_given = models.BooleanField()
    source = models.CharField(max_length=120, help_text='where it was said: "conversation:17"')
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer", "topic", "-id"], name="consent_newest_first")]


class OwnDataRequest(models.Model):
    """What a customer has asked for about their own data, with the day by which it must be done."""

    class Kind(models.TextChoices):
        EXPORT = "export"
        ERASURE = "erasure"
        CONTACT_CHANGE = "contact_change"

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="own_data_requests")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    #: contact_change: {"email": "new@…"} or {"phone": "+49…"}; else empty
    wanted = models.JSONField(default=dict)
    rule = models.CharField(max_length=80, help_text="the row or rule that gives the day")
    source = models.CharField(max_length=120)
    key = models.CharField(max_length=120, help_text="the same key gives the same request")
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="own_data_request_once")]
        indexes = [
            models.Index(fields=["brand", "due_on"], name="own_data_request_open",
                         condition=models.Q(done_at__isnull=True)),
        ]  # fmt: skip

    @property
    def number(self) -> str:
        """What the customer is told: "R000017"."""
        return f"R{self.pk:06d}"


class Role(models.TextChoices):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


_AGENT = frozenset({"desk.see", "desk.reply", "desk.note", "desk.take", "desk.hand_over", "desk.close", "desk.assign",
                    "desk.task", "commerce.see", "commerce.cancel", "commerce.return", "commerce.change",
                    "people.consent", "people.own_data", "people.contact",
                    "assistant.teach"})  # fmt: skip
_SUPERVISOR = _AGENT | {"desk.take_from_other", "commerce.refund", "channels.see", "assistant.review"}
_MANAGER = _SUPERVISOR | {"knowledge.edit", "assistant.edit"}
_ADMINISTRATOR = _MANAGER | {"people.edit", "channels.edit"}
#: the permission matrix, one row a role
RIGHTS: dict[str, frozenset[str]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.MANAGER: _MANAGER,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
}


class Agent(models.Model):
    """A person at the desk."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent")
    name = models.CharField(max_length=120)
    interface_language = models.CharField(max_length=8, default="en")
    theme = models.CharField(
        max_length=8, default="auto", choices=[("auto", "auto"), ("light", "light"), ("dark", "dark")]
    )
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    def actor(self) -> Actor:
        """This person with the rights of each brand they serve. One query."""
        rights = {seat.brand_id: RIGHTS[seat.role] for seat in self.seats.all()} if self.is_active else {}
        return Actor(ActorKind.AGENT, id=self.pk, name=self.name, rights=rights)


class Seat(models.Model):
    """An agent's place at one brand's desk, with the role held there."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="seats")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="seats")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.AGENT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "brand"], name="seat_once")]

    def __str__(self) -> str:
        return f"{self.agent} · {self.brand} · {self.role}"
