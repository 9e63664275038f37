"""What came in, as it came, before anybody looked into it."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q

from kefu.desk.models import Channel, Message
from kefu.kernel import clock
from kefu.people.models import Brand


class RawState(models.TextChoices):
    KEPT = "kept"  # a job will read it
    READ = "read"
    QUARANTINED = "quarantined"  # cannot be read; a person sees it and may have it read again


class RawQuerySet(models.QuerySet["Raw"]):
    def quarantined(self) -> RawQuerySet:
        """What needs a person, newest first, without the bytes."""
        return self.filter(state=RawState.QUARANTINED).defer("content").order_by("-id")

    def forgotten(self, older_than: timedelta) -> RawQuerySet:
        """Kept and not read although there was time for it."""
        return self.filter(state=RawState.KEPT, received_at__lt=clock.now() - older_than).order_by("id")


class Raw(models.Model):
    """The bytes of one mail or webhook, stored in the same transaction as the cursor that says they are here."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    content = models.BinaryField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=RawState.choices, default=RawState.KEPT)
    problem = models.CharField(max_length=60, blank=True, help_text="a code: no_sender, unreadable …")
    detail = models.CharField(max_length=300, blank=True)
    #: what it became, if it became a message
    became = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = RawQuerySet.as_manager()

    class Meta:
        abstract = True


class RawMail(Raw):
    """One mail as IMAP gave it. (uidvalidity, uid) is its place in the mailbox (RFC 3501, section 2.3.1.1)."""

    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField()
    message_id = models.CharField(max_length=255, blank=True)
    sender = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    #: hash of sender, date and subject: two mails with one Message-ID and different essences are two mails
    essence = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "uidvalidity", "uid"], name="raw_mail_once")]
        indexes = [
            models.Index(fields=["brand", "-id"], name="raw_mail_quarantined", condition=Q(state="quarantined")),
            models.Index(fields=["received_at"], name="raw_mail_kept", condition=Q(state="kept")),
            models.Index(fields=["channel", "message_id"], name="raw_mail_by_message_id"),
        ]

    def __str__(self) -> str:
        return f"mail {self.uid} of {self.channel_id}"


class RawWebhook(Raw):
    """One authentic webhook, kept once however often the provider brings it."""

    sha256 = models.CharField(max_length=64)
    headers = models.JSONField(default=dict)
    query = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "sha256"], name="raw_webhook_once")]
        indexes = [
            models.Index(fields=["brand", "-id"], name="raw_webhook_quarantined", condition=Q(state="quarantined")),
            models.Index(fields=["received_at"], name="raw_webhook_kept", condition=Q(state="kept")),
        ]

    def __str__(self) -> str:
        return f"webhook {self.pk} of {self.channel_id}"
