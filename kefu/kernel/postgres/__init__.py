"""The embedded PostgreSQL: started by the first `kefu` command that needs it, stopped by the last."""

from kefu.kernel.postgres.errors import PostgresError
from kefu.kernel.postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "PostgresError"]
