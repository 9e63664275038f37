"""Several things in another size at once: each its own, all of them or none."""

from __future__ import annotations

import pytest

from kefu.assistant.actions.tests.conftest import Do
from kefu.assistant.tests.shop import order, product, variant
from kefu.commerce.models import Variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_jackets(mira) -> dict[str, Variant]:
    """Order KF-1: a rain jacket and a fleece in M; both come in L, the rain jacket in XL as well."""
    rain, fleece = product(mira.brand), product(mira.brand, "fleece", titles={"en": "Fleece jacket"})
    made = {"rain": variant(rain), "fleece": variant(fleece)}
    made |= {"rain L": variant(rain, size="L"), "fleece L": variant(fleece, size="L"), "XL": variant(rain, size="XL")}
    order(mira, "KF-1", of=[made["rain"], made["fleece"]], state="delivered", delivered_days_ago=3)
    return made


def find(do: Do, talk, size: str) -> dict:
    lines = ["KF-1/1", "KF-1/2"]
    return do(talk, "commerce.find_variants", {"lines": lines, "wanted": {"size": size}}, key=size).value


def test_each_line_gets_the_size_of_its_own_product(talk, two_jackets, do: Do) -> None:
    found = find(do, talk, "L")
    assert found["found"]
    assert found["changes"] == [{"line": "KF-1/1", "sku": two_jackets["rain L"].sku},
                                {"line": "KF-1/2", "sku": two_jackets["fleece L"].sku}]  # fmt: skip


def test_what_one_of_them_lacks_stops_all_and_is_named(talk, two_jackets, do: Do) -> None:
    found = find(do, talk, "XL")
    assert (found["found"], found["changes"]) == (False, [])
    assert found["item"] == [{"text": {"en": "Fleece jacket"}}]


def test_what_has_that_size_already_stays_as_it_is(talk, two_jackets, mira, do: Do) -> None:
    order(mira, "KF-2", of=[two_jackets["rain"], two_jackets["fleece L"]], state="delivered", delivered_days_ago=3)
    args = {"lines": ["KF-2/1", "KF-2/2"], "wanted": {"size": "L"}}
    found = do(talk, "commerce.find_variants", args).value
    assert [one["line"] for one in found["changes"]] == ["KF-2/1"]
