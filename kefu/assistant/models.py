"""What the assistant keeps: deeds done once, deeds that wait for a person's word, guesses counted, and promised
notices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kefu.assistant.editions.models import Edition
from kefu.commerce.models import Variant
from kefu.desk.models import Case, Conversation, Message
from kefu.people.models import Agent, Brand, Identity

__all__ = ["ActionRecord", "Approval", "ApprovalState", "Edition", "ProofAttempt", "StockNotice"]


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


class ApprovalState(models.TextChoices):
    PENDING = "pending"
    APPROVED = "approved"  # decided; its job is about to do the deed
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # the customer has dropped the matter before anybody decided
    FAILED = "failed"  # approved, but the deed could no longer be done; a person sees why


class Approval(models.Model):
    """A deed that a rule lets only a person allow: what, how much, by which rule, who may, who did.

    args, confirmed and amounts are the deed exactly as the customer said yes to it.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="approvals")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="approvals", null=True)
    key = models.CharField(max_length=120, help_text="the deed's own: asked for once, done once")
    action = models.CharField(max_length=80)
    args = models.JSONField(default=dict)
    confirmed = models.CharField(max_length=32)
    amounts = models.JSONField(default=dict)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    rule = models.CharField(max_length=80, help_text="the policy rule that wants a person")
    role = models.CharField(max_length=20, help_text="the least role that may approve, by the rule")
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.PENDING)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        Agent, on_delete=models.PROTECT, null=True, related_name="+", help_text="null: the assistant"
    )
    decided_by = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True, help_text="why refused, or why it failed")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="approval_once"),
                       models.CheckConstraint(condition=Q(state__in=["pending", "withdrawn"]) |
                                              Q(decided_by__isnull=False),
                                              name="approval_decided_by_a_person")]  # fmt: skip
        indexes = [models.Index(fields=["conversation", "id"], name="approval_of_conversation"),
                   models.Index(fields=["brand", "asked_at"], name="approval_pending",
                                condition=Q(state="pending"))]  # fmt: skip


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


class TeachingExample(models.Model):
    """What somebody at the desk corrected: this sentence means that intent, or wants that answer. Of one brand."""

    INTENT, REPLY = "intent", "reply"
    KINDS = [(INTENT, "intent"), (REPLY, "reply")]

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=KINDS)
    text = models.CharField(max_length=500, help_text="what the customer wrote; learning.masking has put aside whose")
    language = models.CharField(max_length=8, blank=True)
    label = models.CharField(
        max_length=80, blank=True, help_text="the intent it means; of a reply, the text that was used"
    )
    also = models.JSONField(default=list, help_text="further intents of the same message: then nothing is learnt of it")
    heard = models.TextField(blank=True, help_text="what it was taken for; of a reply, the draft")
    better = models.TextField(blank=True, help_text="the answer it should have had")
    conversation = models.ForeignKey(Conversation, on_delete=models.SET_NULL, null=True, related_name="+")
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, related_name="+",
        help_text="the customer's message that was explained, or our reply that was worded better",
    )  # fmt: skip
    author = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    #: somebody who answers for the desk has looked at it; of two lessons on the same words the accepted one counts
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["brand", "kind", "id"], name="teaching_of_brand",
                                condition=Q(withdrawn_at__isnull=True)),
                   models.Index(fields=["brand", "-id"], name="teaching_newest")]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["brand", "text", "author"], name="teaching_once",
                                    condition=Q(withdrawn_at__isnull=True, kind="intent")),
            models.UniqueConstraint(fields=["message", "kind", "author"], name="teaching_once_a_message",
                                    condition=Q(withdrawn_at__isnull=True)),
        ]  # fmt: skip


class TrainedModel(models.Model):
    """What understanding has learnt, for all processes to read. No brand: the pack's own."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, related_name="+")
    pack = models.CharField(max_length=40)
    key = models.CharField(max_length=24, help_text="the pack's examples it was trained with")
    examples = models.IntegerField()
    taught = models.IntegerField(help_text="how many of them people corrected")
    right = models.FloatField(help_text="share understood when held back")
    data = models.BinaryField()
    author = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["pack", "brand", "-id"], name="trained_model_newest")]


class StockNotice(models.Model):
    """A customer's wish to hear when a variant can be bought again, with the consent they gave: one message, in the
    conversation where they asked. `sent_at` is empty while it waits."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="+", help_text="where it is sent")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="stock_notices")
    language = models.CharField(max_length=10)
    consented_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "identity"], condition=Q(sent_at__isnull=True), name="stock_notice_once"
            ),
        ]
        indexes = [models.Index(fields=["variant"], condition=Q(sent_at__isnull=True), name="stock_notice_waiting")]
