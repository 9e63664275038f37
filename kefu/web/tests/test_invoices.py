"""The invoice behind the assistant's link: of that order alone, in the customer's language, for its days only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import signing

from kefu.assistant.actions.aftercare import INVOICE_LINK_DAYS, INVOICE_SALT, invoice_link
from kefu.assistant.tests.shop import order
from kefu.commerce.models import Order, OrderState
from kefu.kernel import clock

pytestmark = pytest.mark.django_db
SELLER = {"seller": "Lumen GmbH\nLeipzig", "tax_number": "DE999999999", "tax_percent": {"DE": 19}}


@pytest.fixture
def paid(brand, mira) -> Order:
    brand.settings = {**brand.settings, "invoices": SELLER}
    brand.save()
    mira.refresh_from_db()
    return Order.objects.select_related("brand").get(pk=order(mira, "KF-1").pk)


def path(own: Order, to: str = "", language: str = "en") -> str:
    return "/invoices/" + invoice_link(own, to, language).split("/invoices/")[1]


def test_it_shows_the_order_the_seller_and_the_tax_within_the_total(client, paid, mira):
    order(mira, "KF-2")
    page = client.get(path(paid, "Acme <b>Ltd</b>\nVAT GB1"))
    said = page.content.decode()
    assert page.status_code == 200
    for shown in ("KF-1", "Lumen GmbH", "DE999999999", "€129.00", "VAT 19 %", "€20.60", "€108.40", "Acme &lt;b&gt;"):
        assert shown in said, shown
    assert "KF-2" not in said
    assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex, nofollow, noarchive", "no-referrer")
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize(
    ("language", "title"),
    [("zh", "发票"), ("es", "Factura"), ("fr", "Facture"), ("de", "Rechnung"), ("ja", "請求書"), ("ko", "청구서"),
     ("pt", "Fatura")],
)  # fmt: skip
def test_it_is_in_the_customers_language_and_in_english_on_request(client, paid, language, title):
    assert title in client.get(path(paid, language=language)).content.decode()
    assert "Invoice" in client.get(path(paid, language=language) + "?in=en").content.decode()


def test_where_no_rate_is_known_no_tax_is_made_up(client, paid):
    Order.objects.filter(pk=paid.pk).update(country="US")
    said = client.get(path(paid)).content.decode()
    assert "VAT" not in said
    assert "include tax where it is due" in said


def test_a_link_that_was_made_up_or_changed_is_not_there(client, paid):
    good = path(paid)
    other = signing.dumps({"order": paid.pk, "to": "", "in": "en"}, salt="another", compress=True)
    for bad in (good[:-3] + "xx/", good.replace("/invoices/", "/invoices/e"), f"/invoices/{other}/", "/invoices/1/",
                f"/invoices/{'x' * 3000}/"):  # fmt: skip
        assert client.get(bad).status_code == 404, bad


def test_a_link_ends_with_its_days_with_the_order_and_with_the_brands_word(client, paid, monkeypatch):
    good = path(paid)
    late = clock.now() + timedelta(days=INVOICE_LINK_DAYS, minutes=1)
    with monkeypatch.context() as then:
        then.setattr("django.core.signing.time.time", late.timestamp)
        assert client.get(good).status_code == 404
    Order.objects.filter(pk=paid.pk).update(state=OrderState.CANCELLED)
    assert client.get(good).status_code == 404
    Order.objects.filter(pk=paid.pk).update(state=OrderState.PAID)
    assert client.get(good).status_code == 200
    paid.brand.settings.pop("invoices")
    paid.brand.save()
    assert client.get(good).status_code == 404
    assert signing.loads(good.split("/")[2], salt=INVOICE_SALT)["order"] == paid.pk
