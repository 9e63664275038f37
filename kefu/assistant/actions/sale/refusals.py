"""What the shop must still hear before it can answer. Playbooks branch on the codes and ask for it."""

from __future__ import annotations

from kefu.kernel.errors import Refused


class ProductNeeded(Refused):
    """Which product is meant is open. Ask which one."""

    code = "sale.product_needed"


class ProductsNeeded(Refused):
    """Two products must be known before they can be compared. Ask which ones."""

    code = "sale.products_needed"


class BodyNeeded(Refused):
    """The size chart goes by height and weight, and neither is known. Ask for them."""

    code = "sale.body_needed"


class FootNeeded(Refused):
    """The size chart goes by the length of the foot, which isn't known. Ask for it."""

    code = "sale.foot_needed"


class KindNeeded(Refused):
    """What kind of thing is looked for is open. Ask for it."""

    code = "sale.kind_needed"


class SizeNeeded(Refused):
    """The product comes in several sizes and none, or one it doesn't have, was named. Ask for the size."""

    code = "sale.size_needed"


class ColorNeeded(Refused):
    """The product comes in several colours and none, or one it doesn't have, was named. Ask for the colour."""

    code = "sale.color_needed"


class SoldOut(Refused):
    """The chosen variant is out of stock. Say so and offer a notice."""

    code = "sale.sold_out"


class CountryNeeded(Refused):
    """Delivery differs from country to country, and none is known. Ask for it."""

    code = "sale.country_needed"


class CodeNeeded(Refused):
    """No coupon code was told and none is advertised. Ask for the code."""

    code = "sale.code_needed"


class OtherAspect(Refused):
    """The question asks something else of the product than it was taken for. Answer it from the catalogue."""

    code = "sale.other_aspect"


class DeliveryMeant(Refused):
    """The question is about delivery, and not about a product. Answer it by the delivery table."""

    code = "sale.delivery_meant"


class CouponMeant(Refused):
    """The question names coupon codes, and no products. Answer it by the coupons."""

    code = "sale.coupon_meant"
