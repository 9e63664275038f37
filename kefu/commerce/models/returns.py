"""What comes back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kefu.commerce.models.fields import brand_key
from kefu.commerce.models.orders import Order, OrderLine


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
