"""What was paid and what was given back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from kefu.commerce.models.fields import brand_key, currency, is_currency
from kefu.commerce.models.orders import Order
from kefu.kernel.money import Money
from kefu.people.models import Agent, Customer

#: kinds of payment method whose money the shop itself keeps, as a balance
GIFT_CARD = "gift_card"


class PaymentMethod(models.Model):
    """A way to pay that the shop keeps for a customer: never a card's number, only its name, "Visa ending 1234".

    A gift card carries its balance, which the database never lets fall below nothing.
    """

    brand = brand_key()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="payment_methods")
    external_id = models.CharField(max_length=120, help_text="its id in the shop's own system")
    kind = models.CharField(
        max_length=40, help_text="card, paypal, gift_card, alipay, wechat_pay … or the shop's own word"
    )
    label = models.CharField(max_length=80, blank=True, help_text="as the customer knows it: Visa ending 1234")
    balance_minor = models.BigIntegerField(null=True, blank=True, help_text="of a gift card; else nothing")
    currency = models.CharField(max_length=3, blank=True, help_text="of the balance")
    is_usable = models.BooleanField(default=True, help_text="false when expired or taken out")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "external_id"], name="payment_method_external_id_once"),
            models.CheckConstraint(
                condition=Q(balance_minor__isnull=True, currency="")
                | Q(balance_minor__gte=0, currency__regex="^[A-Z]{3}$"),
                name="payment_method_balance_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.kind

    @property
    def balance(self) -> Money | None:
        return None if self.balance_minor is None else Money(self.balance_minor, self.currency)


class PaymentState(models.TextChoices):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    VOID = "void"  # called off before any money moved


class Payment(models.Model):
    """Money that came in for one order, in the order's currency (the database sees to it, migration 0002)."""

    brand = brand_key()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    external_id = models.CharField(max_length=120, help_text="what the payment provider calls it")
    method = models.CharField(max_length=40, help_text="card, paypal, alipay, wechat_pay, bank_transfer, invoice …")
    paid_with = models.ForeignKey(
        PaymentMethod, on_delete=models.PROTECT, null=True, blank=True, related_name="payments",
        help_text="the kept method, where the shop keeps one",
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=PaymentState.choices)
    amount_minor = models.BigIntegerField()
    currency = currency()
    at = models.DateTimeField()
    #: sum of refunds that have not failed. The database counts and guards it (migration 0002); never write it.
    refunded_minor = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "external_id"], name="payment_external_id_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("amount_minor")),
                name="payment_refunds_no_more_than_paid",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor=0) | Q(state=PaymentState.PAID), name="payment_refunds_only_what_was_paid"
            ),
            is_currency("payment_currency"),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def refundable(self) -> Money:
        """What may still be given back."""
        paid = self.amount_minor if self.state == PaymentState.PAID else 0
        return Money(paid - self.refunded_minor, self.currency)


class RefundState(models.TextChoices):
    PENDING = "pending"  # promised; the payment provider has not yet confirmed
    DONE = "done"
    FAILED = "failed"  # the provider refused; the money counts as not given back


class Refund(models.Model):
    """Money given back on one payment, with the rule or the person that allowed it. Never deleted, never changed but
    for its state: the database sees to it (migration 0002)."""

    brand = brand_key()
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    refunded_to = models.ForeignKey(
        PaymentMethod, on_delete=models.PROTECT, null=True, blank=True, related_name="refunds",
        help_text="nothing: back the way it came",
    )  # fmt: skip
    amount_minor = models.BigIntegerField()
    currency = currency()
    reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=120, help_text="the same key gives the same refund")
    rule = models.CharField(max_length=120, blank=True, help_text="id of the policy rule that allowed it")
    approved_by = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=RefundState.choices, default=RefundState.PENDING)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "key"], name="refund_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_amount_positive"),
            models.CheckConstraint(
                condition=~Q(rule="") | Q(approved_by__isnull=False), name="refund_allowed_by_rule_or_person"
            ),
            is_currency("refund_currency"),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
