"""Pure: which of two models understands better what both have learnt."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from kefu.assistant.understanding.frozen import Trained


@dataclass(frozen=True, slots=True)
class Comparison:
    """Over examples that both models know with the same label, each held back from the model that answers.

    `won` and `lost`: understood by the new one alone, by the running one alone; `lost_keys` name the latter.
    """

    both: int
    new_right: int
    old_right: int
    won: int
    lost: int
    lost_keys: frozenset[int]

    @property
    def is_worse(self) -> bool:
        """By more than what chance makes of so many changed answers."""
        return self.lost - self.won > 1 + sqrt(self.lost + self.won)


def compare(new: Trained, old: Trained) -> Comparison:
    old_labels, new_labels = old.learnt.labels, new.learnt.labels
    known = {
        key: (old_labels[target], target == heard)
        for key, target, heard in zip(old.keys.tolist(), old.targets.tolist(), old.left_out.tolist(), strict=True)
    }
    both = new_right = old_right = won = 0
    lost: set[int] = set()
    for key, target, heard in zip(new.keys.tolist(), new.targets.tolist(), new.left_out.tolist(), strict=True):
        label, was_right = known.get(key, ("", False))
        if label != new_labels[target]:
            continue
        is_right = target == heard
        both, new_right, old_right = both + 1, new_right + is_right, old_right + was_right
        won += is_right and not was_right
        if was_right and not is_right:
            lost.add(key)
    return Comparison(both, new_right, old_right, won, len(lost), frozenset(lost))


@dataclass(frozen=True, slots=True)
class Outcome:
    """`who`: the brand's name, or the pack's. `lost`: some sentences that the new model no longer understands."""

    who: str
    examples: int
    taught: int
    seconds: float
    comparison: Comparison
    switched: bool
    lost: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        found = self.comparison
        told = [
            f"{self.who}: learnt {self.examples} examples, {self.taught} of them corrected by people, "
            f"in {self.seconds:.0f} s.",
            f"Of {found.both} examples that both models know, each held back, the new model understands "
            f"{found.new_right}, the running one {found.old_right}.",
        ]
        if self.switched:
            told.append("Switched: running processes take the new model within seconds, without a restart.")
        else:
            told.append(
                "Not switched: that is worse by more than chance; the running model stays. Look at the corrections: "
            )
            told[-1] += "do some give a sentence the wrong intent? Withdraw those and learn again."
            told += [f"  no longer understood: {text}" for text in self.lost]
        return told
