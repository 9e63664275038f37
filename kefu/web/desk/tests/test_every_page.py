"""One walk over every page of the desk with a phone in Chinese: nothing sticks out, complains or lacks a name."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from kefu.desk.models import Conversation
from kefu.people.models import Agent, Brand, Role, Seat
from kefu.web.desk.tests.browsing import Desks
from kefu.web.desk.tests.conftest import page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FILES = (
    "playbooks/return_item.yaml", "tables/returns.yaml", "tables/customs.yaml", "remedies/ladder.yaml",
    "policies/refund.yaml",
)  # fmt: skip
#: what is wrong with the page that stands: wider or longer than the window, a control nobody can name
FAULTS = """() => {
  const root = document.documentElement, faults = [];
  if (root.scrollWidth > innerWidth) faults.push(`${root.scrollWidth} px wide`);
  if (root.scrollHeight > innerHeight) faults.push(`${root.scrollHeight} px long: hidden things lie outside the sheet`);
  for (const one of document.querySelectorAll(".sheet, .thread, .list, .panel, .order-lines"))
    if (one.scrollWidth > one.clientWidth) faults.push(`${one.className} is ${one.scrollWidth} px wide`);
  for (const one of document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea")) {
    if (!one.getClientRects().length) continue;
    const label = one.labels && one.labels.length ? one.labels[0].textContent : "";
    const named = document.getElementById(one.getAttribute("aria-labelledby"))?.textContent;
    const name = one.textContent || one.getAttribute("aria-label") || one.title || label || named || "";
    if (!name.trim()) faults.push(one.outerHTML.slice(0, 120));
  }
  return faults;
}"""


def addresses(talks: dict[str, Conversation]) -> list[str]:
    """Every page; of those that are alike for many rows or files, one of each kind."""
    lists = [f"/desk/?list={one}" for one in ("mine", "unassigned", "all")]
    talk = [page_of(talks[one]) for one in ("parcel", "mine", "waiting", "closed")]
    plain = ["approvals", "teaching", "channels", "procedures"]
    table = reverse("desk:table_row", args=["lumen", "tables/returns.yaml"])
    return [
        *lists, "/desk/?list=all&q=jacket", *talk, *(reverse(f"desk:{one}") for one in plain),
        *(reverse("desk:procedure", args=["lumen", one]) for one in FILES),
        table, f"{table}?row=return.withdrawal_eu", reverse("desk:words", args=["lumen"]),
        reverse("desk:wording", args=["lumen", "ja", "policy.return_hygiene"]),
    ]  # fmt: skip


def test_no_page_sticks_out_complains_or_has_a_control_without_a_name(
    desks: Desks, ines: Agent, brand: Brand, talks: dict[str, Conversation]
) -> None:  # fmt: skip
    Seat.objects.filter(agent=ines, brand=brand).update(role=Role.ADMINISTRATOR)
    Agent.objects.filter(pk=ines.pk).update(interface_language="zh-hans")
    page = desks.sign_in(ines, viewport={"width": 390, "height": 844})
    wrong: dict[str, list[str]] = {}
    for address in addresses(talks):
        desks.problems.clear()
        page.goto(desks.address + address)
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
        if found := [*page.evaluate(FAULTS), *desks.problems]:
            wrong[address] = found
    assert wrong == {}
