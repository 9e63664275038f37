"""The same cast and stage as in the rooms."""

from kefu.conftest import (
    _no_jobs_left,
    _own_files,
    brand,
    chat_channel,
    django_db_setup,
    email_channel,
    held_clock,
    ines,
    jobs,
    mira,
    olek,
    other_brand,
    tomas,
)

__all__ = [
    "_no_jobs_left",
    "_own_files",
    "brand",
    "chat_channel",
    "django_db_setup",
    "email_channel",
    "held_clock",
    "ines",
    "jobs",
    "mira",
    "olek",
    "other_brand",
    "tomas",
]
