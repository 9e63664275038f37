"""`kefu eval intents` takes the files that people have, and names the cure for what it cannot read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kefu.assistant.understanding.label_files import BadData, Columns, rows_of
from kefu.assistant.understanding.labelled import Labelled, Meaning, labelled, names_in, survey
from kefu.assistant.understanding.scoring import Score
from kefu.command.eval_intents import intents

KNOWN = frozenset({"order_status", "cancel_order", "return_item", "out_of_scope", "human", "nothing"})
ROWS = [("where is my parcel", "order_status", "en"), ("我的包裹到哪了", "order_status", "zh")]


def file_of(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


CSV = "text,label,language\nwhere is my parcel,order_status,en\n\n我的包裹到哪了,order_status,zh\n"
MAPS = [dict(zip(("text", "label", "language"), row, strict=True)) for row in ROWS]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV),
        ("a.csv", b"\xef\xbb\xbf" + CSV.encode()),
        ("a.csv", CSV.encode("utf-16")),
        ("a.csv", CSV.encode("gb18030")),
        ("a.csv", CSV.replace(",", ";")),
        ("a.tsv", CSV.replace(",", "\t")),
        ("a.txt", CSV.replace("text,label,language", "Utterance,Intent,Lang")),
        ("a.csv", CSV.replace("text,label,language", " Message ,CATEGORY,locale").replace(",zh", ",zh-CN")),
        ("a.csv", CSV.replace("text,label,language", "query,intent,lang").replace(",en\n", ",English\n")),
        ("a.jsonl", "\n".join(json.dumps(row) for row in MAPS) + "\n\n"),
        ("a.json", "\n".join(json.dumps(row) for row in MAPS)),
        ("a.json", json.dumps(MAPS, indent=2)),
        ("a.json", json.dumps([list(row) for row in ROWS])),
        ("a.json", json.dumps({"data": MAPS, "version": 1})),
    ],
)
def test_whatever_program_saved_it_the_same_rows_come_out(tmp_path, name, content):
    rows = rows_of(file_of(tmp_path, name, content), Columns())
    assert [(row.text, *row.labels, row.language) for row in rows] == ROWS


@pytest.mark.parametrize(
    ("name", "content", "columns", "cure"),
    [
        ("a.csv", "Müller,x".encode("latin-1"), Columns(), "--encoding"),
        ("a.csv", "text,label\na,b", Columns(encoding="klingon"), "try cp1252"),
        ("a.csv", "words,meaning\na,b", Columns(), "--text-column"),
        ("a.csv", "text,meaning\na,b", Columns(), "--label-column"),
        ("a.csv", "", Columns(), "--text-column"),
        ("a.csv", 'text,label\n"never closed,b\n' + "x\n" * 200_000, Columns(), "quotation mark"),
        ("a.jsonl", '{"text": "a", "label": "order_status"}\n{oops', Columns(), "row: 2"),
        ("a.jsonl", '{"words": "a", "label": "b"}', Columns(), "--text-column"),
        ("a.jsonl", "[" * 100_000, Columns(), "nested too deep"),
        ("a.json", json.dumps({"train": MAPS, "test": MAPS}), Columns(), "--part with one of train, test"),
        ("a.csv", "text,label\nhello,greeting\n", Columns(), "greeting: …"),
        ("a.csv", "text,label\n,\n\n", Columns(), "no message with a label"),
        ("a.csv", "text,label\n" + "".join(f"a,l{n}\n" for n in range(3000)), Columns(), "--label-column"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_cure(tmp_path, name, content, columns, cure):
    with pytest.raises(BadData) as refused:
        survey(file_of(tmp_path, name, content), Meaning(KNOWN), columns)
    assert cure in refused.value.sentence


def test_columns_may_be_named_or_numbered(tmp_path):
    file = file_of(tmp_path, "a.csv", "7,track it,order_status\n8,stop it,cancel_order\n")
    assert [(row.text, *row.labels) for row in rows_of(file, Columns(text="2", label="3"))] == [
        ("track it", "order_status"), ("stop it", "cancel_order"),
    ]  # fmt: skip
    file = file_of(tmp_path, "b.csv", "id,words,meaning\n7,track it,order_status\n")
    assert [row.text for row in rows_of(file, Columns(text="Words", label="meaning"))] == ["track it"]


def test_labels_are_known_however_they_are_spelt_and_several_wishes_stand_in_any_order(tmp_path):
    rows = [{"text": "a", "labels": ["return_item", "order_status"]}, {"text": "b", "labels": "Return Item"},
            {"text": "c", "label": "return_item|order_status"}, {"text": "d", "label": "OOS"},
            {"text": "e", "label": "teleport"}, {"text": "f", "label": None},
            {"text": "", "label": "human"}]  # fmt: skip
    file = file_of(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    assert [row.label for row in labelled(file, meaning=Meaning(KNOWN))] == [
        "order_status+return_item", "return_item", "order_status+return_item", "out_of_scope",
    ]  # fmt: skip
    found = survey(file, Meaning(KNOWN))
    assert (found.asked, dict(found.left_out), found.lacking_at) == (4, {"teleport": 1}, [6, 7])


def test_a_map_may_give_several_labels_or_none_and_a_wrong_one_is_named(tmp_path):
    data = file_of(tmp_path, "a.csv", "text,label\na,track\nb,either\nc,chat\nd,new\n")
    names = names_in(
        file_of(tmp_path, "m.yaml", "track: order_status\neither: [cancel_order, return_item]\nchat: null\n"), KNOWN
    )
    rows = labelled(data, meaning=Meaning(KNOWN, names))
    assert [row.right for row in rows] == [{"order_status"}, {"cancel_order", "return_item"}]
    with pytest.raises(BadData, match="near it: order_status"):
        names_in(file_of(tmp_path, "m.yaml", "track: oder_status\n"), KNOWN)


def test_a_long_file_is_counted_without_being_kept():
    score = Score()
    for n in range(100_000):
        score.add(Labelled("x" * 50, "order_status", "en"), "order_status" if n % 4 else "nothing")
    assert score.accuracy == 0.75
    assert len(score.wrong) <= 10_000


def said(folder: Path, *options: str) -> Result:
    rows = "where is my parcel,order_status,\nwo ist mein Paket?,order_status,\nbeam me up,teleport,\n,order_status,\n"
    file = file_of(folder, "a.csv", "text,label,language\n" + rows)
    return CliRunner().invoke(intents, ["--data", str(file), *options])


def test_the_figures_by_language_and_label_come_as_a_table_or_as_json(tmp_path):
    plain = said(tmp_path)
    assert plain.exit_code == 0, plain.output
    assert "accuracy 1.000 (2 of 2)" in plain.stdout
    assert "1 messages are left out, for their label is not known here: teleport (1)" in plain.stderr
    assert "lines 5" in plain.stderr
    told = json.loads(said(tmp_path, "--json").stdout)
    assert (told["accuracy"], told["left_out"], told["without_text_or_label"]) == (1.0, {"teleport": 1}, 1)
    assert set(told["languages"]) == {"en", "de"}  # the file told none: they were detected
    assert told["languages"]["de"]["labels"]["order_status"] == {"messages": 1, "right": 1}
    assert json.loads(said(tmp_path, "--json", "--at-most", "1").stdout)["messages"] == 1
