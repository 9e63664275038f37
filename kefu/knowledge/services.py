"""The verbs of knowledge: write, publish, withdraw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from kefu.kernel import clock
from kefu.knowledge import rules
from kefu.knowledge.errors import ArticleExists, BadArticle, NothingToPublish
from kefu.knowledge.models import Article, ArticleState, ArticleVersion, Passage
from kefu.knowledge.sections import Section, sections_of
from kefu.knowledge.vectors import Embedder, packed
from kefu.people.actors import Actor
from kefu.people.models import Brand

#: the reserved term under which the number of passages of a brand and language stands
ALL = ""
LONGEST_BODY = 100_000  # characters


@transaction.atomic
def create_article(
    brand: Brand,
    *,
    slug: str,
    titles: Mapping[str, str],
    bodies: Mapping[str, str],
    by: Actor,
    tags: Sequence[str] = (),
    source: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Article:
    """Write a new article, as a draft with version 1. Raises ArticleExists, BadArticle."""
    article = Article(brand=brand, slug=slug, tags=list(tags), source=source, valid_from=valid_from,
                      valid_until=valid_until)  # fmt: skip
    by.require("knowledge.edit", on=article)
    if Article.objects.filter(brand=brand, slug=slug).exists():
        raise ArticleExists(slug=slug)
    article.save()
    _write_version(article, 1, titles, bodies, by)
    return article


@transaction.atomic
def revise_article(
    article: Article, *, titles: Mapping[str, str], bodies: Mapping[str, str], by: Actor
) -> ArticleVersion:
    """Write the next version; customers are told from the published one until this one is. Raises BadArticle."""
    by.require("knowledge.edit", on=article)
    article = Article.objects.select_for_update().get(pk=article.pk)
    newest = article.versions.order_by("-number").first()
    return _write_version(article, newest.number + 1 if newest else 1, titles, bodies, by)


def _write_version(
    article: Article, number: int, titles: Mapping[str, str], bodies: Mapping[str, str], by: Actor
) -> ArticleVersion:
    for language, body in bodies.items():
        if len(body) > LONGEST_BODY or "\x00" in body:
            raise BadArticle(problem=f"{article.slug}, {language}: at most {LONGEST_BODY} characters of text")
        if not titles.get(language, "").strip():
            raise BadArticle(problem=f"{article.slug}: the title in {language} is missing")
    return ArticleVersion.objects.create(
        brand_id=article.brand_id, article=article, number=number, titles=dict(titles), bodies=dict(bodies),
        actor_kind=by.kind.value, actor_id=by.id, at=clock.now(),
    )  # fmt: skip


@transaction.atomic
def publish_article(article: Article, *, by: Actor, embedder: Embedder | None = None) -> Article:
    """Let questions find the newest version; the passages of the one before are gone. Doing it twice changes nothing.

    embedder: when given, passages are also found by meaning. Raises NothingToPublish.
    """
    by.require("knowledge.edit", on=article)
    article = Article.objects.select_for_update().get(pk=article.pk)
    version = article.versions.order_by("-number").first()
    if version is None or not any(body.strip() for body in version.bodies.values()):
        raise NothingToPublish(slug=article.slug)
    passages = []
    for language, body in sorted(version.bodies.items()):
        title = version.titles[language]
        for position, section in enumerate(sections_of(title, body), start=1):
            passages.append(
                Passage(
                    brand_id=article.brand_id,
                    article=article,
                    version=version.number,
                    language=language,
                    position=position,
                    title=title[:300],
                    heading=section.heading,
                    asks="\n".join(section.asks),
                    text=section.text,
                    **_vectors(title, section, embedder),
                )
            )
    _unindex(article)
    _index(article, passages)
    article.state, article.published_version = ArticleState.PUBLISHED, version.number
    article.save(update_fields=["state", "published_version"])
    return article


@transaction.atomic
def withdraw_article(article: Article, *, by: Actor) -> Article:
    """Nobody is told from it any more. It can be published again."""
    by.require("knowledge.edit", on=article)
    article = Article.objects.select_for_update().get(pk=article.pk)
    if article.state == ArticleState.PUBLISHED:
        _unindex(article)
        article.state = ArticleState.WITHDRAWN
        article.save(update_fields=["state"])
    return article


def _vectors(title: str, section: Section, embedder: Embedder | None) -> dict[str, Any]:
    if embedder is None:
        return {}
    try:
        return {"vectors": packed(embedder.vectors(texts_to_embed(title, section))), "embedder": embedder.name}
    except LookupError:
        return {}


def texts_to_embed(title: str, section: Section) -> list[str]:
    """Its example questions, and what it says."""
    return [*section.asks, f"{title}. {section.heading}. {section.text}"]


def terms_of_passage(passage: Passage) -> list[str]:
    """Its different terms, title and questions included, at most MOST_TERMS."""
    text = "\n".join((passage.title, passage.heading, passage.asks, passage.text))
    return list(dict.fromkeys(rules.terms_of(text)))[: rules.MOST_TERMS]


def lexeme(brand_id: int, language: str, term: str) -> str:
    return f"{brand_id}{language}:{term}"


_INSERT = (
    "INSERT INTO knowledge_passage (brand_id, article_id, version, language, position, title, heading, asks, text, "
    "vectors, embedder, terms) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, array_to_tsvector(%s::text[]))"
)


def _index(article: Article, passages: Sequence[Passage]) -> None:
    frequency: dict[str, Counter[str]] = {}
    rows: list[Sequence[Any]] = []
    for one in passages:
        terms = terms_of_passage(one)
        frequency.setdefault(one.language, Counter()).update([*terms, ALL])
        rows.append(
            [one.brand_id, article.pk, one.version, one.language, one.position, one.title, one.heading, one.asks,
             one.text, bytes(one.vectors), one.embedder, [lexeme(one.brand_id, one.language, term) for term in terms]]
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)
    _count(article.brand_id, frequency, +1)


def _unindex(article: Article) -> None:
    frequency: dict[str, Counter[str]] = {}
    for passage in article.passages.all():
        frequency.setdefault(passage.language, Counter()).update([*terms_of_passage(passage), ALL])
    article.passages.all().delete()
    _count(article.brand_id, frequency, -1)


def _count(brand_id: int, frequency: Mapping[str, Counter[str]], sign: int) -> None:
    # by rising term: two articles published at once must not wait for each other in a circle
    rows = sorted(
        (language, term, sign * count) for language, terms in frequency.items() for term, count in terms.items()
    )
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO knowledge_term AS known (brand_id, language, term, passages) "
            "SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::int[]) "
            "ON CONFLICT (brand_id, language, term) DO UPDATE SET passages = known.passages + EXCLUDED.passages",
            [brand_id, [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]],
        )
