"""What the pages themselves keep."""

from __future__ import annotations

from django.db import models


class SignInBrake(models.Model):
    """Failed sign-ins counted for one account from one address. Rows older than the window are swept away."""

    key = models.CharField(max_length=64, primary_key=True, help_text="hash of what is counted; no name, no address")
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["since"], name="sign_in_brake_since")]
