"""Finding the passage that answers. Bounded: however large the room and however hostile the question, a few index
looks and at most MOST_CANDIDATES passages are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from kefu.kernel.prepared import Prepared
from kefu.knowledge import meaning, rules
from kefu.knowledge.models import Article, ArticleState, Passage, Term
from kefu.knowledge.rules import LONGEST_QUESTION
from kefu.knowledge.services import ALL, lexeme
from kefu.knowledge.vectors import NO_VECTOR, Embedder, likeness
from kefu.people.models import Brand

MOST_TERMS_ASKED = 24  # the rarest of the question's terms
MOST_CANDIDATES = 24
#: a term that more passages have than this is not looked up, unless the question has no rarer one
TOO_COMMON = 2000
MOST_COMMON_TERMS = 4  # looked up together then
MOST_LANGUAGES = 40  # that one article is read in
#: from here on a passage is told to a customer. docs/how-to/write-an-article.md says how it was found
CONFIDENT = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """One passage with the confidence that it answers, 0..1. `cite` is "article:12@v3"."""

    article: int
    version: int
    language: str
    position: int
    title: str
    heading: str
    text: str
    confidence: float
    #: by language, where the article speaks more than one; filled by `answer`
    titles: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def cite(self) -> str:
        return f"article:{self.article}@v{self.version}"


#: whether a passage may answer at all, whatever its words
Fits = Callable[[Passage], bool]


def answer(
    brand: Brand,
    question: str,
    *,
    language: str,
    on: date,
    embedder: Embedder | None = None,
    least: float = CONFIDENT,
    fits: Fits | None = None,
) -> Found | None:
    """The passage that answers the question, in every language its article has; None when nothing is sure enough.

    on: the brand's day; an article that is not valid then is not found. fits: which passages may answer; each has its
    article at hand.
    """
    best = next(iter(search(brand, question, language=language, on=on, embedder=embedder, most=1, fits=fits)), None)
    return whole(brand, best) if best is not None and best.confidence >= least else None


def tagged(brand: Brand, tag: str, *, language: str, on: date) -> Found | None:
    """The first passage of the published article that carries a tag, in every language; None where there is none."""
    passages = Passage.objects.filter(
        brand=brand, article__state=ArticleState.PUBLISHED, article__tags__contains=[tag], position=1
    ).select_related("article")
    valid = [one for one in passages.order_by("article_id", "language")[:40] if _is_valid(one.article, on)]
    if not valid:
        return None
    first = [one for one in valid if one.article_id == valid[0].article_id]
    best = next((one for one in first if one.language == language), first[0])
    return Found(
        best.article_id, best.version, best.language, best.position, best.title, best.heading, best.text, 1.0,
        titles={one.language: one.title for one in first}, texts={one.language: one.text for one in first},
    )  # fmt: skip


def whole(brand: Brand, best: Found) -> Found:
    """A found passage in every language its article has."""
    siblings = Passage.objects.filter(
        brand=brand, article_id=best.article, version=best.version, position=best.position
    )[:MOST_LANGUAGES]
    by_language = {passage.language: passage for passage in siblings}
    return Found(
        best.article, best.version, best.language, best.position, best.title, best.heading, best.text, best.confidence,
        titles={name: passage.title for name, passage in by_language.items()},
        texts={name: passage.text for name, passage in by_language.items()},
    )  # fmt: skip


def search(
    brand: Brand,
    question: str,
    *,
    language: str,
    on: date,
    embedder: Embedder | None = None,
    most: int = 3,
    fits: Fits | None = None,
) -> list[Found]:
    """The passages that fit best, best first, each article once. Reads the customer's language, or the brand's first
    when nothing is written in the customer's.

    embedder: when given, passages are also found and judged by meaning.
    """
    question = question[:LONGEST_QUESTION]
    asked = list(dict.fromkeys(rules.terms_of(question)))[: MOST_TERMS_ASKED * 4]
    language = _language(brand, language)
    known = _known_terms(brand, language, asked)
    total = known.pop(ALL, 0)
    if not total or not question.strip():
        return []
    vector = embedder.vectors([question])[0] if embedder else None
    close: dict[int, float] = {}
    if embedder is not None and vector is not None:
        close = meaning.nearest(brand, language, vector, embedder=embedder.name, total=total)
    ids = close.keys() or _by_terms(brand, language, known)
    best: dict[int, tuple[float, Passage]] = {}
    for passage in _PASSAGES.all(ids=list(ids), brand=brand.pk):
        if not _is_valid(passage.article, on) or (fits is not None and not fits(passage)):
            continue
        cosine = close.get(passage.pk)
        if cosine is None and embedder is not None and vector is not None and passage.embedder == embedder.name:
            cosine = likeness(vector, bytes(passage.vectors))
        score = _confidence(passage, asked, known, total, cosine)
        if passage.article_id not in best or score > best[passage.article_id][0]:
            best[passage.article_id] = (score, passage)
    ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].pk))[:most]
    return [
        Found(one.article_id, one.version, one.language, one.position, one.title, one.heading, one.text,
              min(1.0, max(0.0, score)))
        for score, one in ranked
    ]  # fmt: skip


def _is_valid(article: Article, on: date) -> bool:
    return not ((article.valid_from and on < article.valid_from) or (article.valid_until and on > article.valid_until))


def _confidence(
    passage: Passage, asked: Sequence[str], known: Mapping[str, int], total: int, cosine: float | None
) -> float:
    """Not yet cut to 0..1, so that the better of two sure ones still goes first."""
    examples = [rules.terms_of(line) for line in passage.asks.split("\n") if line] or [rules.terms_of(passage.heading)]
    same = max(rules.sameness(asked, example, known, total) for example in examples)
    if cosine is not None and cosine > NO_VECTOR:
        return meaning.confidence(cosine, same)
    return rules.confidence(rules.coverage(asked, rules.weighted_terms(passage), known, total), same)


_WRITTEN_IN = Prepared(
    lambda brand, languages: Term.objects.filter(brand=brand, language__in=languages, term=ALL, passages__gt=0),
    brand=-1, languages=["a language"],
)  # fmt: skip
_KNOWN_TERMS = Prepared(
    lambda brand, language, terms: Term.objects.filter(
        brand=brand, language=language, term__in=terms, passages__gt=0
    ),
    brand=-1, language="a language", terms=["a term"],
)  # fmt: skip
_PASSAGES = Prepared(
    lambda ids, brand: Passage.objects.filter(
        pk__in=ids, brand=brand, article__state=ArticleState.PUBLISHED
    ).select_related("article"),
    ids=[-2], brand=-1,
)  # fmt: skip


def _language(brand: Brand, language: str) -> str:
    wanted = [language, *(str(one) for one in brand.languages), "en"]
    have = {term.language for term in _WRITTEN_IN.all(brand=brand.pk, languages=wanted)}
    return next((one for one in wanted if one in have), language)


def _known_terms(brand: Brand, language: str, asked: Sequence[str]) -> dict[str, int]:
    known = _KNOWN_TERMS.all(brand=brand.pk, language=language, terms=[*asked, ALL])
    return {term.term: term.passages for term in known}


def _by_terms(brand: Brand, language: str, known: Mapping[str, int]) -> list[int]:
    """Ids of passages that have one of the rarest terms. The terms go in as parameters, each quoted as a lexeme, so
    nothing in a question is ever read as query syntax."""
    rarest = sorted(known, key=lambda term: (known[term], term))
    if not rarest:
        return []
    rare = [term for term in rarest if known[term] <= TOO_COMMON][:MOST_TERMS_ASKED]
    with connection.cursor() as cursor:
        if rare:
            lexemes = [lexeme(brand.pk, language, term) for term in rare]
            worths = [rules.worth(known[term], max(known.values())) for term in rare]
            cursor.execute(_BY_RARE_TERMS, [lexemes, worths, lexemes, MOST_CANDIDATES])
        else:
            lexemes = [lexeme(brand.pk, language, term) for term in rarest[:MOST_COMMON_TERMS]]
            cursor.execute(_BY_COMMON_TERMS, [lexemes, lexemes[:1], MOST_CANDIDATES])
        return [row[0] for row in cursor.fetchall()]


#: each of the rare terms, the passages with the worthiest of them first
_BY_RARE_TERMS = """
    SELECT id FROM knowledge_passage, unnest(%s::text[], %s::float8[]) AS asked (lexeme, worth)
    WHERE terms @@ array_to_string(array(SELECT quote_literal(l) FROM unnest(%s::text[]) l), ' | ')::tsquery
      AND terms @@ quote_literal(asked.lexeme)::tsquery
    GROUP BY id ORDER BY sum(asked.worth) DESC, id LIMIT %s
"""
#: nothing rare was asked: passages with all of the common terms, then any with the rarest of them. Unsorted on
#: purpose, for a sort would read them all
_BY_COMMON_TERMS = """
    SELECT id FROM knowledge_passage
    WHERE terms @@ array_to_string(array(SELECT quote_literal(l) FROM unnest(%s::text[]) l), ' & ')::tsquery
    UNION ALL
    SELECT id FROM knowledge_passage
    WHERE terms @@ array_to_string(array(SELECT quote_literal(l) FROM unnest(%s::text[]) l), ' & ')::tsquery
    LIMIT %s
"""
