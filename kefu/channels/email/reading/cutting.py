"""Cut a reply out of a mail: what is new, without quotes and signature. Pure, and linear in the text's length.

What each mail program writes above a quote stands in quote_words.yaml, by language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

LINES_LIMIT = 4_000
_LINE = 500  # nothing that announces a quote is longer
_RULER = re.compile(r"^[>\s*]*[-_=—─*]{5,}[\s*]*$")
_SIGNATURE = re.compile(r"^(?:--|—|–-|- -) ?$")
_LIST_FOOTER = re.compile(r"^_{20,}$")
_DASHES = re.compile(r"^[-–—_]{8,}$")
_LABEL = re.compile(
    r"^[>|*\s_\[]*(?P<label>[^\W\d_](?:[\w \-.]|'){0,18}?)\s*[*_\]]*\s*(?:[:：]|\|)\s*[*_|]*\s*(?P<value>.*)$"
)
_CONTACT = re.compile(r"https?://|www\.|@|\+?\d[\d ()./-]{6,}|\b(?:tel|fax|phone|mob|skype)\b", re.IGNORECASE)
#: how every announcement of quote_words.yaml ends; a cheap look before the dear patterns
_ENDS = (":", "：", "道", "到", "了")
_DATE_OR_ADDRESS = re.compile(r"[\d@]")
_SENTENCE = re.compile(r"[?？]|[.!。！] *\S+ \S+ \S+")


@dataclass(frozen=True, slots=True)
class _Words:
    alone: re.Pattern[str]
    wrapped: re.Pattern[str]
    original: re.Pattern[str]
    labels: dict[str, str]
    sent_from: re.Pattern[str]
    closing: re.Pattern[str]
    keep: re.Pattern[str]


@cache
def _words() -> _Words:
    languages: dict[str, dict[str, list[str]]] = yaml.safe_load(
        Path(__file__).with_name("quote_words.yaml").read_text(encoding="utf-8")
    )

    def every(name: str) -> list[str]:
        return [str(word) for words in languages.values() for word in words.get(name, [])]

    def either(patterns: list[str], *, flags: int = re.IGNORECASE) -> re.Pattern[str]:
        return re.compile("(?:" + "|".join(patterns) + ")$", flags)

    plain = [re.escape(word) for word in every("original")]
    return _Words(
        alone=either(every("alone")),
        wrapped=either(every("wrapped"), flags=0),
        original=re.compile(rf"^[>\s*]*[-_—─ ]{{2,}}\s*(?:{'|'.join(plain)})\s*[-_—─ ]{{2,}}[\s*]*$", re.IGNORECASE),
        labels={
            word.lower(): kind for kind in ("from", "date", "to", "subject") for word in every(kind)
        },
        sent_from=either(every("sent_from")),
        closing=either([re.escape(word) + r"\s*[,，.!！。]*" for word in every("closing")]),
        keep=re.compile(rf"(?:{'|'.join(every('keep'))})|#\s?\d", re.IGNORECASE),
    )  # fmt: skip


def cut(text: str, *, sender: str = "", is_forward: bool = False) -> str:
    """The new words of a mail's text. A forward is kept whole but for its signature: what it brings is its message.

    sender: the sender's name, which often begins a signature. What would leave nothing is not cut at all.
    """
    lines = [line.rstrip() for line in text.split("\n")[:LINES_LIMIT]]
    new = lines if is_forward else _without_quotes(lines)
    new = _without_signature(new, sender)
    return _joined(new) or _joined(lines)


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.lstrip().startswith(">"):
            at += 1
            while at < len(lines) and _continues_quote(lines, at):
                at += 1
            continue
        if length := _announcement(lines, at):
            following = _next_filled(lines, at + length)
            if following is None or lines[following].lstrip().startswith(">"):
                at = len(lines) if following is None else following
                continue
            if _joined(kept):
                return kept  # no marks on the quote: it goes on to the end
            at += length
            continue
        if _starts_block(lines, at):
            if not _joined(kept):
                return lines  # nothing stands above it: it is all there is
            while kept and (not kept[-1].strip() or _RULER.match(kept[-1])):
                kept.pop()
            return kept
        kept.append(line)
        at += 1
    return kept


def _continues_quote(lines: list[str], at: int) -> bool:
    """Another quoted line, or the rest of one that a mail program broke: between two quoted lines, no gap."""
    if lines[at].lstrip().startswith(">"):
        return True
    return (
        bool(lines[at].strip())
        and lines[at - 1].lstrip(" >") != ""
        and len(lines[at - 1]) > 60
        and at + 1 < len(lines)
        and (lines[at + 1].lstrip().startswith(">") or lines[at][:1] == " ")
    )


def _next_filled(lines: list[str], at: int) -> int | None:
    return next((index for index in range(at, min(at + 12, len(lines))) if lines[index].strip()), None)


def _announcement(lines: list[str], at: int) -> int:
    """How many lines from here say "On … wrote:"; 0 for none."""
    words = _words()
    first = lines[at].strip(" \t*_").lstrip("-").strip()
    if not first or len(first) > _LINE:
        return 0
    if (first.endswith(_ENDS) and words.alone.match(first)) or _is_announced(words.wrapped, first):
        return 1
    joined = first
    for extra in range(1, 4):
        if at + extra >= len(lines) or len(joined) > _LINE or not lines[at + extra].strip():
            return 0
        joined += " " + lines[at + extra].strip()
        if _is_announced(words.wrapped, joined):
            # a line further down may begin the announcement too; then ours is text
            return 0 if any(_announcement(lines, at + later) for later in range(1, extra + 1)) else extra + 1
    return 0


def _is_announced(pattern: re.Pattern[str], text: str) -> bool:
    """With a date or an address in it, else it may be a sentence: "On your page you wrote:"."""
    return bool(text.endswith(_ENDS) and pattern.match(text) and _DATE_OR_ADDRESS.search(text))


def _label(line: str) -> str:
    if len(line) > _LINE or not (found := _LABEL.match(line)):
        return ""
    return _words().labels.get(found["label"].strip().lower(), "")


def _starts_block(lines: list[str], at: int) -> bool:
    """A banner ("-----Original Message-----") or a copied header block ("From: … Sent: … Subject: …")."""
    if len(lines[at]) > _LINE or not lines[at].strip():
        return False
    if _words().original.match(lines[at]):
        return True
    start: int | None = at
    ruled = bool(_RULER.match(lines[at]))
    if ruled:
        start = _next_filled(lines, at + 1)
    if start is None or not _label(lines[start]):
        return False
    kinds, misses, index = set(), 0, start
    while index < len(lines) and misses <= 2 and index < start + 10:
        kind = _label(lines[index])
        if kind:
            kinds.add(kind)
            misses = 0
        else:
            misses += 1
        index += 1
    return "from" in kinds and len(kinds) >= (2 if ruled else 3)


def _without_signature(lines: list[str], sender: str) -> list[str]:
    words = _words()
    end = len(lines)
    for index, line in enumerate(lines):
        left = len(lines) - index
        if ((_SIGNATURE.match(line) and left <= 40) or _LIST_FOOTER.match(line)) and _joined(lines[:index]):
            end = index
            break
    lines = lines[:end]
    while lines and (not lines[-1].strip() or words.sent_from.match(lines[-1].strip())):
        lines = lines[:-1]
    start = _closing_at(lines, sender)
    return lines[:start] if start is not None and _joined(lines[:start]) else lines


def _closing_at(lines: list[str], sender: str) -> int | None:
    """Where "Kind regards, Mira, phone, address" begins; None when what follows may be part of the message."""
    words = _words()
    name = sender.strip().lower()
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for index in filled[-14:]:
        line = lines[index].strip()
        tail = [one.strip() for one in lines[index + 1 :] if one.strip()]
        if any(len(one) > 90 or _SENTENCE.search(one) or words.keep.search(one) for one in tail):
            continue
        if words.closing.match(line) and len(tail) <= 10:
            return index
        if tail and len(name) > 2 and line.lower() == name:
            return index
        if _DASHES.match(line) and any(_CONTACT.search(one) for one in tail):
            return index
    return None
