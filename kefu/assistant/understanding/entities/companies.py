"""Who an invoice is to be made out to: a company with its number and address, as far as one message tells them.

The details stand together, part by part ("Hofer GmbH, ATU12345678, Musterweg 1, 1070 Wien"). They are taken whole and
in the customer's letters, so that none of their numbers is read as an order's and no street as a new address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon
from kefu.assistant.understanding.normal import Text

#: legal forms as they are written on a letterhead; in small letters some of them are common words
_FORM = re.compile(
    r"(?<![A-Za-z])(?:[Gg]mb[Hh](?: & Co\.? KG)?|gGmbH|AG|UG|KG|OHG|GbR|e\. ?U\.|e\. ?K\.|[Ll]td\.?|[Ll]imited|LLC"
    r"|Inc\.?|PLC|LLP|Corp\.?|SARL|Sarl|S\.A\.R\.L\.?|SASU?|EURL|S\.L\.U?\.?|SLU?|S\.A\.|SA|S\.[Rr]\.[Ll]\.?"
    r"|S\.p\.A\.?|Ltda\.?|LTDA|EIRELI|MEI|B\.V\.|BV|N\.V\.|Pty)(?![A-Za-z])"
    r"|有限公司|有限责任公司|股份公司|集团|株式会社|有限会社|合同会社|\(주\)|주식회사|유한회사"
)
#: tax numbers that show by their shape: EU, UK and Swiss VAT, CNPJ, 사업자등록번호, 登録番号, 统一社会信用代码, NIF.
#: Source: ec.europa.eu/taxation_customs/vies (FAQ, structure of VAT numbers)
_TAX = re.compile(
    r"(?<![A-Za-z\d])(?:ATU ?\d{8}"
    r"|(?:DE|FR|GB|IT|PT|PL|NL|BE|SE|DK|FI|LU|IE|CZ|HU)[ -]?[\dA-Z]{2}[\d ]{6,12}[\dA-Z]{0,3}"
    r"|CHE[- ]?\d{3}\.?\d{3}\.?\d{3}|ES[- ]?[A-Z\d]\d{7}[A-Z\d]|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}|\d{3}-\d{2}-\d{5}"
    r"|T\d{13}|9[\dA-Z]{17}|[A-HJNP-SUVW]-?\d{7}[\dA-J])(?![A-Za-z\d])"
)
#: where one part ends. A full stop ends one after a word that is no short form, "Hauptstr. 5"
_BETWEEN = re.compile(r"\s*(?:[,;、。!?\n]|(?<=[^\W\d_]{3})\.(?=\s+[^\W\d])|(?<=[가-힣])\.(?=\s)|\.$)\s*")
_CAPITAL = r"[A-ZÀ-ÖØ-Þ0-9][\w&'’.-]*"
_NAME_BEFORE = re.compile(rf"(?:{_CAPITAL} (?:(?:&|\+|and|und|et|y|e|de|of) )?){{1,6}}$")
_LATIN_PLACE = re.compile(rf"{_CAPITAL}(?: (?:am|an der|de|la|sur)? ?{_CAPITAL}){{0,2}}")
_ORDER = re.compile(r"[A-Za-z]{1,5}[-# ]{0,2}\d{3,10}")
_DENSE = re.compile(r"[㐀-鿿ぁ-んァ-ヶー가-힣]")
_TO_THE_NAME = re.compile(r"[\s:]*(?:(?:die|der|den|the|la|le|el|o|a) (?=[A-ZÀ-ÖØ-Þ]))?")
_LONGEST, _PARTS = 300, 8
#: words of a part that is still an address
_WORDS = 8


def billed_to(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    """The details in one piece. They need a company's form or tax number, and an invoice to be spoken of (or both)."""
    shown, folded = text.shown, text.folded
    form, tax = _FORM.search(shown), _TAX.search(shown)
    labelled = next(words.pattern("tax_words").finditer(folded), None)
    if form is None and tax is None and (labelled is None or "billed_to" not in listening.kinds):
        return
    is_asked = "billed_to" in listening.kinds or words.has("invoice_words", folded)
    if not is_asked and (form is None or tax is None):
        return
    anchor = min(hit.start() for hit in (form, tax, labelled) if hit is not None)
    start = _beginning(shown, folded, form, anchor, words)
    parts: list[str] = []
    at = end = start
    for _ in range(_PARTS):
        gap = _BETWEEN.search(shown, max(at, form.end()) if form and at <= form.start() and not parts else at)
        piece, stop = _trimmed(shown, folded, at, gap.start() if gap else len(shown), words)
        if parts and not _belongs(piece, words):
            break
        if piece and parts and words.pattern("tax_words").fullmatch(parts[-1].lower()):
            parts[-1] += f" {piece}"  # "USt-IdNr. DE123456789"
            end = stop
        elif piece:
            parts.append(piece)
            end = stop
        if gap is None or gap.end() >= len(shown):
            break
        at = gap.end()
    value = ", ".join(parts)[:_LONGEST]
    if value:
        yield Entity("billed_to", value, start, end, 0.9)


def without_the_wish(detail: Entity, text: Text, words: Lexicon) -> tuple[int, int]:
    """The stretch of the details without the wish that may stand among them: "… 앞으로 세금계산서 발행 …"."""
    wish = [hit.end() for hit in words.pattern("invoice_words").finditer(text.folded, detail.start, detail.end)]
    return max([detail.start, *wish]), detail.end


def _beginning(shown: str, folded: str, form: re.Match[str] | None, anchor: int, words: Lexicon) -> int:
    """Where the company's name begins: after the words that lead to it, else with its part or its capitals."""
    led = [hit.end() for hit in words.pattern("billed_before").finditer(folded, 0, anchor)]
    gaps = [hit.end() for hit in _BETWEEN.finditer(shown, 0, anchor)]
    part = max(gaps, default=0)
    before = gaps[-2] if len(gaps) > 1 else 0
    if form is None and gaps and led and led[-1] >= before:
        part = before  # "to Müller Design, DE123456789"
    if led and led[-1] >= part:
        after = _TO_THE_NAME.match(shown, led[-1])
        return after.end() if after else led[-1]
    if form is not None and not _DENSE.search(shown[part : form.start()]):
        named = _NAME_BEFORE.search(shown, part, form.start())
        lead = [hit.end() for hit in words.pattern("invoice_words").finditer(folded, part, form.start())]
        start = max(min(named.start() if named else part, max(part, anchor)), max(lead, default=0))
        return start + len(shown[start:]) - len(shown[start:].lstrip())
    return part


def _trimmed(shown: str, folded: str, start: int, stop: int, words: Lexicon) -> tuple[str, int]:
    """A part without what only follows the name ("… 앞으로 발행 부탁드려요") or is said to be polite, and its end."""
    after = [hit.start() for hit in words.pattern("billed_after").finditer(folded, start, stop) if hit.start() > start]
    stop = min(after, default=stop)
    for _ in range(3):
        stop = start + len(shown[start:stop].rstrip(" .!?,"))
        ends = [hit for hit in words.pattern("polite_end").finditer(folded, start, stop) if hit.end() == stop]
        if not ends:
            break
        stop = ends[0].start()
    if shown[start:stop].rsplit(" ", 1)[-1] + shown[stop : stop + 1] in (
        "S.L.",
        "S.A.",
        "S.r.l.",
        "S.p.A.",
        "B.V.",
        "e.U.",
    ):
        stop += 1
    return shown[start:stop].strip(), stop


def _belongs(piece: str, words: Lexicon) -> bool:
    """Whether a part after the first still is of the details: a number, a street, a town, what names the tax number."""
    if not piece or "@" in piece:
        return False
    if _FORM.search(piece) or _TAX.search(piece) or words.has("tax_words", piece.lower()):
        return True
    if _ORDER.fullmatch(piece):
        return False
    if _DENSE.search(piece):
        has_place = any(letter.isdigit() for letter in piece) or re.search(r"[市区區路街号県都府시구로길동]", piece)
        return bool(has_place) and len(piece) <= 40
    if any(letter.isdigit() for letter in piece):
        return len(piece.split()) <= _WORDS
    return _LATIN_PLACE.fullmatch(piece) is not None
