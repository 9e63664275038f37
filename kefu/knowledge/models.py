"""Articles and the passages they are found by. Rows change only through services.py."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from kefu.people.models import Brand


class ArticleState(models.TextChoices):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # was published; no longer found


class Article(models.Model):
    """One subject that customers ask about. What it says stands in its versions."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=80)
    state = models.CharField(max_length=10, choices=ArticleState.choices, default=ArticleState.DRAFT)
    tags = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=300, blank=True, help_text="where it comes from: a file, a page, a person")
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True, help_text="last day")
    #: number of the version that customers are told from; null while nothing is published
    published_version = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "slug"], name="article_slug_once"),
            models.CheckConstraint(
                condition=~Q(state=ArticleState.PUBLISHED) | Q(published_version__isnull=False),
                name="article_published_has_version",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class ArticleVersion(models.Model):
    """What an article said, once written never changed. Texts by language: {"en": …, "zh": …}; bodies are Markdown."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(help_text="counts from 1 within the article")
    titles = models.JSONField(default=dict)
    bodies = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="article_version_once")]

    def __str__(self) -> str:
        return f"{self.article_id}@v{self.number}"


class Passage(models.Model):
    """One section of a published version in one language: what a question finds.

    terms: its words, and pairs of Chinese characters, each with brand and language in front ("7zh:退货"), so that
    one look into one index reads nobody else's. vectors: float16 embeddings, one after the other, of its example
    questions and its text; empty where no embedder ran.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="passages")
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=8)
    position = models.PositiveIntegerField(help_text="counts from 1 within the article, alike in all languages")
    title = models.CharField(max_length=300, help_text="of the article")
    heading = models.CharField(max_length=300)
    asks = models.TextField(blank=True, help_text="example questions, one a line; found by, never shown")
    text = models.TextField()
    terms = SearchVectorField()
    vectors = models.BinaryField(default=b"")
    embedder = models.CharField(max_length=60, blank=True, help_text="name of the embedder that made the vectors")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "language", "position"], name="passage_place_once"),
        ]
        indexes = [
            GinIndex(fields=["terms"], name="passage_by_terms", fastupdate=False),
            models.Index(fields=["brand", "language", "id"], name="passage_of_brand"),
        ]


class Term(models.Model):
    """In how many passages of a brand and language a term stands: rare ones decide, common ones are not looked up."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+", db_index=False)
    language = models.CharField(max_length=8)
    term = models.CharField(max_length=64)
    passages = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "language", "term"], name="term_once")]
