"""How well mail is read, as tables."""

from __future__ import annotations

from bench.mail_reading import DATA, run
from bench.report import Table


def tables() -> list[Table]:
    """Counted against public mails; not run where they are missing."""
    title = "E-mail reading"
    scores = run()
    if not scores:
        return [Table(title, not_run=f"the public mails are not there ({DATA.name} beside the project)")]
    rows = [[score.name, f"{score.right} of {score.total}", ", ".join(score.wrong)[:300]] for score in scores]
    return [Table(title, ["what", "agree", "do not"], rows)]
