"""How a fault was made good: one row a deed, so that the same fault is never made good twice unseen."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Q

from kefu.commerce.models.catalogue import Coupon
from kefu.commerce.models.fields import brand_key, currency, is_currency
from kefu.commerce.models.orders import OrderLine
from kefu.kernel.money import Money
from kefu.people.models import Customer


class RemedyCause(models.TextChoices):
    """What was wrong, as the customer told it."""

    DAMAGED = "damaged"  # broken when it arrived
    DEFECTIVE = "defective"  # doesn't work, or stopped working
    WRONG_ITEM = "wrong_item"
    MISSING = "missing"  # a piece or a part was not in the parcel
    NOT_AS_DESCRIBED = "not_as_described"
    COUNTERFEIT = "counterfeit"  # suspected not to be genuine


class RemedyKind(models.TextChoices):
    RESEND = "resend"  # the same once more; nothing comes back
    PART_REFUND = "part_refund"  # the customer keeps it for less
    COUPON = "coupon"
    REFUND = "refund"  # all of it; nothing comes back
    TAKE_BACK = "take_back"  # it comes back at our cost, then the money
    REPAIR = "repair"


#: after these a piece has been made good in full: new goods or all the money, and nothing comes back
IN_FULL = (RemedyKind.RESEND, RemedyKind.REFUND)
#: these give money, and nothing comes back
IN_MONEY = (RemedyKind.PART_REFUND, RemedyKind.REFUND)


class Remedy(models.Model):
    """amount_minor: what it cost in money or coupon, in the order's currency; 0 for goods sent again."""

    brand = brand_key()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="remedies")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="remedies")
    cause = models.CharField(max_length=20, choices=RemedyCause.choices)
    kind = models.CharField(max_length=12, choices=RemedyKind.choices)
    quantity = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField(default=0)
    currency = currency()
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    key = models.CharField(max_length=120, help_text="the same key gives the same remedy")
    rule = models.CharField(max_length=80, blank=True, help_text="the policy rule that allowed it")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "key"], name="remedy_once"),
            # the program makes one fault good once; a person may look again and do more
            models.UniqueConstraint(fields=["line", "cause"], name="remedy_of_cause_once_without_a_person",
                                    condition=~Q(actor_kind="agent")),
            models.CheckConstraint(condition=Q(quantity__gt=0, amount_minor__gte=0), name="remedy_amounts"),
            is_currency("remedy_currency"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["customer", "-at"], name="remedy_of_customer"),
            models.Index(fields=["brand", "actor_id", "-at"], name="remedy_of_agent", condition=Q(actor_kind="agent")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.cause}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


def pieces_in_full(line_ids: Iterable[int]) -> dict[int, int]:
    """How many pieces of each of these order lines were made good in full; lines without any are not in it."""
    found = Remedy.objects.filter(line_id__in=list(line_ids), kind__in=IN_FULL).order_by()
    return dict(found.values_list("line_id").annotate(models.Sum("quantity")))


def money_given(line_ids: Iterable[int]) -> dict[int, int]:
    """What was given for faults of each of these order lines, minor units of the order's currency; lines for which
    nothing was are not in it."""
    found = Remedy.objects.filter(line_id__in=list(line_ids), kind__in=IN_MONEY).order_by()
    return dict(found.values_list("line_id").annotate(models.Sum("amount_minor")))
