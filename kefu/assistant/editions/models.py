"""What managers have made of the pack's files. Drafts change; what was published stays as it was, for ever."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kefu.people.models import Agent, Brand


class Edition(models.Model):
    """One brand's text of one of the pack's files.

    file: where it stands in the pack: "playbooks/return_item.yaml", "policies/return.yaml". number: 1, 2, 3 … of the
    file's published editions, null for the draft, of which a file has one at most. The published edition with the
    highest number is the one that works; where `text` is empty the pack's own file works again.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    file = models.CharField(max_length=120)
    number = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)
    #: SHA-256 of the text that was at work when this one was begun: a draft on something older is not published
    begun_on = models.CharField(max_length=64)
    note = models.CharField(max_length=300, blank=True, help_text="why, in the author's words")
    author = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "file", "number"], name="edition_number_once"),
            models.UniqueConstraint(
                fields=["brand", "file"], condition=Q(number__isnull=True), name="one_draft_a_file"
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, published_at__isnull=True)
                | Q(number__isnull=False, published_at__isnull=False),
                name="edition_published_is_numbered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.number or 'draft'}"

    @property
    def is_draft(self) -> bool:
        return self.number is None
