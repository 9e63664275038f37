"""What the pages themselves keep."""

from __future__ import annotations

from django.db import models

from kefu.people.models import Agent, Brand


class SignInBrake(models.Model):
    """Failed sign-ins counted for one account from one address. Rows older than the window are swept away."""

    key = models.CharField(max_length=64, primary_key=True, help_text="hash of what is counted; no name, no address")
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["since"], name="sign_in_brake_since")]


class TrialState(models.TextChoices):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class DraftTrial(models.Model):
    """A draft of a playbook, table or text played against the scenario book. Each file keeps its newest.

    of_text: SHA-256 of the draft's text, so that nobody takes it for a trial of another. result: trials.told.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    file = models.CharField(max_length=120)
    of_text = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=TrialState, default=TrialState.RUNNING)
    played = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    asked_by = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    objects: models.Manager[DraftTrial] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["brand", "file"], name="draft_trial_of_file")]
