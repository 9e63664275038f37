"""A pack's model in use: the guess it makes for one stretch of text; trained once and kept on disk."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from django.conf import settings

from kefu.assistant.understanding import frozen, lexical, vectors
from kefu.assistant.understanding.examples import Example, Intents, folder, intents_of
from kefu.assistant.understanding.frozen import Damaged, Trained
from kefu.assistant.understanding.heads import Floats
from kefu.assistant.understanding.learner import Learnt, learn, mask, read
from kefu.assistant.understanding.lexicon import any_of
from kefu.assistant.understanding.meaning import Embedder, embedder
from kefu.assistant.understanding.normal import fold

log = logging.getLogger(__name__)

#: changes whenever the same examples would give other weights
RECIPE = "12"
#: guesses kept for repeated texts
KEPT = 4096
#: a text is taken for a stranger from this likeness to known strangers on, or below this chance to be inside
STRANGE, UNHEARD_OF = 0.06, 0.06
#: how sure the words must be where one cue of the pack agrees with them
CUED = 0.8


@dataclass(frozen=True, slots=True)
class Guess:
    """Labels with their probability, best first; `is_inside`: it is like what this shop is asked at all."""

    ranked: tuple[tuple[str, float], ...]
    stage: Literal["lexical", "embedding"]
    is_inside: bool = True

    @property
    def label(self) -> str:
        return self.ranked[0][0]

    @property
    def score(self) -> float:
        return self.ranked[0][1]

    @property
    def is_known_by_heart(self) -> bool:
        """The text is an example word for word, so nothing else was weighed."""
        return len(self.ranked) == 1


@dataclass(slots=True)
class Model:
    """`exact`: an example word for word, by `frozen.key_of`, -> its label's place."""

    intents: Intents
    learnt: Learnt
    exact: dict[int, int]
    cues: list[tuple[int, re.Pattern[str]]]
    embedder: Embedder | None = None
    _kept: OrderedDict[str, Guess] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def guess(self, folded: str) -> Guess:
        """Thread-safe; the same text is thought about once."""
        text = mask(folded)
        with self._lock:
            if text in self._kept:
                self._kept.move_to_end(text)
                return self._kept[text]
        made = self._guess(text)
        with self._lock:
            self._kept[text] = made
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def forget(self) -> None:
        """Drop the kept guesses, for measuring."""
        with self._lock:
            self._kept.clear()

    def _guess(self, text: str) -> Guess:
        if (known := self.exact.get(frozen.key_of(text))) is not None:
            return Guess(((self.learnt.labels[known], 0.97),), "lexical")
        by_words, familiar = self.learnt.by_words(text)
        cued = {label for label, cue in self.cues if cue.search(text[: lexical.READ])}
        by_words = cue_up(by_words, cued)
        if self.embedder is None or self.learnt.meaning is None:
            return Guess(self._ranked(by_words), "lexical")
        best = int(by_words.argmax())
        if familiar >= 0.5 and len(text) <= 80:
            certain = by_words[best] >= self.learnt.clear_from
            if certain or (cued == {best} and by_words[best] >= CUED and len(text) <= 60):
                return Guess(self._ranked(by_words), "lexical")
        mixed, chance = self.learnt.together(text, self.embedder.vectors([text])[0], by_words)
        return Guess(self._ranked(mixed), "embedding", self._is_inside(mixed, chance))

    def _is_inside(self, mixed: Floats, chance: float) -> bool:
        """People say what a shop is asked in ways that no example does, and of goods that no example names: a text is
        a stranger where it is also like the strangers that were learnt, or like nothing at all."""
        if self.learnt.is_inside(chance):
            return True
        strange = float(mixed[self.learnt.outside].sum()) if self.learnt.outside.any() else 1.0
        return strange < STRANGE and chance >= UNHEARD_OF

    def _ranked(self, probabilities: Floats) -> tuple[tuple[str, float], ...]:
        order = np.argsort(-probabilities)[:5]
        return tuple((self.learnt.labels[place], round(float(probabilities[place]), 3)) for place in order)


def cue_up(by_words: Floats, cued: set[int]) -> Floats:
    """A pack's cue is worth as much as a head three times as sure."""
    if not cued:
        return by_words
    lifted = by_words.copy()
    lifted[list(cued)] *= 4
    raised: Floats = lifted / lifted.sum()
    return raised


_models: dict[str, Model] = {}
_keys: dict[str, str] = {}
_training = threading.Lock()


def model_of(pack: str) -> Model:
    """The pack's own model: from memory, else from the disk cache, else trained now (seconds). Raises BadIntent."""
    if (model := _models.get(pack)) is not None:
        return model
    with _training:
        if pack not in _models:
            _models[pack] = _load(pack)
        return _models[pack]


def read_again(pack: str) -> None:
    """Let go of a pack's examples and model: the next reader takes them from the files."""
    intents_of.cache_clear()
    _models.pop(pack, None)
    _keys.pop(pack, None)


def key_of_pack(pack: str) -> str:
    """Changes with the pack's examples, the embedder and the recipe: a model is for one key. Raises BadIntent."""
    if (key := _keys.get(pack)) is None:
        intents, mind = intents_of(pack), embedder()
        rows = (f"{example.label}\t{read(example.text)}" for example in intents.examples)
        whole = "\n".join([RECIPE, mind.name if mind else "words", *intents.labels, *rows])
        key = _keys[pack] = hashlib.sha256(whole.encode()).hexdigest()[:24]
    return key


def _load(pack: str) -> Model:
    return in_use(pack, trained_of(pack))


def trained_of(pack: str) -> Trained:
    """The pack's own model whole: as shipped, else from the disk cache, else trained now. Raises BadIntent."""
    if (shipped := _shipped(pack)) is not None:
        return shipped
    file = Path(settings.KEFU_HOME) / "cache" / f"understanding-{pack}-{key_of_pack(pack)}.npz"
    try:
        return frozen.thawed(file.read_bytes())
    except FileNotFoundError:
        pass
    except (OSError, Damaged) as fault:  # cut short by a crash
        log.warning("the understanding cache %s is unreadable (%s); training again", file.name, fault)
    trained = train(pack, ())
    save(file, frozen.arrays_of(trained))
    return trained


def shipped_model(pack: str) -> Path:
    return folder(pack) / "model.npz"


def _shipped(pack: str) -> Trained | None:
    """The model in the pack, while it is the one that its examples would give: a fresh installation learns nothing
    before its first answer."""
    file = shipped_model(pack)
    try:
        with np.load(file, allow_pickle=False) as saved:
            if str(saved["of"]) != key_of_pack(pack):
                return None
        return frozen.thawed(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, Damaged) as fault:
        log.warning("%s is unreadable (%s); training again", file.name, fault)
        return None


def train(pack: str, taught: Sequence[Example]) -> Trained:
    """Learn a pack's examples and what people taught besides; a taught text takes the place of the pack's own.

    Raises BadIntent. Texts taught with a label that the pack does not know (any more) are left out.
    """
    intents, mind = intents_of(pack), embedder()
    places = {label: place for place, label in enumerate(intents.labels)}
    meant = {read(example.text): places[example.label] for example in intents.examples}
    meant |= {read(example.text): places[example.label] for example in taught if example.label in places}
    texts, targets = list(meant), np.array(list(meant.values()), dtype=np.int64)
    outside = np.array([intents.by_name[label].leads_to == "out_of_scope" for label in intents.labels])
    embedded = vectors.of_examples(pack, texts, mind) if mind is not None else None
    learnt, left_out = learn(texts, targets, intents.labels, outside, embedded)
    keys = np.array([frozen.key_of(text) for text in texts], dtype=np.uint64)
    return Trained(learnt, keys, targets, left_out.mixed.argmax(axis=1))


def in_use(pack: str, trained: Trained) -> Model:
    """A model that answers, from one that was trained for the pack's examples as they are now. Raises Damaged."""
    intents = intents_of(pack)
    labels = trained.learnt.labels
    if labels != intents.labels:
        raise Damaged("it was trained for other intents")
    cues = [(labels.index(name), re.compile(any_of([fold(cue) for cue in it.cues])))
            for name, it in intents.by_name.items() if it.cues]  # fmt: skip
    exact = dict(zip(trained.keys.tolist(), trained.targets.tolist(), strict=True))
    return Model(intents, trained.learnt, exact, cues, embedder() if trained.learnt.meaning is not None else None)


def save(file: Path, arrays: Mapping[str, npt.ArrayLike]) -> None:
    """Whole or not at all; a read-only disk costs time, not service."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
            whole = {name: np.asarray(array) for name, array in arrays.items()}
            np.savez_compressed(part, allow_pickle=False, **whole)
        os.replace(part.name, file)
    except OSError as fault:
        log.warning("cannot keep %s (%s); it will be computed again next time", file.name, fault)
