"""What comes back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kefu.commerce.models.catalogue import Variant
from kefu.commerce.models.fields import brand_key
from kefu.commerce.models.orders import Order, OrderLine
from kefu.commerce.models.payments import PaymentMethod
from kefu.kernel.money import Money


class ReturnState(models.TextChoices):
    OPEN = "open"  # the customer may send it
    RECEIVED = "received"  # the warehouse has it
    REFUNDED = "refunded"
    CANCELLED = "cancelled"  # called off; its pieces may be returned anew
    REJECTED = "rejected"  # came back unfit; its pieces may not be refunded


class ReturnReason(models.TextChoices):
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    CHANGED_MIND = "changed_mind"
    NOT_AS_DESCRIBED = "not_as_described"


class Return(models.Model):
    """A return of pieces of one order. The number is the order's with a count: "KF-1042-R1"."""

    brand = brand_key()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    number = models.CharField(max_length=48)
    state = models.CharField(max_length=10, choices=ReturnState.choices, default=ReturnState.OPEN)
    opened_at = models.DateTimeField()
    deadline = models.DateField(help_text="last day to hand the parcel in")
    received_at = models.DateTimeField(null=True, blank=True)
    refund_minor = models.BigIntegerField(default=0, help_text="promised at opening, in the order's currency")
    refund_to = models.ForeignKey(
        PaymentMethod, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="nothing: back the way it came",
    )  # fmt: skip
    key = models.CharField(max_length=120, help_text="the same key gives the same return")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "number"], name="return_number_once"),
            models.UniqueConstraint(fields=["brand", "key"], name="return_once"),
            models.CheckConstraint(condition=Q(refund_minor__gte=0), name="return_refund_not_negative"),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnLine(models.Model):
    """The database refuses more pieces than were bought (migration 0002)."""

    brand = brand_key()
    of_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="lines", db_index=False)
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="returns")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, choices=ReturnReason.choices)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["of_return", "line"], name="return_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_quantity_positive"),
        ]


class Exchange(models.Model):
    """What is sent in place of a return's goods. Its stock is taken from sale at once; the price difference moves when
    the goods are back, as a return's refund does.

    difference_minor: above nothing what the customer pays more, below nothing what goes back; the order's currency.
    """

    brand = brand_key()
    of_return = models.OneToOneField(Return, on_delete=models.PROTECT, related_name="exchange")
    difference_minor = models.BigIntegerField(default=0)
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="when the new goods left")

    def __str__(self) -> str:
        return str(self.of_return_id)

    @property
    def difference(self) -> Money:
        """Reads the order."""
        return Money(self.difference_minor, self.of_return.order.currency)


class ExchangeLine(models.Model):
    """The variant that is sent for the pieces of one return line."""

    brand = brand_key()
    exchange = models.ForeignKey(Exchange, on_delete=models.PROTECT, related_name="lines", db_index=False)
    return_line = models.OneToOneField(ReturnLine, on_delete=models.PROTECT, related_name="exchanged_for")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    unit_price_minor = models.BigIntegerField(help_text="of the new variant, in the order's currency")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["exchange", "return_line"], name="exchange_line_once"),
            models.CheckConstraint(condition=Q(unit_price_minor__gte=0), name="exchange_line_price_not_negative"),
        ]
