from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from kefu.assistant.policy import pack_rules
from kefu.commerce.tables import BadTables, load, tables_of
from kefu.commerce.tables.shapes import ABILITIES, DOCUMENTS, TABLES

PAGE = (Path(settings.BASE_DIR) / "docs" / "reference" / "tables.md").read_text()


def written(tmp_path: Path, name: str, text: str) -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_every_fault_is_named_with_file_line_and_cure(tmp_path):
    folder = written(
        tmp_path,
        "returns.yaml",
        "- id: return.x\n  countries: [Germany]\n  days: fourteen\n  floor: law\n  source: a law\n"
        "- id: return.x\n  countries: [DE]\n  days: 14\n  floor: law\n  date: 2026-03-01\n  sorce: typo\n",
    )
    written(folder, "wishes.yaml", "[]")
    with pytest.raises(BadTables) as bad:
        load(folder)
    told = [str(fault) for fault in bad.value.faults]
    assert any(one.startswith("returns.yaml:2 return.x: countries") and "two capital letters" in one for one in told)
    assert any(one.startswith("returns.yaml:3 return.x: days must be a whole number") for one in told)
    assert any("date is missing; add it" in one for one in told)
    assert any("unknown column sorce" in one for one in told)
    assert any("source is missing" in one for one in told)
    assert any(one.startswith("wishes.yaml:1 table: there is no such table") for one in told)


def test_an_id_stands_once_in_all_tables(tmp_path):
    row = "- {id: a.b, countries: [DE], days: 14, floor: law, source: x, date: 2026-03-01}\n"
    with pytest.raises(BadTables, match=r"a\.b"):
        load(written(tmp_path, "returns.yaml", row + row))


@pytest.mark.parametrize("text", ["nonsense", "- [a, b]", "a: {b", "- {id: 7}", "-\n", "- {id: a, id: b}"])
def test_what_is_no_table_is_refused_and_not_stumbled_over(tmp_path, text):
    with pytest.raises(BadTables):
        load(written(tmp_path, "service.yaml", text))


def test_a_row_that_has_ended_is_not_found_any_more():
    tables = tables_of()
    before = tables.nearest("customs", "DE", on=date(2026, 6, 30), duty="flat_per_item")
    after = tables.nearest("customs", "DE", on=date(2026, 7, 1), duty="flat_per_item")
    assert before is None
    assert after is not None
    assert after.id == "customs.eu_low_2026"


def test_a_change_of_the_file_counts_at_once(tmp_path, settings):
    folder = tmp_path / "trade" / "tables"
    folder.mkdir(parents=True)
    settings.PACKS_DIR = tmp_path
    row = "- {{id: promise.x, days: {}, source: Shop, date: 2026-03-01}}\n"
    (folder / "service.yaml").write_text(row.format(2))
    assert tables_of("trade").row("promise.x")["days"] == 2
    (folder / "service.yaml").write_text(row.format(14))
    assert tables_of("trade").row("promise.x")["days"] == 14


def test_every_row_says_where_it_comes_from_and_can_be_shown_at_the_desk():
    for row in (row for rows in tables_of().rows.values() for row in rows):
        assert row.source, row.place
        if row.table not in ("rates", "vat"):
            assert set(row.explanation) >= {"en", "zh"}, row.place


def test_what_the_law_gives_policy_allows_under_the_same_name():
    rules = {rule.id for rule in pack_rules("ecommerce")}
    legal = {row.id for row in tables_of().table("returns") if row["floor"] == "law"}
    assert legal <= rules


def test_every_table_and_column_stands_on_its_page():
    for table, columns in TABLES.items():
        section = PAGE.split(f"\n## {table}\n")[1].split("\n## ")[0]
        for column in columns:
            assert f"`{column}`" in section, f"{table}: {column}"
    for word in (*DOCUMENTS, *ABILITIES):
        assert f"`{word}`" in PAGE


def test_no_document_or_ability_is_misspelt():
    for row in tables_of().table("customs"):
        assert set(row["documents"]) <= set(DOCUMENTS), row.place
    for row in tables_of().table("carriers"):
        assert set(row["abilities"]) <= set(ABILITIES), row.place
