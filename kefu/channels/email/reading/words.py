"""Bytes to text, for mail as it is and not as the standards wish it. Nothing here raises."""

from __future__ import annotations

import binascii
import codecs
import re

#: what senders write and what they mean; a wider charset reads all that the narrower one does
_MEANT = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "x-sjis": "cp932", "shift_jis": "cp932", "shift-jis": "cp932",
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8", "iso-8859-8-i": "iso-8859-8", "x-mac-roman": "mac-roman", "big5": "big5hkscs",
    "utf8": "utf-8", "cp-850": "cp850", "unicode-1-1-utf-7": "utf-7",
}  # fmt: skip
#: codecs that Python has and that are no charsets of text
_NO_TEXT = {"base64", "hex", "zip", "bz2", "rot13", "uu", "quopri", "punycode", "idna", "undefined", "mbcs", "oem",
            "unicode_escape", "raw_unicode_escape"}  # fmt: skip
_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")
_ENCODED_WORD = re.compile(r"=\?([\w!#$%&'*+\-.:^`{|}~]*?)(?:\*[\w-]*)?\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _codec(charset: str) -> str:
    """The Python codec for a charset's name, "" when there is none."""
    name = charset.strip(" \t\"'<>").lower()
    name = _MEANT.get(name, name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if found in _NO_TEXT else found


def _looks_chinese(raw: bytes) -> bool:
    """Whether undeclared bytes are GB2312: their high bytes come in pairs, each from A1 up, and most pairs are of the
    common characters (B0 to D7) or the punctuation (A1 to A3), not where Latin-1 has its small accented letters."""
    runs = _HIGH_RUNS.findall(raw[:20_000])
    if not runs or not all(len(run) % 2 == 0 and min(run) >= 0xA1 for run in runs):
        return False
    leads = [run[at] for run in runs for at in range(0, len(run), 2)]
    return sum(0xB0 <= lead <= 0xD7 or lead <= 0xA3 for lead in leads) * 2 > len(leads)


def text_of(raw: bytes, charset: str = "") -> str:
    """Decode with the declared charset; where that is missing, unknown or wrong, with the likeliest one."""
    declared = _codec(charset) if charset else ""
    says_ascii = charset.lower().strip("\"' ") in ("us-ascii", "ascii", "ansi_x3.4-1968")
    for name in (declared, "utf-8"):
        if not name:
            continue
        try:
            return clean(raw.decode(name))
        except (UnicodeError, ValueError):
            continue
    if declared and declared != "utf-8":
        return clean(raw.decode(declared, "replace"))  # a few broken bytes do not change the charset
    if _looks_chinese(raw):
        return clean(raw.decode("gb18030", "replace"))
    if declared == "utf-8" and not says_ascii and raw.decode("utf-8", "replace").count("\ufffd") * 20 < len(raw):
        return clean(raw.decode("utf-8", "replace"))
    return clean(raw.decode("cp1252", "replace"))


def clean(text: str) -> str:
    """Without control characters (PostgreSQL refuses NUL) and with plain line ends."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _word_bytes(encoding: str, payload: str) -> bytes:
    raw = payload.encode("utf-8", "surrogateescape")
    if encoding in "bB":
        body = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
        body = body[: len(body) - 1] if len(body) % 4 == 1 else body
        try:
            return binascii.a2b_base64(body + b"=" * (-len(body) % 4))
        except binascii.Error:
            return raw
    raw = raw.replace(b"_", b" ")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), raw)


def header_text(raw: str) -> str:
    """A header's value with its encoded words (RFC 2047) read; `raw` may carry 8-bit bytes as surrogates.

    Neighbouring words of one charset are joined before decoding, for mailers cut characters in two.
    """
    value = re.sub(r"\r?\n(?=[ \t])", "", raw).replace("\r", "").replace("\n", " ")
    if "=?" not in value:
        return _eight_bit(value).strip()
    out: list[str] = []
    pending, pending_charset = b"", ""
    at = 0
    for found in _ENCODED_WORD.finditer(value):
        between = value[at : found.start()]
        charset = found[1].lower()
        if pending and (between.strip() or charset != pending_charset):
            out.append(text_of(pending, pending_charset))
            pending = b""
        if between.strip() or at == 0:
            out.append(_eight_bit(between))
        pending += _word_bytes(found[2], found[3])
        pending_charset = charset
        at = found.end()
    if pending:
        out.append(text_of(pending, pending_charset))
    out.append(_eight_bit(value[at:]))
    return clean("".join(out)).replace("\n", " ").strip()


def _eight_bit(value: str) -> str:
    try:
        raw = value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return clean(value)
    return text_of(raw) if any(byte > 0x7F for byte in raw) else clean(value)
