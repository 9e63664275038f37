"""An article's Markdown, cut into passages that can answer alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_PASSAGE = 1200  # characters; longer sections are cut between paragraphs

_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$")


@dataclass(frozen=True, slots=True)
class Section:
    """asks: example questions, found by and never shown."""

    heading: str
    asks: tuple[str, ...]
    text: str


def sections_of(title: str, body: str) -> list[Section]:
    """One section a heading; text before the first heading stands under the title.

    Lines "? How long does delivery take?" are example questions. A section without text is left out.
    """
    sections: list[Section] = []
    heading, asks, lines = title, [], []  # type: ignore[var-annotated]

    def close() -> None:
        for text in _cut("\n".join(lines).strip()):
            sections.append(Section(heading[:300], tuple(asks), text))

    for line in body.replace("\r\n", "\n").split("\n"):
        if found := _HEADING.match(line):
            close()
            heading, asks, lines = found.group(1), [], []
        elif line.startswith("? "):
            asks.append(line[2:].strip()[:200])
        else:
            lines.append(line.rstrip())
    close()
    return sections


def _cut(text: str) -> list[str]:
    pieces: list[str] = []
    for paragraph in re.split(r"\n{2,}", text):
        while paragraph:
            part, paragraph = paragraph[:LONGEST_PASSAGE], paragraph[LONGEST_PASSAGE:]
            if pieces and len(pieces[-1]) + len(part) + 2 <= LONGEST_PASSAGE:
                pieces[-1] += "\n\n" + part
            else:
                pieces.append(part)
    return pieces
