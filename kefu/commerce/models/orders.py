"""What was bought, and by whom."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from kefu.commerce.models.catalogue import Variant
from kefu.commerce.models.fields import brand_key, currency, is_currency
from kefu.kernel.money import Money
from kefu.people.models import Brand, Customer


class OrderState(models.TextChoices):
    UNPAID = "unpaid"
    PAID = "paid"
    PACKING = "packing"
    SHIPPED = "shipped"  # at least one parcel has left
    DELIVERED = "delivered"  # every parcel has arrived
    CANCELLED = "cancelled"


class OrderQuerySet(models.QuerySet["Order"]):
    def of(self, customer: Customer) -> OrderQuerySet:
        """One customer's orders, newest first."""
        return self.filter(brand_id=customer.brand_id, customer=customer).order_by("-placed_at", "-id")

    def numbered(self, brand: Brand, number: str) -> OrderQuerySet:
        """The order that people call by this number, in any case of letters."""
        return self.filter(brand=brand, number__iexact=number)

    def whole(self) -> OrderQuerySet:
        """With all that hangs on an order; a fixed number of queries, however many orders."""
        return self.select_related("customer", "cancellation").prefetch_related(
            "lines__variant__product",
            "payments__refunds",
            "shipments__tracking",
            "shipments__lines",
            "returns__lines",
        )


class Order(models.Model):
    """total = sum of the lines + shipping - discount, all with tax, all in one currency."""

    brand = brand_key()
    number = models.CharField(max_length=40, help_text='what people say: "KF-1042"; unique in any case of letters')
    external_id = models.CharField(max_length=120, null=True, blank=True, help_text="its id in the shop's own system")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders", db_index=False)
    state = models.CharField(max_length=10, choices=OrderState.choices)
    placed_at = models.DateTimeField()
    # as given when the order was placed; the customer may have moved since
    email = models.CharField(max_length=254, blank=True, help_text="lower case")
    phone = models.CharField(max_length=32, blank=True, help_text="E.164")
    postcode = models.CharField(max_length=20, blank=True, help_text="upper case, single spaces")
    country = models.CharField(max_length=2, help_text="ship-to, ISO 3166-1 alpha-2")
    address = models.JSONField(default=dict, help_text='{"name": …, "street": …, "street2": …, "city": …, "region": …}')
    currency = currency()
    shipping_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    coupon_code = models.CharField(max_length=40, blank=True)
    marketplace = models.CharField(max_length=20, blank=True, help_text='amazon, taobao …; "": the shop\'s own')
    #: how often it was changed after it was placed. The database counts (migration 0007); never write them.
    address_changes = models.PositiveSmallIntegerField(default=0)
    item_changes = models.PositiveSmallIntegerField(default=0)
    payment_changes = models.PositiveSmallIntegerField(default=0)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("brand", Upper("number"), name="order_number_once"),
            models.UniqueConstraint(fields=["brand", "external_id"], name="order_external_id_once"),
            models.CheckConstraint(
                condition=Q(total_minor__gte=0, shipping_minor__gte=0, discount_minor__gte=0),
                name="order_amounts_not_negative",
            ),
            is_currency("order_currency"),
        ]
        indexes = [
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_of_customer"),
            models.Index(fields=["brand", "-placed_at", "-id"], name="order_newest_first"),
            models.Index(fields=["brand", "email"], name="order_by_email", condition=~Q(email="")),
            models.Index(fields=["brand", "phone"], name="order_by_phone", condition=~Q(phone="")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def is_cancelled(self) -> bool:
        return self.state == OrderState.CANCELLED


class OrderLine(models.Model):
    """`position` counts from 1 and stands in the line's name: "KF-1042/2". Titles are as they were when bought."""

    brand = brand_key()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="order_lines")
    titles = models.JSONField(default=dict)
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField(help_text="in the order's currency")
    #: pieces in returns that are not called off. The database counts and guards it (migration 0002); never write it.
    returned_quantity = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
            models.CheckConstraint(condition=Q(position__gt=0), name="order_line_counts_from_one"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_price_minor__gte=0), name="order_line_price_not_negative"),
            models.CheckConstraint(
                condition=Q(returned_quantity__lte=F("quantity")), name="order_line_returns_no_more_than_bought"
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """ "KF-1042/2". Reads the order."""
        return f"{self.order.number}/{self.position}"


class Cancellation(models.Model):
    """Who cancelled an order, when and why."""

    brand = brand_key()
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="cancellation")
    reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=120, help_text="the same key gives the same cancellation")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="cancellation_once")]
