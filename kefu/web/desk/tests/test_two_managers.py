"""Plain forms of a manager: what is wrong is told, and what a colleague wrote meanwhile is never overwritten unseen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from kefu.assistant.editions import services
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.rows import rows_in, with_row
from kefu.assistant.editions.sources import pack_sources
from kefu.assistant.editions.wording import texts_in, with_wording
from kefu.people.models import Role, Seat

pytestmark = pytest.mark.django_db
HUMAN, RETURNS, REMEDY = "playbooks/human.yaml", "tables/returns.yaml", "policies/remedy.yaml"
SIXTY_ONE = {"countries": "DE", "days": "61", "floor": "shop", "source": "us", "date": "2026-11-01",
             "explanation.en": "Sixty-one days.", "explanation.zh": "六十一天。"}  # fmt: skip
WORDS, KEY = "replies/en/policy.yaml", "policy.return_hygiene"


@pytest.fixture
def manager_desk(at_desk, ines, brand):
    Seat.objects.filter(brand=brand, agent=ines).update(role=Role.MANAGER)
    return at_desk(ines)


def address(name: str, *args: str, **query: str) -> str:
    return reverse(f"desk:{name}", args=["lumen", *args], query=query or None)


def text_of(file: str) -> str:
    draft = Edition.objects.filter(file=file, number=None).first()
    return draft.text if draft else pack_sources("ecommerce", services.kind_of(file))[file]


def seen_in(page: Any, form: str) -> str:
    """The digest that a form of the page carries. form: a part of its address."""
    shown = page.content.decode()
    found = re.search(rf'<form[^>]*{form}[^>]*>(?:(?!</form>).)*?name="seen" value="(\w+)"', shown, re.DOTALL)
    assert found, form
    return found[1]


@pytest.fixture
def olga(brand, tomas):
    """Another manager of the same brand."""
    Seat.objects.filter(brand=brand, agent=tomas).update(role=Role.MANAGER)
    return tomas


def writes(olga: Any, brand: Any, file: str, text: str) -> None:
    services.save_draft(brand, file, text=text, by=olga.actor(), author=olga)


def test_a_text_that_another_changed_meanwhile_is_shown_beside_ones_own_and_either_can_stay(manager_desk, olga, brand):
    base = text_of(HUMAN)
    mine = {"text": base + "# mine\n", "base": base, "deed": "keep",
            "seen": seen_in(manager_desk.get(address("procedure", HUMAN)), "/draft/")}  # fmt: skip
    writes(olga, brand, HUMAN, base + "# the other's\n")
    answer = manager_desk.post(address("procedure_draft", HUMAN), mine)
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "Tomas" in said
    assert "<ins># the other&#39;s</ins>" in said
    assert "<ins># mine</ins>" in said
    assert text_of(HUMAN).endswith("# the other's\n")
    again = manager_desk.post(address("procedure_draft", HUMAN), mine | {"seen": seen_in(answer, "/draft/")})
    assert again.status_code == 302
    assert text_of(HUMAN).endswith("# mine\n")


def test_what_was_not_seen_is_not_published(manager_desk, olga, brand):
    writes(olga, brand, HUMAN, text_of(HUMAN) + "# one\n")
    seen = seen_in(manager_desk.get(address("procedure", HUMAN)), "/draft/")
    writes(olga, brand, HUMAN, text_of(HUMAN) + "# two\n")
    for deed in ("publish", "discard", "off", "try"):
        answer = manager_desk.post(address("procedure_draft", HUMAN), {"deed": deed, "seen": seen})
        assert answer.status_code == 409, deed
        assert "Put mine" not in answer.content.decode()
    assert Edition.objects.get().text.endswith("# one\n# two\n")


def test_two_rows_are_both_kept_and_one_row_is_not_overwritten(manager_desk, olga, brand):
    first = next(row for row in rows_in(text_of(RETURNS)) if row.columns.get("floor") != "law")
    second = next(row for row in rows_in(text_of(RETURNS)) if row.id != first.id)
    one = address("table_row", RETURNS, row=first.id)
    form = SIXTY_ONE | {"seen": seen_in(manager_desk.get(one), "/row/")}  # fmt: skip
    writes(olga, brand, RETURNS, with_row(text_of(RETURNS), second.id, {**second.columns, "source": "Tomas"}))
    assert manager_desk.post(one, form).status_code == 302
    rows = {row.id: row.columns for row in rows_in(text_of(RETURNS))}
    assert (rows[first.id]["days"], rows[second.id]["source"]) == (61, "Tomas")
    answer = manager_desk.post(one, form | {"days": "62"})  # of the same row: it says 61 by now
    assert answer.status_code == 409
    assert "61" in answer.content.decode()
    assert manager_desk.post(one, form | {"days": "62", "seen": seen_in(answer, "/row/")}).status_code == 302
    assert {row.id: row.columns for row in rows_in(text_of(RETURNS))}[first.id]["days"] == 62


def test_a_row_taken_out_meanwhile_is_told_and_can_be_put_back(manager_desk, olga, brand):
    own = next(row for row in rows_in(text_of(RETURNS)) if row.columns.get("floor") != "law")
    one = address("table_row", RETURNS, row=own.id)
    form = SIXTY_ONE | {"seen": seen_in(manager_desk.get(one), "/row/")}  # fmt: skip
    manager_desk.post(address("table_row_deed", RETURNS), {"row": own.id, "deed": "remove"})
    answer = manager_desk.post(one, form)
    assert answer.status_code == 409
    assert own.id not in {row.id for row in rows_in(text_of(RETURNS))}
    manager_desk.post(one, form | {"seen": seen_in(answer, "/row/")})
    assert own.id in {row.id for row in rows_in(text_of(RETURNS))}


def limit_of(page: Any) -> tuple[str, str]:
    """A field of the page's limits and the amount in it."""
    found = re.search(r'name="(limit-\d+\.EUR)" value="([\d.]+)"', page.content.decode())
    assert found
    return found[1], found[2]


def test_a_limit_is_kept_in_the_draft_and_a_wrong_one_is_told_and_not_kept(manager_desk):
    field, amount = limit_of(manager_desk.get(address("procedure", REMEDY)))
    more = f"{float(amount) + 7:.2f}"
    manager_desk.post(address("procedure_limits", REMEDY), {field: more.replace(".", ",")})
    assert limit_of(manager_desk.get(address("procedure", REMEDY))) == (field, more)
    kept = text_of(REMEDY)
    for wrong in ("a lot", "-5", "1e9", "1,000.00", "99999999999", "<b>1</b>"):
        answer = manager_desk.post(address("procedure_limits", REMEDY), {field: wrong})
        assert answer.status_code == 422, wrong
        assert "as a number" in answer.content.decode()
        assert "<b>1</b>" not in answer.content.decode()
    assert text_of(REMEDY) == kept


def test_limits_that_another_changed_meanwhile_are_shown_beside_ones_own(manager_desk, olga, at_desk):
    page = manager_desk.get(address("procedure", REMEDY))
    field, amount = limit_of(page)
    sent = {field: "33.00", "seen": seen_in(page, "/limits/")}
    at_desk(olga).post(address("procedure_limits", REMEDY), sent)
    answer = manager_desk.post(address("procedure_limits", REMEDY), sent | {field: "44.00"})
    assert answer.status_code == 409
    assert "<td>33.00</td><td>44.00</td>" in answer.content.decode()
    assert limit_of(manager_desk.get(address("procedure", REMEDY)))[1] == "33.00"
    manager_desk.post(
        address("procedure_limits", REMEDY), {field: "44.00", "seen": seen_in(answer, "/limits/")}
    )  # fmt: skip
    assert limit_of(manager_desk.get(address("procedure", REMEDY)))[1] == "44.00"
    assert amount != "44.00"


def test_a_wording_is_kept_and_what_cannot_be_said_is_told_with_what_was_typed(manager_desk):
    page = address("wording", "en", KEY)
    for wrong in ("", "   ", "Dear {no_such_thing}", "{"):
        answer = manager_desk.post(page, {"chat": wrong, "letter": ""})
        assert answer.status_code == 422, wrong
        assert not Edition.objects.exists()
    assert manager_desk.post(page, {"chat": "No: <i>sorry</i>", "letter": "Dear customer, no."}).status_code == 302
    assert texts_in(text_of(WORDS))[KEY] == {"chat": "No: <i>sorry</i>", "letter": "Dear customer, no."}
    assert "<i>sorry" not in manager_desk.get(address("procedure", WORDS)).content.decode()


def test_a_wording_that_another_changed_meanwhile_is_shown_beside_ones_own(manager_desk, olga, brand):
    page, other = address("wording", "en", KEY), next(one for one in texts_in(text_of(WORDS)) if one != KEY)
    seen = seen_in(manager_desk.get(page), "")
    writes(olga, brand, WORDS, with_wording(text_of(WORDS), other, {"chat": "Other", "letter": "Other"}))
    assert manager_desk.post(page, {"chat": "Mine", "letter": "", "seen": seen}).status_code == 302
    answer = manager_desk.post(page, {"chat": "Late", "letter": "", "seen": seen})
    assert answer.status_code == 409
    assert "<td>Mine</td><td>Late</td>" in answer.content.decode()
    said = texts_in(text_of(WORDS))
    assert (said[KEY]["chat"], said[other]["chat"]) == ("Mine", "Other")
