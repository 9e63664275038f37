"""What can be bought."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kefu.commerce.models.fields import brand_key, currency, is_currency
from kefu.kernel.money import Money
from kefu.people.models import Customer


class Product(models.Model):
    """One thing in the catalogue, in all its sizes and colours. Texts by language: {"en": "Rain jacket", "zh": "雨衣"}.

    attributes: facts a customer may ask about, by name, e.g. {"material": {"en": "recycled nylon", "zh": "再生尼龙"},
    "waterproof_mm": 10000, "weight_g": 320, "features": [{"en": …, "zh": …}], "size_chart": {"unit": "cm", "rows": …}}.
    docs/reference/import-format.md lists the names in use.
    """

    brand = brand_key()
    external_id = models.CharField(max_length=120, help_text="its id in the shop's own system")
    handle = models.CharField(max_length=120, help_text="the last part of its address: glacier-rain-jacket")
    titles = models.JSONField(default=dict)
    descriptions = models.JSONField(default=dict)
    attributes = models.JSONField(default=dict)
    category = models.CharField(max_length=80, help_text="the shop's own word: jackets, tents")
    is_returnable = models.BooleanField(default=True, help_text="false for hygiene goods, opened food, vouchers")
    is_sold = models.BooleanField(default=True, help_text="false when taken out of the catalogue")
    warranty_months = models.PositiveSmallIntegerField(default=24)
    image = models.CharField(max_length=300, blank=True, help_text="address of a picture")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "external_id"], name="product_external_id_once"),
            models.UniqueConstraint(fields=["brand", "handle"], name="product_handle_once"),
        ]
        indexes = [models.Index(fields=["brand", "category"], name="product_by_category")]

    def __str__(self) -> str:
        return self.title("en")

    def title(self, language: str) -> str:
        return self.titles.get(language) or self.titles.get("en") or self.handle


class Variant(models.Model):
    """One size and colour of a product: what is counted, priced and packed.

    options: what else tells it from its sisters, in the shop's own names: {"switch type": "clicky"}.
    """

    brand = brand_key()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants")
    sku = models.CharField(max_length=80)
    size = models.CharField(max_length=20, blank=True, help_text="M, 42, 30 l")
    color = models.CharField(max_length=40, blank=True, help_text="English name, lower case: blue")
    options = models.JSONField(
        default=dict, blank=True, help_text='{"switch type": "clicky"}; size and color stay apart'
    )
    price_minor = models.BigIntegerField()
    currency = currency()
    stock = models.IntegerField(default=0, help_text="pieces that can be sold now")
    barcode = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "sku"], name="variant_sku_once"),
            models.CheckConstraint(condition=Q(price_minor__gte=0), name="variant_price_not_negative"),
            models.CheckConstraint(condition=Q(stock__gte=0), name="variant_stock_not_negative"),
            is_currency("variant_currency"),
        ]
        indexes = [
            models.Index(fields=["brand", "barcode"], name="variant_by_barcode", condition=~Q(barcode="")),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def all_options(self) -> dict[str, str]:
        """Every option by its name, those of size and colour first; the empty ones left out."""
        named = {"color": self.color, "size": self.size}
        return {name: value for name, value in {**named, **self.options}.items() if value}


class Coupon(models.Model):
    """A code that lowers a price: either by `percent` or by an amount."""

    brand = brand_key()
    code = models.CharField(max_length=40, help_text="upper case")
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    amount_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    least_total_minor = models.BigIntegerField(default=0, help_text="smallest order it is good for")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="last day")
    is_on = models.BooleanField(default=True)
    #: good only for this customer; empty: for everybody
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="coupons", null=True, blank=True)
    uses_at_most = models.PositiveIntegerField(null=True, blank=True, help_text="1: single use; empty: no limit")
    is_public = models.BooleanField(default=False, help_text="customers may be told of it without naming it")
    audience = models.CharField(max_length=40, blank=True, help_text="whom it is for: student; empty: everybody")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "code"], name="coupon_code_once"),
            models.CheckConstraint(
                condition=Q(percent__range=(1, 100), amount_minor__isnull=True, currency="")
                | Q(percent__isnull=True, amount_minor__gt=0, currency__regex="^[A-Z]{3}$"),
                name="coupon_percent_or_amount",
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="coupon_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.code
