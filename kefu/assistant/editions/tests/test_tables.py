"""Tables, remedies and words as a brand changes them: its own hold at once, the law under all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kefu.assistant.actions import perform
from kefu.assistant.actions.tests.conftest import a_call
from kefu.assistant.editions import services
from kefu.assistant.editions.errors import DraftHasFaults
from kefu.assistant.editions.faults import faults_of
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import pack_sources
from kefu.assistant.editions.working_tables import own_tables_of, remedies_for
from kefu.assistant.editions.working_texts import texts_for
from kefu.assistant.engine.effects import ActionResult, Deed
from kefu.assistant.tests.shop import order, product, variant
from kefu.commerce.tables import tables_for
from kefu.commerce.tables.windows import return_promise
from kefu.people.models import Brand

pytestmark = pytest.mark.django_db
RETURNS, VERIFICATION, GOODWILL = "tables/returns.yaml", "tables/verification.yaml", "remedies/goodwill.yaml"
OWN = """
- id: shop.germany
  countries: [DE]
  days: 45
  floor: shop
  source: "Shop: decided by the management"
  date: 2026-11-01
"""


def text_of(file: str) -> str:
    return pack_sources("ecommerce", services.kind_of(file))[file]


def days_in(brand: Brand, country: str, terms: dict[str, int | str] | None = None) -> int:
    return return_promise(tables_for(brand), country, terms or {"return_days": 20}, on=date(2026, 11, 22)).days


def test_a_shop_gives_its_own_days_in_one_market_and_nobody_elses_change(brand, other_brand, publish):
    before = days_in(brand, "FR")
    brand = publish(brand, RETURNS, text_of(RETURNS) + OWN)
    assert (days_in(brand, "DE"), days_in(brand, "FR")) == (45, before)
    assert days_in(other_brand, "DE") == 20


def test_a_shops_shorter_days_never_shorten_those_of_the_law(brand, publish):
    brand = publish(brand, RETURNS, text_of(RETURNS) + OWN.replace("45", "3"))
    assert days_in(brand, "DE") == 14


def test_the_turn_reads_the_brands_own_tables(talk, brand, publish):
    publish(brand, RETURNS, text_of(RETURNS) + OWN)
    assert a_call(talk).facts.tables.row("shop.germany") is not None


@pytest.mark.parametrize(
    ("file", "was", "becomes", "said"),
    [
        (RETURNS, "  days: 14\n  for: any", "  days: 7\n  for: any", "days is law; it may be 14 or more"),
        (RETURNS, 'countries: [EU, IS, LI, "NO"]', "countries: [DE]", "countries is law; put AT"),
        (RETURNS, "- id: return.withdrawal_eu", "- id: return.mine", "this row is law and is missing"),
        (RETURNS, "  days: 14\n  for: any\n  floor: law", "  days: 14\n  for: any\n  floor: shop", "floor is law"),
        (RETURNS, "  off_weekend: true", "  shop_may_differ: true", "shop_may_differ is law; put false back"),
        (RETURNS, "  off_weekend: true", "  off_weekend: true\n  until: 2026-12-01", "may not end earlier"),
        (RETURNS, 'seller\n  source: "Código', 'buyer\n  source: "Código', "lets the seller pay"),
        ("tables/not_returnable.yaml", "unless: [unopened, faulty]", "unless: [unopened]", "unless is law"),
        ("tables/not_returnable.yaml", "  kind: hygiene", "  kind: shoes", "kind is law"),
        ("tables/fees.yaml", "paid_by: seller", "paid_by: buyer", "lets the seller pay"),
        (VERIFICATION, "level: order", "level: none", "level is law; it may be order or higher"),
        (VERIFICATION, "level: none", "level: customer", "the right may not be made harder"),
        (VERIFICATION, "commerce.refund, ", "", "about is law; put commerce.refund back"),
        ("tables/data_rights.yaml", "months: 1", "months: 3", "months is law; it may be 1 or less"),
        ("remedies/guarantee.yaml", "countries: [EU], months: 24", "countries: [EU], months: 6", "24 months or more"),
        ("remedies/guarantee.yaml", "countries: [ES], months: 36", "countries: [ES], months: 12", "guarantee in ES"),
        ("remedies/ladder.yaml", "ladder: [resend, take_back]", "ladder: [coupon]\n  coupon_percent: 5", "by law"),
    ],
)  # fmt: skip
def test_no_row_of_a_table_goes_below_the_law_and_the_cure_is_named(brand, manager, file, was, becomes, said):
    assert was in text_of(file)
    text = text_of(file).replace(was, becomes, 1)
    faults = [str(fault) for fault in faults_of(brand, file, text)]
    assert any(said in fault for fault in faults), faults
    services.save_draft(brand, file, text=text, by=manager.actor(), author=manager)
    with pytest.raises(DraftHasFaults):
        services.publish(brand, file, by=manager.actor())


@pytest.mark.parametrize(
    ("file", "row", "said"),
    [
        ("tables/not_returnable.yaml", "countries: [FR], kind: sale_items", "take them out of countries"),
        ("tables/not_returnable.yaml", "countries: ['*'], kind: hygiene", "in BR"),
        ("tables/fees.yaml", "countries: [DE], fee: way_out, paid_by: buyer", "lets the seller pay this in DE"),
        (RETURNS, "countries: [US], days: 5, floor: law", "law comes with Kefu"),
        (VERIFICATION, "about: [account.unsubscribe], level: customer", "has the level none by law"),
    ],
)
def test_a_row_of_the_shops_own_takes_nothing_away_either(brand, file, row, said):
    own = f'\n- {{id: own.row, {row}, source: "Shop: terms", date: 2026-11-01}}\n'
    assert any(said in str(fault) for fault in faults_of(brand, file, text_of(file) + own))


def test_what_the_law_leaves_open_is_the_shops_to_say(brand):
    own = '\n- {id: own.row, countries: [US], kind: sale_items, source: "Shop: terms", date: 2026-11-01}\n'
    assert not faults_of(brand, "tables/not_returnable.yaml", text_of("tables/not_returnable.yaml") + own)
    more = text_of(RETURNS).replace("days: 14", "days: 60")
    assert not faults_of(brand, RETURNS, more)


def test_tables_that_fall_below_law_learnt_since_are_left_aside_and_logged(brand, publish, caplog):
    brand = publish(brand, RETURNS, text_of(RETURNS) + OWN)
    assert own_tables_of(brand) is not None
    Edition.objects.update(text=text_of(RETURNS).replace("days: 14", "days: 10"))  # as if the law had risen since
    Brand.objects.filter(pk=brand.pk).update(settings={**brand.settings, "edition": 10_000})
    assert days_in(Brand.objects.get(pk=brand.pk), "DE", {"return_days": 1}) == 14
    assert "left aside" in caplog.text


@pytest.mark.parametrize("bad", ["", "{", "- []", "a: b", "- id: [x]\n  days: {a: b}", "x" * 1000, "- &a [*a]"])
@pytest.mark.parametrize("file", [RETURNS, "remedies/ladder.yaml", GOODWILL, "replies/en/returns.yaml"])
def test_whatever_is_typed_gets_faults_with_words(brand, file, bad):
    assert faults_of(brand, file, bad), bad


# ---- words ----


WORDS, HYGIENE = "replies/en/policy.yaml", "policy.return_hygiene"


def test_a_reply_is_worded_anew_for_one_brand_alone(brand, other_brand, publish):
    was = texts_for(brand).template(HYGIENE, "en")
    brand = publish(brand, WORDS, text_of(WORDS).replace(f"{HYGIENE}: For hygiene", f"{HYGIENE}: Sorry. For hygiene"))
    assert texts_for(brand).template(HYGIENE, "en") == f"Sorry. {was}"
    assert texts_for(other_brand).template(HYGIENE, "en") == was


def test_a_reply_promises_nothing_that_no_step_can_fill_and_no_text_is_lost(brand):
    promised = text_of(WORDS).replace(f"{HYGIENE}: For", f"{HYGIENE}: You get {{gift}}. For")
    assert any("nothing fills {gift}" in str(fault) for fault in faults_of(brand, WORDS, promised))
    renamed = text_of(WORDS).replace(f"{HYGIENE}:", "policy.return_other:")
    assert any(f"{HYGIENE} is missing; write it" in str(fault) for fault in faults_of(brand, WORDS, renamed))


# ---- budgets and levels ----


PART = "commerce.pay_for_fault"


@pytest.fixture
def three_orders(mira, brand):
    coat = variant(product(brand), price_minor=12900)
    for number in ("KF-1", "KF-2", "KF-3"):
        order(mira, number, state="delivered", of=[coat], delivered_days_ago=2)


def gives(talk, number: str, *, by=None) -> ActionResult:
    call = a_call(talk, key=f"gift-{number}-{by}")
    call = replace(call, actor=by.actor()) if by else call
    args = {"line": f"{number}/1", "cause": "damaged"}
    return perform(call, PART, args, confirmed=Deed(PART, args, {}).fingerprint(), step="step")


def test_a_customers_budget_of_gifts_ends_and_then_a_supervisor_is_asked(talk, three_orders):
    assert gives(talk, "KF-1").ok  # 38.70 of 60.00
    second = gives(talk, "KF-2")
    assert (second.ok, second.rule) == (False, "remedy.goodwill_spent")


def test_a_manager_widens_the_budget_and_the_next_gift_goes_through(talk, brand, three_orders, publish):
    assert gives(talk, "KF-1").ok
    publish(brand, GOODWILL, text_of(GOODWILL).replace("60.00 EUR", "90.00 EUR"))
    assert gives(talk, "KF-2").ok
    assert gives(talk, "KF-3").rule == "remedy.goodwill_spent"


def test_an_agents_own_budget_of_gifts_ends_and_then_a_supervisor_is_asked(
    talk,
    brand,
    tomas,
    three_orders,
    publish,
):
    publish(brand, GOODWILL, text_of(GOODWILL).replace("300.00 EUR", "50.00 EUR"))
    assert gives(talk, "KF-1", by=tomas).ok
    second = gives(talk, "KF-2", by=tomas)
    assert (second.ok, second.rule) == (False, "remedy.agent_goodwill_spent")


def test_a_budget_without_the_currency_gives_nothing(talk, brand, three_orders, publish):
    publish(brand, GOODWILL, text_of(GOODWILL).replace("60.00 EUR, ", ""))
    assert gives(talk, "KF-1").rule == "remedy.goodwill_spent"
    assert remedies_for(Brand.objects.get(pk=brand.pk)).customer.of("EUR").minor == 0


def test_a_shop_may_ask_for_more_proof_than_the_action_itself(talk, brand, mira, publish):
    from kefu.desk.models import Conversation, Verification

    order(mira, "KF-1")
    Conversation.objects.update(verification=Verification.ORDER, memory={"proved_orders": ["KF-1"]})
    args = {"order": "KF-1"}
    deed = Deed("commerce.cancel_order", args, {}).fingerprint()
    brand = publish(brand, VERIFICATION, text_of(VERIFICATION).replace("level: order", "level: customer"))
    refused = perform(a_call(talk), "commerce.cancel_order", args, confirmed=deed, step="step")
    assert (refused.ok, refused.code) == (False, "identity.needed")
    services_to = text_of(VERIFICATION) + "\n# as delivered\n"
    publish(brand, VERIFICATION, services_to)
    assert perform(a_call(talk), "commerce.cancel_order", args, confirmed=deed, step="step").ok


def test_hygiene_goods_come_back_where_the_law_excepts_nothing(mira, brand, talk):
    cup = product(brand, "cup", is_returnable=False, attributes={"not_returnable_because": "hygiene"})
    mine = variant(cup, price_minor=1000)
    order(mira, "KF-7", state="delivered", of=[mine], delivered_days_ago=2)
    order(mira, "KF-8", state="delivered", of=[mine], delivered_days_ago=2, country="BR")
    lines = {one.number: one.lines[0].is_returnable for one in a_call(talk).facts.orders}
    assert lines == {"KF-7": False, "KF-8": True}
