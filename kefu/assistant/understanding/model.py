"""What a pack's examples teach, trained once and kept on disk, and the guess it makes for one stretch of text."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from django.conf import settings

from kefu.assistant.understanding import lexical, vectors
from kefu.assistant.understanding.examples import Intents, intents_of
from kefu.assistant.understanding.heads import Floats, Head, KernelHead, Numbers, fit_kernel
from kefu.assistant.understanding.lexical import LexicalHead
from kefu.assistant.understanding.lexicon import any_of
from kefu.assistant.understanding.meaning import Embedder, embedder
from kefu.assistant.understanding.normal import fold, normalise

log = logging.getLogger(__name__)

#: changes whenever the same examples would give other weights
RECIPE = "7"
#: how much the words count beside the meaning, in the exponent
WORDS_SHARE = 0.25
#: guesses kept for repeated texts
KEPT = 4096
#: the lexical stage may settle a text alone where it was right this often on left-out examples
CLEAR = 0.97
#: the same where one cue of the pack agrees with the head
CUED = 0.8

_NUMBER = re.compile(r"(?:[a-z]{1,4}-?)?\d[\d -]{2,}\d|\d{3,}")
_HAN = re.compile(r"[㐀-鿿]")
_MAIL = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,100}")


def mask(folded: str) -> str:
    """Names of things out of the way: which order it is says nothing about the wish."""
    return _NUMBER.sub("1000", _MAIL.sub("email", folded)).strip(" .,;!\n")


@dataclass(frozen=True, slots=True)
class Guess:
    """Labels with their probability, best first; `nearness`: likeness to the nearest in-scope example, -1..1."""

    ranked: tuple[tuple[str, float], ...]
    stage: Literal["lexical", "embedding"]
    nearness: float = 1.0

    @property
    def label(self) -> str:
        return self.ranked[0][0]

    @property
    def score(self) -> float:
        return self.ranked[0][1]


@dataclass(slots=True)
class Model:
    intents: Intents
    labels: tuple[str, ...]
    words: LexicalHead
    clear_from: float
    cues: list[tuple[int, re.Pattern[str]]]
    learned: dict[str, int]
    meaning: KernelHead | None = None
    in_scope: npt.NDArray[np.bool_] | None = None  # which of the anchors are examples of the shop's business
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
        if (known := self.learned.get(text)) is not None:  # word for word an example
            return Guess(((self.labels[known], 0.97),), "lexical")
        by_words, familiar = self.words(text)
        cued = {label for label, cue in self.cues if cue.search(text[: lexical.READ])}
        by_words = cue_up(by_words, cued)
        if self.embedder is None or self.meaning is None or self.in_scope is None:
            return Guess(self._ranked(by_words), "lexical", 1.0 if cued else min(1.0, familiar + 0.3))
        best = int(by_words.argmax())
        if familiar >= 0.5 and len(text) <= 80:
            certain = by_words[best] >= self.clear_from
            if certain or (cued == {best} and by_words[best] >= CUED and len(text) <= 60):
                return Guess(self._ranked(by_words), "lexical")
        is_han = np.array([_HAN.search(text) is not None])
        by_meaning, likeness = self.meaning(self.embedder.vectors([text]), is_han)
        mixed = mix(by_words[None, :], by_meaning)[0]
        return Guess(self._ranked(mixed), "embedding", float(likeness[0][self.in_scope].max()))

    def _ranked(self, probabilities: Floats) -> tuple[tuple[str, float], ...]:
        order = np.argsort(-probabilities)[:5]
        return tuple((self.labels[place], round(float(probabilities[place]), 3)) for place in order)


def cue_up(by_words: Floats, cued: set[int]) -> Floats:
    """A pack's cue is worth as much as a head three times as sure."""
    if not cued:
        return by_words
    lifted = by_words.copy()
    lifted[list(cued)] *= 4
    raised: Floats = lifted / lifted.sum()
    return raised


def mix(by_words: Floats, by_meaning: Floats) -> Floats:
    both = by_words.clip(1e-4) ** WORDS_SHARE * by_meaning.clip(1e-4) ** (1 - WORDS_SHARE)
    mixed: Floats = both / both.sum(axis=-1, keepdims=True)
    return mixed


_models: dict[str, Model] = {}
_training = threading.Lock()


def model_of(pack: str) -> Model:
    """The pack's model: from memory, else from the disk cache, else trained now (seconds). Raises BadIntent."""
    if (model := _models.get(pack)) is not None:
        return model
    with _training:
        if pack not in _models:
            _models[pack] = _load(pack)
        return _models[pack]


def _load(pack: str) -> Model:
    intents = intents_of(pack)
    labels = intents.labels
    texts = [mask(normalise(example.text).folded) for example in intents.examples]
    targets = np.array([labels.index(example.label) for example in intents.examples], dtype=np.int64)
    mind = embedder()
    name = mind.name if mind else "words"
    key = hashlib.sha256("\n".join([RECIPE, name, *texts, *map(str, targets), *labels]).encode()).hexdigest()[:24]
    file = Path(settings.KEFU_HOME) / "cache" / f"understanding-{pack}-{key}.npz"
    model = _from_disk(file, intents, texts, targets, mind)
    if model is None:
        model = _train(pack, intents, texts, targets, mind)
        _to_disk(file, model)
    return model


def _train(pack: str, intents: Intents, texts: list[str], targets: Numbers, mind: Embedder | None) -> Model:
    words, left_out = lexical.train(texts, targets, len(intents.labels))
    model = _model(intents, texts, targets, words, _clear_from(left_out, targets))
    if mind is not None:
        is_han = np.array([_HAN.search(text) is not None for text in texts])
        model.meaning, _ = fit_kernel(vectors.of_examples(pack, texts, mind), is_han, targets, len(intents.labels))
        model.embedder = mind
    return model


def _model(intents: Intents, texts: list[str], targets: Numbers, words: LexicalHead, clear_from: float) -> Model:
    outside = [intents.labels.index(name) for name, it in intents.by_name.items() if it.leads_to == "out_of_scope"]
    cues = [(intents.labels.index(name), re.compile(any_of([fold(cue) for cue in it.cues])))
            for name, it in intents.by_name.items() if it.cues]  # fmt: skip
    learned = dict(zip(texts, targets.tolist(), strict=True))
    model = Model(intents, intents.labels, words, clear_from, cues, learned)
    model.in_scope = ~np.isin(targets, outside)
    return model


def _clear_from(left_out: Floats, targets: Numbers) -> float:
    """The lowest certainty from which the words alone were right in CLEAR of the left-out examples."""
    order = np.argsort(-left_out.max(1))
    right = (left_out.argmax(1) == targets)[order]
    share = np.cumsum(right) / np.arange(1, len(right) + 1)
    good = np.flatnonzero((share >= CLEAR) & (np.arange(len(share)) >= 20))
    return float(left_out.max(1)[order][good[-1]]) if len(good) else 1.1


def _from_disk(file: Path, intents: Intents, texts: list[str], targets: Numbers, mind: Embedder | None) -> Model | None:
    try:
        with np.load(file, allow_pickle=False) as saved:
            vocabulary = {gram: place for place, gram in enumerate(saved["vocabulary"].tolist())}
            head = Head(saved["words_weights"], saved["words_bias"], float(saved["words_temperature"]))
            words = LexicalHead(vocabulary, saved["rarity"], head)
            model = _model(intents, texts, targets, words, float(saved["clear_from"]))
            if mind is not None:
                anchors, weights, bias, centres = (
                    saved[f"meaning_{part}"] for part in ("anchors", "weights", "bias", "centres")
                )
                model.meaning = KernelHead(anchors, weights, bias, centres, float(saved["meaning_temperature"]))
                model.embedder = mind
            return model
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as fault:  # cut short by a crash: train again
        log.warning("the understanding cache %s is unreadable (%s); training again", file.name, fault)
        return None


def _to_disk(file: Path, model: Model) -> None:
    arrays: dict[str, npt.ArrayLike] = {
        "vocabulary": np.array(list(model.words.vocabulary)), "rarity": model.words.rarity,
        "clear_from": model.clear_from,
        "words_weights": model.words.head.weights, "words_bias": model.words.head.bias,
        "words_temperature": model.words.head.temperature,
    }  # fmt: skip
    if (head := model.meaning) is not None:
        arrays |= {"meaning_anchors": head.anchors, "meaning_weights": head.weights, "meaning_bias": head.bias,
                   "meaning_centres": head.centres, "meaning_temperature": head.temperature}  # fmt: skip
    save(file, arrays)


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
