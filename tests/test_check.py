"""`kefu check` names what is wrong together with its cure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from kefu.conftest import JobBook
from kefu.desk.models import Channel
from kefu.kernel import checks
from kefu.kernel.checks import Finding, Level


def findings(area: str) -> list[Finding]:
    return [finding for name, found in checks.run_all() if name == area for finding in found]


def put_job(status: str, task: str = "tests.nothing") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status, attempts) "
            "VALUES ('tests', %s, 0, '{}', %s::procrastinate_job_status, 3)",
            [task, status],
        )


def test_a_sound_installation_has_nothing_to_mend(db: None):
    assert findings("database") == []
    assert findings("jobs") == []


def test_jobs_that_wait_without_a_worker_are_named(jobs: JobBook):
    put_job("todo")
    (finding,) = findings("jobs")
    assert "no worker runs" in finding.what
    assert "kefu up" in finding.cure


def test_failed_jobs_are_named_by_task_and_can_be_tried_again(jobs: JobBook):
    put_job("failed", "desk.deliver")
    put_job("failed", "desk.deliver")
    (finding,) = findings("jobs")
    assert "2 jobs desk.deliver" in finding.what
    assert checks.retry_failed("desk.deliver") == 2
    assert [name for name, _ in jobs.waiting()] == ["desk.deliver"] * 2


def test_a_key_that_others_can_read_is_named(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("KEFU_SECRET_KEY", raising=False)
    settings.KEFU_HOME = tmp_path
    (tmp_path / "secret.key").write_text("x" * 64)
    (tmp_path / "secret.key").chmod(0o644)
    assert any("chmod 600" in finding.cure for finding in findings("configuration"))


def test_sign_ins_over_plain_http_are_a_weakness(settings: Settings):
    settings.KEFU_URL = "http://desk.lumen.example"
    weak = [finding for finding in findings("configuration") if finding.level is Level.WEAK]
    assert any("unencrypted" in finding.what for finding in weak)


def test_a_check_that_crashes_hides_no_other(monkeypatch: pytest.MonkeyPatch, db: None):
    def crash() -> list[Finding]:
        raise ZeroDivisionError

    monkeypatch.setattr(checks, "_checks", [*checks._checks, checks.Check("tests", crash, needs_database=False)])
    assert "crash itself failed" in findings("tests")[0].what
    assert findings("database") == []


def test_a_database_that_is_away_is_one_sentence_and_exit_code_1(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "kefu", "check"],
        env=os.environ | {"DATABASE_URL": "postgresql://kefu@127.0.0.1:9/none", "KEFU_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "correct DATABASE_URL" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_channel_in_trouble_is_named_with_the_cure_it_knows(email_channel: Channel):
    email_channel.trouble = {"at": "2026-03-02", "problem": "sign-in refused", "cure": "enter the password again"}
    email_channel.secrets = "stored with another key"
    email_channel.save()
    about_it = [finding for finding in findings("channels") if str(email_channel) in finding.what]
    assert len(about_it) == 2, about_it
    first, second = about_it
    assert "sign-in refused" in first.what
    assert first.cure == "enter the password again"
    assert "secret.key" in second.cure
