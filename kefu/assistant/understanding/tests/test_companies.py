"""Who an invoice is made out to is taken whole from the message that asks for it, and from no other."""

from __future__ import annotations

import pytest

from kefu.assistant.language import Fill, ListeningFor
from kefu.assistant.understanding import understand


def billed(text: str, listening: ListeningFor | None = None) -> list[str]:
    found = understand(text, listening or ListeningFor()).commands
    return [one.value for one in found if isinstance(one, Fill) and one.kind == "billed_to"]


@pytest.mark.parametrize(
    ("said", "details"),
    [
        ("Eine Rechnung an die Brandt & Söhne KG, Hauptstr. 5 in 10115 Berlin, USt-IdNr. DE 123 456 789 ausstellen",
         "Brandt & Söhne KG, Hauptstr. 5 in 10115 Berlin, USt-IdNr DE 123 456 789"),
        ("invoice to Müller Design, DE123456789, Hauptstr. 5, 10115 Berlin? Also where is my other order?",
         "Müller Design, DE123456789, Hauptstr. 5, 10115 Berlin"),  # no legal form: what led to the name
        ("il me faut une facture.\nDupont SARL\n8 rue des Lilas\n69003 Lyon\nMerci",
         "Dupont SARL, 8 rue des Lilas, 69003 Lyon"),
        ("領収書をお願いします。宛名は株式会社青空商事でお願いします。", "株式会社青空商事"),
        ("给杭州云山贸易有限公司开一张专票，税号 91330106MA2CEAB85Q", "杭州云山贸易有限公司, 税号 91330106MA2CEAB85Q"),
        ("Hofer GmbH, ATU12345678, Musterweg 1", "Hofer GmbH, ATU12345678, Musterweg 1"),  # form and number: what else
    ],
)  # fmt: skip
def test_the_details_are_taken_in_one_piece(said: str, details: str) -> None:
    assert billed(said) == [details]


@pytest.mark.parametrize(
    "said",
    [
        "Can I have the invoice for order KF-1042 please?",
        "the lamp from Lumen Ltd is broken",  # a company, and no invoice
        "my parcel GB123456789 is late, where is it?",
        "Ich brauche eine Rechnung, meine E-Mail ist mira@example.com",
    ],
)
def test_an_invoice_without_a_company_or_a_company_without_an_invoice_is_neither(said: str) -> None:
    assert billed(said) == []


def test_a_street_on_an_invoice_moves_no_parcel() -> None:
    said = "Necesito una factura a nombre de Sol Muebles S.L., CIF B12345678, Calle Mayor 5, 28013 Madrid"
    kinds = {one.kind for one in understand(said, ListeningFor()).commands if isinstance(one, Fill)}
    assert kinds == {"billed_to"}
