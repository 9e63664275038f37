import pytest

from kefu.commerce import queries
from kefu.commerce.models import Order
from kefu.people.models import Customer


@pytest.mark.parametrize(
    "said", ["KF-1042", "kf-1042", " #kf-1042 ", "1042", "KF- 1042", "ＫＦ－１０４２".replace("－", "-"), "１０４２"]
)
def test_an_order_is_found_as_people_say_its_number(shop, said):
    order = shop.order("KF-1042")
    assert queries.find_order(shop.brand, said) == order


@pytest.mark.parametrize("said", ["", "#", "KF-104", "042", "KF-1042'; --", "%", "KF_1042", "x" * 500, "KF-1042\x00"])
def test_what_is_no_order_number_finds_nothing(shop, said):
    shop.order("KF-1042")
    assert queries.find_order(shop.brand, said) is None


def test_another_brands_order_does_not_exist(shop, other_brand):
    shop.order("KF-1042")
    assert queries.find_order(other_brand, "KF-1042") is None


@pytest.mark.parametrize(
    "proof",
    [
        "mira@example.com",
        " MIRA@Example.com ",
        "+49 151 12345678",
        "0151 12345678",
        "0151/12345678",
        "10119",
        "１０１１９",
    ],
)
def test_mail_phone_or_postcode_prove_an_order_however_they_are_written(shop, proof):
    assert queries.matches_proof(shop.order(), proof)


@pytest.mark.parametrize(
    "proof",
    [
        "",
        " ",
        "mira",
        "mira@example.co",
        "mira@example.comm",
        "1011",
        "101190",
        "12345678",
        "@",
        "\x00",
        "%",
        "x" * 10000,
    ],
)
def test_a_wrong_proof_proves_nothing(shop, proof):
    assert not queries.matches_proof(shop.order(), proof)


def test_what_an_order_lacks_matches_nothing(shop):
    order = shop.order()
    Order.objects.update(email="", phone="", postcode="")
    order.refresh_from_db()
    for proof in ("", "mira@example.com", "0", "-"):
        assert not queries.matches_proof(order, proof)


def test_a_customers_orders_come_newest_first_and_never_anothers(shop, django_assert_max_num_queries):
    for number in range(3):
        shop.order(f"KF-{number}", delivered_days_ago=2)
    other = Customer.objects.create(brand=shop.brand, external_id="C-2")
    assert queries.orders_of(other) == []
    with django_assert_max_num_queries(12):
        found = queries.orders_of(shop.customer, limit=2)
        assert all(line.variant.product.titles for order in found for line in order.lines.all())
    assert [order.number for order in found] == ["KF-2", "KF-1"]


def test_the_catalogue_for_search_holds_what_is_sold(shop, other_brand):
    shop.boxers.product.is_sold = False
    shop.boxers.product.save()
    [only] = queries.products_for_search(shop.brand)
    assert (only.handle, only.variants[0].stock) == ("jacket", 5)
    assert list(queries.products_for_search(other_brand)) == []
