from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kefu.command import data
from kefu.commerce.exchange import KINDS
from kefu.people.models import Brand, Customer


@pytest.fixture
def run(monkeypatch, tmp_path, db):
    """`run("import", files, …)`: the command on the test's own database; files: {name: content}."""

    @contextmanager
    def ready():
        yield

    monkeypatch.setattr(data, "django_ready", ready)

    def invoke(command: str, files: dict[str, str], *options: str) -> Result:
        paths = []
        for name, content in files.items():
            (tmp_path / name).write_text(content)
            paths.append(str(tmp_path / name))
        return CliRunner().invoke(getattr(data, f"{command}_data"), [*paths, *options])

    return invoke


def test_the_command_knows_the_kinds_that_there_are():
    assert tuple(KINDS) == data.KINDS


def test_files_go_in_by_their_names_and_in_the_right_order(run, brand):
    order = (
        '{"number":"KF-1","customer":"C-1","state":"paid","placed_at":"2026-02-01T10:00:00Z","country":"DE",'
        '"currency":"EUR","lines":[{"sku":"B","quantity":1,"unit_price":"9.00"}]}\n'
    )
    files = {
        "orders.jsonl": order,
        "products.csv": "id,handle,titles.en,category,variants.sku,variants.price,variants.currency\nP,p,P,c,B,9,EUR\n",
        "customers.csv": "id,name\nC-1,Mira\n",
    }
    done = run("import", files, "--brand", "lumen")
    assert done.exit_code == 0, done.output
    assert done.output.index("customers.csv: 1 new") < done.output.index("orders.jsonl: 1 new, 0 changed")
    again = run("import", files, "--brand", "lumen")
    assert again.output.count("0 new, 0 changed, 1 as before, 0 not taken") == 3


def test_a_bad_row_ends_the_command_with_1_and_is_kept_in_the_problems_file(run, brand, tmp_path):
    problems = tmp_path / "problems.txt"
    done = run(
        "import", {"customers.csv": "id,email\nC-1,bad\nC-2,\n"}, "--brand", "lumen", "--problems", str(problems)
    )
    assert done.exit_code == 1
    assert "customers.csv:2: email: 'bad' is not an e-mail address; write it like name@example.com" in done.output
    assert problems.read_text().startswith("customers.csv:2:")
    assert Customer.objects.count() == 1


def test_a_dry_run_changes_nothing(run, brand):
    done = run("import", {"customers.csv": "id\nC-1\n"}, "--brand", "lumen", "--dry-run")
    assert "1 new" in done.output
    assert "nothing was changed" in done.output
    assert Customer.objects.count() == 0


def test_a_brand_is_made_only_on_request(run, db):
    refused = run("import", {"customers.csv": "id\nC-1\n"}, "--brand", "my-shop")
    assert refused.exit_code == 2
    assert "--create" in refused.output
    done = run(
        "import", {"customers.csv": "id\nC-1\n"}, "--brand", "my-shop", "--create", "My shop", "--currency", "cny"
    )
    assert done.exit_code == 0
    assert Brand.objects.get().currency == "CNY"


def test_a_file_of_unknown_kind_asks_for_the_kind(run, brand):
    refused = run("import", {"stuff.csv": "id\nC-1\n"}, "--brand", "lumen")
    assert refused.exit_code == 2
    assert "--kind" in refused.output
    assert run("import", {"stuff.csv": "id\nC-1\n"}, "--brand", "lumen", "--kind", "customers").exit_code == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_exported_can_be_imported(monkeypatch, brand, mira, tmp_path: Path):
    @contextmanager
    def ready():
        yield

    monkeypatch.setattr(data, "django_ready", ready)
    out = CliRunner().invoke(data.export_data, [str(tmp_path / "out"), "--brand", "lumen"])
    assert out.exit_code == 0, out.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(f"{kind}.jsonl" for kind in KINDS)
    back = CliRunner().invoke(data.import_data, [str(tmp_path / "out" / "customers.jsonl"), "--brand", "lumen"])
    assert "0 new, 0 changed, 1 as before" in back.output
