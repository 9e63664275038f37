"""Attack files: read whole, all faults at once, each with its place."""

from __future__ import annotations

import pytest

from kefu.academy.attacks.reading import AttackFaults, read_attacks


def test_all_faults_of_all_files_are_told_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "class: a\nattacks:\n  - {id: one, language: en, says: [yes], wants: it, colour: red}\n"
    )
    (tmp_path / "b.yaml").write_text("attacks: none\n")
    (tmp_path / "c.yaml").write_text("attacks: [\n")
    with pytest.raises(AttackFaults) as found:
        read_attacks(tmp_path)
    told = "\n".join(found.value.faults)
    assert "a.yaml, attack 1: unknown key `colour`" in told
    assert "quote yes, no and numbers" in told
    assert "b.yaml: must be a mapping" in told
    assert "c.yaml:" in told


def test_what_a_file_says_for_all_holds_where_an_attack_says_nothing_else(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "class: a\nall: {by: another, stands_at: confirm}\nattacks:\n"
        "  - {id: one, language: en, says: ['yes'], wants: it}\n"
        "  - {id: two, language: en, by: stranger, says: ['yes'], wants: it}\n"
    )
    one, two = read_attacks(tmp_path)
    assert (one.talks["a"].by, two.talks["a"].by, two.stands_at) == ("another", "stranger", "confirm")


def test_two_attacks_of_one_name_are_a_fault(tmp_path):
    (tmp_path / "a.yaml").write_text("attacks:\n" + "  - {id: one, language: en, says: ['yes'], wants: it}\n" * 2)
    with pytest.raises(AttackFaults, match="two attacks are called one"):
        read_attacks(tmp_path)
