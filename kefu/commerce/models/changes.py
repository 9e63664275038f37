"""What was changed about an order after it was placed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kefu.commerce.models.fields import brand_key
from kefu.commerce.models.orders import Order


class ChangeKind(models.TextChoices):
    ADDRESS = "address"
    ITEMS = "items"
    PAYMENT = "payment"


class OrderChange(models.Model):
    """One change: what it was, what it is since, and who did it by which rule. The database counts these rows on the
    order (migration 0007) and lets none of them be changed."""

    brand = brand_key()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    was = models.JSONField()
    became = models.JSONField()
    difference_minor = models.BigIntegerField(default=0, help_text="of the total, in the order's currency")
    key = models.CharField(max_length=120, help_text="the same key gives the same change")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    rule = models.CharField(max_length=120, blank=True, help_text="id of the policy rule that allowed it")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "key"], name="order_change_once"),
            models.CheckConstraint(condition=~Q(key=""), name="order_change_has_a_key"),
        ]
