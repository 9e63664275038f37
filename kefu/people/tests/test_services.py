import pytest

from kefu.people import queries, services
from kefu.people.models import Brand, Customer

BERLIN = {
    "languages": ["en"], "currency": "EUR", "country": "DE", "time_zone": "Europe/Berlin", "settings": {},
}  # fmt: skip


@pytest.mark.parametrize(("slug", "zone"), [("My Shop", "Europe/Berlin"), ("", "Europe/Berlin"), ("shop", "Berlin")])
def test_a_brand_needs_a_plain_short_name_and_a_real_time_zone(db, slug, zone):
    with pytest.raises(ValueError, match="write"):
        services.add_brand(slug, "Shop", **{**BERLIN, "time_zone": zone})
    assert Brand.objects.count() == 0


def test_a_brands_short_name_is_its_own(brand):
    with pytest.raises(ValueError, match="already"):
        services.add_brand(brand.slug, "Another", **BERLIN)


def test_customers_are_made_and_changed_only_in_their_own_brand(brand, other_brand, mira):
    theirs = Customer.objects.create(brand=other_brand, external_id="C-1001", name="Someone")
    tally, written = services.upsert_customers(brand, {"C-1001": {"name": "Mira S."}, "C-2": {"name": "New"}})
    assert (tally.new, tally.changed, tally.same, written) == (1, 1, 0, {"C-1001", "C-2"})
    theirs.refresh_from_db()
    assert theirs.name == "Someone"
    assert queries.ids_by_external_id(brand, ["C-1001", "C-9"]) == {"C-1001": mira.pk}
    assert [one.name for one in queries.customers_of_the_shop(brand)] == ["Mira S.", "New"]
