from pathlib import Path

import pytest
from django.conf import settings

from kefu.commerce.exchange import KINDS
from kefu.commerce.exchange.writing import _COLUMNS
from kefu.commerce.models import OrderState, PaymentState, RefundState, ReturnReason, ReturnState, TrackingCode

PAGE = (Path(settings.BASE_DIR) / "docs" / "reference" / "import-format.md").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_stands_on_the_formats_page(kind):
    section = PAGE.split(f"\n## {kind}\n")[1].split("\n## ")[0]
    for column in _COLUMNS[kind]:
        for name in column.split("."):
            assert name in section, f"{kind}: {column}"
    assert f"| **{KINDS[kind].key}** |" in section


@pytest.mark.parametrize("words", [OrderState, PaymentState, RefundState, ReturnState, ReturnReason, TrackingCode])
def test_every_word_of_a_closed_list_stands_there(words):
    for word in words.values:
        assert f"`{word}`" in PAGE
