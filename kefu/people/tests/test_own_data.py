from datetime import date

import pytest

from kefu.kernel.errors import NotAllowed
from kefu.people.actors import Actor, ActorKind, assistant
from kefu.people.models import Brand, Consent, Customer
from kefu.people.own_data import MARKETING, ask_for_own_data, has_consented, record_consent

pytestmark = pytest.mark.django_db


@pytest.fixture
def mira() -> Customer:
    brand = Brand.objects.create(slug="lumen", name="Lumen", languages=["en"])
    return Customer.objects.create(brand=brand, name="Mira", email="mira@example.com")


def test_silence_is_no_consent_and_the_newest_word_counts(mira):
    by = assistant(mira.brand_id)
    assert not has_consented(mira, MARKETING)
    record_consent(mira, MARKETING, is_given=True, source="shop", by=by)
    assert has_consented(mira, MARKETING)
    record_consent(mira, MARKETING, is_given=False, source="conversation:1", by=by)
    assert not has_consented(mira, MARKETING)
    assert [row.source for row in Consent.objects.order_by("id")] == ["shop", "conversation:1"]


def test_unsubscribing_twice_is_one_row(mira):
    by = assistant(mira.brand_id)
    first = record_consent(mira, MARKETING, is_given=False, source="conversation:1", by=by)
    assert record_consent(mira, MARKETING, is_given=False, source="conversation:2", by=by).pk == first.pk


def test_an_agent_of_another_brand_touches_nobodys_consent(mira):
    olek = Actor(ActorKind.AGENT, id=9, name="Olek", rights={mira.brand_id + 1: frozenset({"people.consent"})})
    with pytest.raises(NotAllowed):
        record_consent(mira, MARKETING, is_given=True, source="x", by=olek)
    assert not Consent.objects.exists()


def test_a_request_told_twice_is_one_with_one_number(mira):
    by = assistant(mira.brand_id)
    told = {"due_on": date(2026, 4, 2), "rule": "data.gdpr", "source": "conversation:1", "by": by, "key": "case:1"}
    first = ask_for_own_data(mira, "export", **told)
    assert ask_for_own_data(mira, "export", **told).number == first.number
