"""What the assistant keeps: deeds done once, and guesses counted."""

from __future__ import annotations

from django.db import models

from kefu.desk.models import Case, Conversation
from kefu.people.models import Brand


class ActionRecord(models.Model):
    """One writing action, done once: a repeated key returns the first result."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="actions")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="actions", null=True)
    key = models.CharField(max_length=120)
    action = models.CharField(max_length=80)
    args = models.JSONField(default=dict)
    ok = models.BooleanField()
    value = models.JSONField(default=dict)
    code = models.CharField(max_length=80, blank=True)
    rule = models.CharField(max_length=80, blank=True, help_text="the policy rule that decided")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="action_once")]
        indexes = [models.Index(fields=["conversation", "id"], name="action_of_conversation")]


class ProofAttempt(models.Model):
    """A try at proving who one is. Counted, so that nobody guesses their way in."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="+")
    #: whom the tries are counted against besides the conversation: the identity's address, the order number asked for,
    #: a keyed hash of the proof
    subject = models.CharField(max_length=120)
    ok = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["brand", "subject", "at"], name="proof_by_subject"),
                   models.Index(fields=["conversation", "at"], name="proof_by_conversation")]  # fmt: skip
