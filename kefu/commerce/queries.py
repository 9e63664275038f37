"""Reads that others call."""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kefu.commerce.models import Order, Product, Variant
from kefu.kernel.money import Money
from kefu.kernel.prepared import Prepared
from kefu.people.contact import normal_email, normal_phone, normal_postcode
from kefu.people.models import Brand, Customer


def orders_of(customer: Customer, limit: int = 20) -> list[Order]:
    """A customer's newest orders, newest first, each with all that hangs on it."""
    return list(Order.objects.of(customer).whole()[: max(0, limit)])


def find_order(brand: Brand, number: str) -> Order | None:
    """The brand's order that people call by this number, whole; None when there is none.

    Case, spaces, full-width digits and a leading "#" don't matter; bare digits also find the number with the
    brand's own beginning (settings["order_prefix"], e.g. "KF-"): "1042" finds "KF-1042".
    """
    said = re.sub(r"\s+", "", unicodedata.normalize("NFKC", number)).lstrip("#").upper()
    if not said or len(said) > 40 or "\x00" in said:
        return None
    orders = Order.objects.whole()
    found = orders.numbered(brand, said).first()
    prefix = str(brand.settings.get("order_prefix", ""))
    if found is None and prefix and said.isdigit():
        found = orders.numbered(brand, prefix + said).first()
    return found


def matches_proof(order: Order, proof: str) -> bool:
    """Whether `proof` is the order's e-mail address, phone number or postcode, however it is written.

    Each is compared, in time that does not depend on how much of it is right; what the order lacks matches nothing.
    """
    proof = proof[:300]
    readings = (
        (order.email, _read(normal_email, proof)),
        (order.phone, _read(normal_phone, proof, order.country)),
        (order.phone, _read(normal_phone, proof, order.brand.country)),
        (_squeezed(order.postcode), _squeezed(_read(normal_postcode, proof))),
    )
    matches = [bool(known) & hmac.compare_digest(known.encode(), said.encode()) for known, said in readings]
    return any(matches)


def _read(read: Any, *said: str) -> str:
    try:
        normal: str = read(*said)
    except ValueError:
        return ""
    return normal


def _squeezed(postcode: str) -> str:
    return postcode.replace(" ", "").replace("-", "")


_ON_SALE = Prepared(
    lambda brand, ids: Product.objects.filter(brand=brand, pk__in=ids, is_sold=True).order_by("pk"),
    brand=-1, ids=[-2],
)  # fmt: skip
_VARIANTS = Prepared(lambda products: Variant.objects.filter(product__in=products).order_by("pk"), products=[-1])


def products_on_sale(brand: Brand, ids: Iterable[int]) -> list[Product]:
    """Those of these products that the brand sells, by id, each with its variants; two reads, however many."""
    products = _ON_SALE.all(brand=brand.pk, ids=list(ids))
    variants = _VARIANTS.all(products=[one.pk for one in products]) if products else []
    for product in products:
        own = product.variants.all()
        own._result_cache = [one for one in variants if one.product_id == product.pk]
        vars(product)["_prefetched_objects_cache"] = {"variants": own}  # as prefetch_related would
    return products


@dataclass(frozen=True, slots=True)
class VariantForSearch:
    sku: str
    size: str
    color: str
    price: Money
    stock: int


@dataclass(frozen=True, slots=True)
class ProductForSearch:
    """`row` is "product:17", for citing. Texts by language."""

    id: int
    row: str
    handle: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    attributes: dict[str, Any]
    category: str
    is_returnable: bool
    warranty_months: int
    variants: tuple[VariantForSearch, ...]


def products_for_search(brand: Brand) -> Iterator[ProductForSearch]:
    """Every product on sale, by id; reads 500 at a time."""
    rows = Product.objects.filter(brand=brand, is_sold=True).order_by("pk").prefetch_related("variants")
    for product in rows.iterator(chunk_size=500):
        yield ProductForSearch(
            id=product.pk,
            row=f"product:{product.pk}",
            handle=product.handle,
            titles=product.titles,
            descriptions=product.descriptions,
            attributes=product.attributes,
            category=product.category,
            is_returnable=product.is_returnable,
            warranty_months=product.warranty_months,
            variants=tuple(
                VariantForSearch(one.sku, one.size, one.color, one.price, one.stock) for one in product.variants.all()
            ),
        )
