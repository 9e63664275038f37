"""The two columns that every table here has alike."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kefu.people.models import Brand


def brand_key() -> models.ForeignKey[Brand, Brand]:
    """The border of data. No index of its own: each table has a better one that begins with the brand."""
    return models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+", db_index=False)


def currency() -> models.CharField[str, str]:
    return models.CharField(max_length=3, help_text="ISO 4217, upper case")


def is_currency(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name=name)
