"""Rows written together are the rows that would be written one by one, and all of them or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kefu.kernel.prepared import Prepared
from kefu.kernel.tasks import forget_done_jobs
from kefu.kernel.together import add, change, defer, together, write_now
from kefu.people.models import Brand, Customer

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)


def somebody(brand: Brand, name: str) -> Customer:
    return Customer(brand=brand, name=name, email=f"{name}@example.com", created_at=MOMENT,
                    address={"street": 'Straße "1"\\', "lines": ["中", None, 1.5]})  # fmt: skip


def fields_of(customer: Customer) -> dict[str, object]:
    kept = Customer.objects.get(pk=customer.pk)
    return {one.attname: getattr(kept, one.attname) for one in Customer._meta.concrete_fields
            if one.attname not in ("id", "public_id", "name", "email", "created_at")}  # fmt: skip


def test_a_row_written_together_is_the_row_that_would_be_saved(brand):
    saved, told = somebody(brand, "one"), somebody(brand, "two")
    saved.save()
    with together():
        add(told)
        assert told.pk
        assert not Customer.objects.filter(name="two").exists(), "it waits for the end of the block"
    assert fields_of(told) == fields_of(saved)
    kept = Customer.objects.get(pk=told.pk)
    assert (kept.public_id, kept.name, kept.email) == (told.public_id, "two", "two@example.com")
    assert kept.created_at == told.created_at


def test_all_tables_and_jobs_take_one_statement(brand, mira, jobs):
    brand.name = "Lumen & Co"
    with together(), CaptureQueriesContext(connection) as asked:
        for name in ("a", "b", "c"):
            add(somebody(brand, name), numbered=False)
        change(brand, "name")
        mira.name, mira.created_at = "Mira L.", MOMENT
        change(mira, "name")
        change(mira, "created_at")
        defer(forget_done_jobs, timestamp=5)
        write_now()
    assert len(asked) == 1
    assert list(Customer.objects.filter(name__in="abc").order_by("pk").values_list("name", flat=True)) == list("abc")
    brand.refresh_from_db()
    mira.refresh_from_db()
    assert (brand.name, mira.name, mira.created_at) == ("Lumen & Co", "Mira L.", MOMENT)
    assert jobs.waiting("kernel.forget_done_jobs") == [("kernel.forget_done_jobs", {"timestamp": 5})]


def test_a_block_that_breaks_off_writes_nothing(brand, mira, jobs):
    def break_off() -> None:
        add(somebody(brand, "nobody"))
        change(mira, "name")
        defer(forget_done_jobs, timestamp=5)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic(), together():
        break_off()
    assert not Customer.objects.filter(name="nobody").exists()
    assert jobs.waiting() == []


def test_what_is_changed_after_it_was_added_is_written_once_and_as_it_is_then(brand):
    customer = somebody(brand, "early")
    with together():
        add(customer)
        customer.name = "late"
        change(customer, "name")
    assert Customer.objects.get(pk=customer.pk).name == "late"


def test_two_readings_of_one_row_do_not_undo_each_others_changes(mira):
    other = Customer.objects.get(pk=mira.pk)
    with together():
        mira.name = "Mira L."
        change(mira, "name")
        other.email = "mira@example.org"
        change(other, "email")
    mira.refresh_from_db()
    assert (mira.name, mira.email) == ("Mira L.", "mira@example.org")


def test_outside_a_block_everything_is_written_as_it_comes(brand, mira):
    customer = somebody(brand, "now")
    add(customer)
    mira.name = "Mira L."
    change(mira, "name")
    assert set(Customer.objects.values_list("name", flat=True)) == {"now", "Mira L."}


def test_a_prepared_read_gives_what_its_queryset_gives(brand, other_brand, mira):
    of_brand = Prepared(
        lambda brand, since, names: Customer.objects.select_related("brand")
        .filter(brand=brand, created_at__gt=since, name__in=names)
        .order_by("-pk")[:2],
        brand=-1, since=datetime(1970, 1, 1, tzinfo=UTC), names=["a name"],
    )  # fmt: skip
    long_ago, soon = MOMENT - timedelta(days=9000), MOMENT + timedelta(days=9000)
    more = [somebody(brand, name) for name in ("Ada", "Bo", "Cy")]
    for one in more:
        one.save()
    found = of_brand.all(brand=brand.pk, since=long_ago, names=["Mira", "Ada", "Cy"])
    assert found == [more[2], more[0]]
    assert found[0].address == more[0].address
    with CaptureQueriesContext(connection) as asked:
        assert found[0].brand.slug == "lumen"
    assert len(asked) == 0
    assert of_brand.first(brand=brand.pk, since=soon, names=["Mira"]) is None
    with pytest.raises(Customer.DoesNotExist):
        of_brand.one(brand=other_brand.pk, since=long_ago, names=["Mira"])


def test_an_example_that_stands_nowhere_is_said_at_once(db):
    with pytest.raises(ValueError, match="nobody"):
        Prepared(lambda name, nobody: Customer.objects.filter(name=name), name="a", nobody=-1).all(name="a", nobody=2)
