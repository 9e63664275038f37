"""Procedures at the border: for another brand nothing is there, for agents nothing can be changed, at no address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import get_resolver, reverse

from kefu.assistant.editions import services
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import pack_sources
from kefu.desk.models import Event
from kefu.people.models import Brand, Role, Seat
from kefu.web.models import DraftTrial

pytestmark = pytest.mark.django_db

HUMAN, RETURNS, REMEDY = "playbooks/human.yaml", "tables/returns.yaml", "policies/remedy.yaml"
LADDER, WORDS = "remedies/ladder.yaml", "replies/en/policy.yaml"
ROW = "return.eu_withdrawal"
#: what nobody outside may be told: it stands in the brand's drafts and nowhere else
SECRET = "only the management knows"


@dataclass(frozen=True, slots=True)
class Row:
    """One address as somebody tries it. posts: what is sent; None: it is read. reads: agents of the brand may."""

    args: tuple[str, ...]
    posts: Mapping[str, str] | None = None
    reads: bool = False
    query: Mapping[str, str] = field(default_factory=dict)


def _text(file: str) -> str:
    return pack_sources("ecommerce", services.kind_of(file))[file]


#: every address of procedures by its name; an address without a row fails test_every_address_has_its_row
ADDRESSES: Mapping[str, tuple[Row, ...]] = {
    "procedures_of": (Row((), reads=True),),
    "procedure": tuple(Row((one,), reads=True) for one in (HUMAN, RETURNS, REMEDY, LADDER)),
    "procedure_check": (
        Row((HUMAN,), {"text": "playbook: human"}),
        Row((RETURNS,), {"text": "- {}"}),
        Row((HUMAN,), {"text": "playbook: human"}, query={"tried": "1"}),
    ),
    "procedure_draft": tuple(
        Row((file,), {"text": "x: 1", "deed": deed, "note": "mine"})
        for file in (HUMAN, RETURNS)
        for deed in ("keep", "publish", "try", "discard", "off", "on")
    ),
    "procedure_back": (Row((HUMAN,), {"to": "0"}), Row((RETURNS,), {"to": "1"})),
    "procedure_limits": (Row((REMEDY,), {"limit-0.EUR": "9999.00"}),),
    "procedure_trial": (Row((HUMAN,)), Row((RETURNS,))),
    "table_row": (
        Row((RETURNS,)), Row((RETURNS,), query={"row": ROW}),
        Row((RETURNS,), {"countries": "DE", "days": "90", "floor": "shop"}), Row((LADDER,)),
    ),
    "table_row_check": (Row((RETURNS,), {"countries": "DE", "days": "x"}),),
    "table_row_deed": tuple(Row((LADDER,), {"row": "x", "deed": deed}) for deed in ("remove", "up", "down")),
    "words": (Row((), reads=True), Row((), reads=True, query={"q": "return", "language": "de"})),
    "wording": (
        Row(("en", "policy.return_hygiene")),
        Row(("en", "policy.return_hygiene"), {"chat": "No.", "letter": ""}),
    ),
}  # fmt: skip
TRIED = [(name, row) for name, rows in ADDRESSES.items() for row in rows]


def _names() -> set[str]:
    """The names of all addresses below procedures/ that stand for one brand's."""
    desk = next(one for one in get_resolver("kefu.web.urls").url_patterns if getattr(one, "namespace", None) == "desk")
    return {str(one.name) for one in desk.url_patterns if str(one.pattern).startswith("procedures/<")}


@pytest.fixture
def kept(brand: Brand, ines: Any) -> None:
    """A draft of every kind, and a trial, to be told of or to be changed."""
    Seat.objects.filter(agent=ines, brand=brand).update(role=Role.MANAGER)
    for file in (HUMAN, RETURNS, REMEDY, LADDER, WORDS):
        services.save_draft(brand, file, text=f"{_text(file)}\n# {SECRET}\n", by=ines.actor(), author=ines, note=SECRET)
        DraftTrial.objects.create(
            brand=brand, file=file, of_text="x", asked_by=ines, asked_at="2026-01-01T00:00Z",
            moved_at="2026-01-01T00:00Z",
        )  # fmt: skip


def _state() -> tuple[object, ...]:
    """Everything that an address could change."""
    return (
        list(Edition.objects.order_by("pk").values()), list(DraftTrial.objects.order_by("pk").values()),
        list(Brand.objects.order_by("pk").values_list("settings", flat=True)), Event.objects.count(),
    )  # fmt: skip


def _asks(desk: Any, name: str, row: Row, *, as_piece: bool) -> Any:
    address = reverse(f"desk:{name}", args=["lumen", *row.args], query=row.query or None)
    if as_piece:
        return desk.piece(address, dict(row.posts) if row.posts is not None else None)
    return desk.get(address) if row.posts is None else desk.post(address, row.posts)


def test_every_address_has_its_row() -> None:
    assert set(ADDRESSES) == _names()


def test_for_an_agent_of_another_brand_no_address_is_there(olek_desk: Any, kept: None, other_brand: Brand) -> None:
    before = _state()
    Seat.objects.filter(brand=other_brand).update(role=Role.MANAGER)  # the other brand's manager is as far outside
    for name, row in TRIED:
        for as_piece in (False, True):
            answer = _asks(olek_desk, name, row, as_piece=as_piece)
            assert answer.status_code in (403, 404), (name, row)
            said = answer.content.decode()
            assert SECRET not in said, (name, row)
            assert "Lumen" not in said, (name, row)
    assert _state() == before


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_who_is_no_manager_reads_what_works_and_changes_nothing(
    role: Role, tomas_desk: Any, kept: None, brand: Brand, tomas: Any
) -> None:
    Seat.objects.filter(agent=tomas, brand=brand).update(role=role)
    before = _state()
    for name, row in TRIED:
        for as_piece in (False, True):
            answer = _asks(tomas_desk, name, row, as_piece=as_piece)
            assert answer.status_code == (200 if row.reads else 403), (name, row)
            assert SECRET not in answer.content.decode(), (name, row)
    assert _state() == before


def test_a_manager_is_let_in_at_every_address(at_desk: Any, ines: Any, kept: None) -> None:
    """Else the refusals above would prove nothing."""
    desk = at_desk(ines)
    seen = {name: [_asks(desk, name, row, as_piece=False).status_code for row in rows]
            for name, rows in ADDRESSES.items()}  # fmt: skip
    assert all(any(code in (200, 302, 409, 422) for code in codes) for codes in seen.values()), seen
