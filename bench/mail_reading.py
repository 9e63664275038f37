"""How well mail is read: three sets of other projects' mail, each judged by its own answers.

    python -m bench.mail_reading

zammad: 38 mails with what Zammad made of them; agreement on sender, recipients, subject, attachments and words.
chatwoot: 39 mails; how many come in without an exception and can become a message.
reply_parsing: replies of which the new words are known; they were read off the files by hand, as line numbers.
The sets are not part of the project; where they are missing, the bench says so and counts nothing.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from kefu.channels.email.reading import ReadMail, read_mail
from kefu.channels.email.reading.cutting import cut
from kefu.channels.email.reading.html import without_quoted, words_of

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "mail"


@dataclass(slots=True)
class Score:
    """`wrong`: names of what does not agree, with why where that is known."""

    name: str
    right: int = 0
    total: int = 0
    wrong: list[str] = field(default_factory=list)

    def count(self, agrees: bool, what: str) -> None:
        self.total += 1
        self.right += agrees
        if not agrees:
            self.wrong.append(what)


# --- zammad: what another desk made of the same bytes ---------------------------------------------------------------

_LOOSE = re.compile(r"[^\s<>\"'(),;:\[\]]+@[^\s<>\"'(),;:\[\]]+")


def _letters(text: str) -> str:
    """Words without their layout: no spaces, no invisible characters."""
    return re.sub(r"[\s\u200b-\u200f\u2028-\u202f\ufeff\xa0\xad]", "", text)


def _its_words(html: str) -> str:
    html = (
        re.sub(r"<!--.*?-->|<[a-zA-Z/][^>]*>", "", html, flags=re.DOTALL) if re.search(r"<[a-z]+[ />]", html) else html
    )
    return _letters(unescape(html))


def _same_files(mail: ReadMail, expected: list[dict[str, object]]) -> bool:
    """By name. Sizes cannot be compared: some of theirs count the base64 letters. Its desk also files the HTML itself
    as message.html; that is its way of storing."""
    theirs = sorted(str(one["filename"]) for one in expected if one["filename"] != "message.html")
    return sorted(file.name for file in mail.files) == theirs


def _same_text(mail: ReadMail, expected: str) -> bool:
    if expected == "no visible content":
        return not _letters(words_of(mail.html) or mail.full_text)
    theirs = _its_words(expected)
    return theirs in (_letters(words_of(mail.html)), _letters(mail.full_text))


ZAMMAD: dict[str, Callable[[ReadMail, dict[str, object]], bool]] = {
    "from": lambda mail, want: (
        (mail.from_address, mail.from_name) == (str(want["from_email"]).lower(), want["from_display_name"])
    ),
    "to": lambda mail, want: sorted(mail.to) == sorted(a.lower() for a in _LOOSE.findall(str(want.get("to", "")))),
    "subject": lambda mail, want: mail.subject.strip() == str(want.get("subject", "")).strip(),
    "attachments": lambda mail, want: _same_files(mail, want["attachments"]),  # type: ignore[arg-type]
    "text": lambda mail, want: _same_text(mail, str(want.get("body_html_as_sanitised_by_its_own_desk") or "")),
}


def zammad(folder: Path = DATA / "zammad") -> list[Score]:
    scores = {name: Score(f"zammad: {name}") for name in ZAMMAD}
    whole = Score("zammad: all five")
    for file in sorted(folder.glob("*.expected.json")):
        want = json.loads(file.read_text())
        name = file.name.partition(".")[0]
        mail = read_mail(file.with_name(f"{name}.box").read_bytes())
        stated = {part for part in ZAMMAD if part not in ("to", "subject") or part in want}
        agrees = {part: same(mail, want) for part, same in ZAMMAD.items() if part in stated}
        for part, same_here in agrees.items():
            scores[part].count(same_here, name)
        whole.count(all(agrees.values()), name)
    return [*scores.values(), whole]


def come_in() -> list[Score]:
    """Every mail of both sets is read; the second score: it can become a message, or is a bounce."""
    out = []
    for folder, pattern in (("chatwoot", "*.eml"), ("zammad", "*.box")):
        score = Score(f"{folder}: come in")
        for file in sorted((DATA / folder).glob(pattern)):
            mail = read_mail(file.read_bytes())
            score.count(not mail.problem, f"{file.stem} ({mail.problem})")
        out.append(score)
    return out


# --- replies: which lines of the file are new -----------------------------------------------------------------------

#: file -> (first and last line of the new words, lines of a name below that may stay), 1-based; several stretches
#: where the writer answered between the quoted lines
NEW_LINES: dict[str, tuple[list[tuple[int, int]], tuple[int, int] | None]] = {
    "correct_sig": ([(1, 1)], None),
    "email_1_1": ([(1, 5)], (7, 7)),
    "email_1_2": ([(1, 1), (9, 34)], None),
    "email_1_3": ([(1, 3)], (5, 5)),
    "email_1_4": ([(1, 1)], None),
    "email_1_5": ([(1, 15)], None),
    "email_1_6": ([(1, 1)], (3, 3)),
    "email_1_7": ([(1, 1)], None),
    "email_1_8": ([(13, 13), (19, 19)], None),
    "email_2_1": ([(1, 1)], None),
    "email_2_2": ([(1, 1)], None),
    "email_2_3": ([(1, 1)], None),
    "email_BlackBerry": ([(1, 1)], None),
    "email_bullets": ([(1, 9)], None),
    "email_gmail": ([(1, 1)], None),
    "email_headers_no_delimiter": ([(1, 1)], None),
    "email_iPhone": ([(1, 1)], None),
    "email_long_quote": ([(1, 4), (6, 8)], (10, 10)),
    "email_multi_word_sent_from_my_mobile_device": ([(1, 1)], None),
    "email_one_is_not_on": ([(1, 5)], None),
    "email_partial_quote_header": ([(1, 6)], None),
    "email_sent_from_my_not_signature": ([(1, 3)], None),
    "email_sig_delimiter_in_middle_of_line": ([(1, 7)], None),
    "greedy_on": ([(1, 6)], None),
    "pathological": ([(1, 2)], None),
}
#: whole mails of which the reply is one word; the rest of the set says so of itself
_STANDARD = "Hello"
_HTML = "Hi. I am fine. Thanks, Alex"


def _flat(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").split())


def _is_cut_right(name: str, text: str) -> bool:
    stretches, optional = NEW_LINES[name]
    lines = text.split("\n")
    wanted = _flat("\n".join("\n".join(lines[first - 1 : last]) for first, last in stretches))
    got = _flat(cut(text))
    allowed = {wanted}
    if optional:
        allowed.add(f"{wanted} {_flat(chr(10).join(lines[optional[0] - 1 : optional[1]]))}")
    return got in allowed


def replies(folder: Path = DATA / "reply_parsing") -> list[Score]:
    out = []
    for source in ("github_email_reply_parser", "zapier_email_reply_parser"):
        score = Score(f"replies: {source.partition('_')[0]}")
        for file in sorted((folder / source).glob("*.txt")):
            score.count(_is_cut_right(file.stem, file.read_text()), file.stem)
        out.append(score)
    talon = folder / "mailgun_talon"
    score = Score("replies: talon, mails")
    for file in sorted((talon / "standard_replies").glob("*.eml")):
        mail = read_mail(file.read_bytes())
        score.count(_flat(mail.text) == _STANDARD, f"{file.stem}: {_flat(mail.text)[:60]!r}")
    out.append(score)
    score = Score("replies: talon, HTML")
    pages = dict.fromkeys(sorted((talon / "html_replies").glob("*.html")), _HTML)
    pages |= {talon / "OLK_SRC_BODY_SECTION.html": "Reply", talon / "reply-separated-by-hr.html": "Hi there Bob"}
    for file, wanted in pages.items():
        got = _flat(cut(words_of(without_quoted(file.read_bytes().decode("utf-8", "replace")))))
        # "Thanks, Alex" closes the mail; a reader that takes it for the signature is right too
        score.count(got in (wanted, wanted.removesuffix(" Thanks, Alex")), f"{file.stem}: {got[:60]!r}")
    out.append(score)
    score = Score("replies: talon, signatures")
    for file in sorted((talon / "signature" / "emails" / "stripped").glob("*_body")):
        text = file.read_text()
        signature = file.with_name(file.name.replace("_body", "_signature")).read_text().replace("#sig#", "")
        sender = file.with_name(file.name.replace("_body", "_sender")).read_text().strip()
        body = text.replace("#sig#", "")
        wanted = _flat(_flat(body).removesuffix(_flat(signature)))
        score.count(_flat(cut(body, sender=sender)) == wanted, file.stem)
    out.append(score)
    return out


def run() -> list[Score]:
    """All scores; empty where the sets are missing."""
    return [*zammad(), *come_in(), *replies()] if DATA.exists() else []


def main() -> int:
    started = time.perf_counter()
    scores = run()
    if not scores:
        print(f"mail reading: not run, {DATA} is missing")
        return 0
    width = max(len(score.name) for score in scores)
    print(f"{'mail reading':<{width}}  right")
    for score in scores:
        print(f"{score.name:<{width}}  {score.right:>3} of {score.total:<3} {', '.join(score.wrong)}".rstrip())
    print(f"{time.perf_counter() - started:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
