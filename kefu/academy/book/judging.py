"""Whether a story ended as it is told: pure, values in, faults out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from kefu.academy.book.story import Story
from kefu.academy.checking import plain


@dataclass(frozen=True, slots=True)
class Ended:
    """What was so after a talk. changes: as changes.changes words them. person: "queue priority", "" for nobody.

    cases: "playbook disposition" in the order they were opened. replies, languages: what Kefu said, and in what.
    """

    changes: tuple[str, ...] = ()
    person: str = ""
    cases: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def faults_of(story: Story, ended: Ended) -> list[str]:
    """Every way in which it ended otherwise, the deeds first; [] when all is as it is told."""
    wanted, found = Counter(story.ends), Counter(ended.changes)
    faults = [f"should have happened: {one}" for one in sorted((wanted - found).elements())]
    faults += [f"should not have happened: {one}" for one in sorted((found - wanted).elements())]
    if ended.person != story.person:
        faults.append(f"is with {ended.person or 'nobody'}, should be with {story.person or 'nobody'}")
    faults += [
        f"no case {one}; there were {', '.join(ended.cases) or 'none'}" for one in story.cases if one not in ended.cases
    ]
    said = "\n".join(ended.replies)
    faults += [f"did not say {words!r}" for words in story.says if not holds(said, words)]
    faults += [f"said {words!r}" for words in story.never_says if holds(said, words)]
    if ended.languages and ended.languages[-1] != story.answers_in:
        faults.append(f"answered in {ended.languages[-1]}, should be {story.answers_in}")
    return faults


def holds(text: str, words: str) -> bool:
    """Whether the words stand in the text: letters and digits alone count, so that an amount is found as it is shown
    in any language (149.00 in 149,00 €). Alternatives are parted by |."""
    said = _bare(text)
    return any(_bare(one) in said for one in words.split("|"))


def _bare(text: str) -> str:
    return "".join(plain(text).split())
