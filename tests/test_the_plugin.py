"""A test that could not run is never passed over in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kefu.kernel.home import BASE_DIR


def run_where_a_program_is_missing(folder: Path, **environment: str) -> str:
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  mailserver: needs Dovecot\n")
    (folder / "conftest.py").write_text(
        "from kefu.kernel import for_tests\nfor_tests.NEEDS['mailserver'] = ('no-such-program',)\n"
    )
    (folder / "test_mail.py").write_text(
        "import pytest\n@pytest.mark.mailserver\ndef test_mail(): pass\ndef test_other(): pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:django", "-p", "kefu.kernel.for_tests", str(folder)],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_XDIST_WORKER")}
        | {"PYTHONPATH": str(BASE_DIR), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "KEFU_HOME": str(folder)}
        | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout + done.stderr


def test_missing_programs_are_named_in_one_loud_line(tmp_path: Path):
    said = run_where_a_program_is_missing(tmp_path)
    assert "1 TESTS DID NOT RUN: this machine lacks dovecot-imapd. On Debian: apt-get install dovecot-imapd" in said
    assert "1 passed, 1 skipped" in said


@pytest.mark.parametrize("ci", ["true", "1"])
def test_in_ci_a_test_that_cannot_run_is_a_failure(tmp_path: Path, ci: str):
    said = run_where_a_program_is_missing(tmp_path, CI=ci)
    assert "1 passed, 1 error" in said
    assert "lacks dovecot-imapd" in said
