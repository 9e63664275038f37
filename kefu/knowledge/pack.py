"""Articles that come with a pack: packs/<pack>/knowledge/<language>/<slug>.md, Markdown with YAML front matter.

Numbers of the brand's terms are filled in: {return_days} becomes 30 where the brand's settings say so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from django.conf import settings
from django.db import transaction

from kefu.kernel import yaml_text
from kefu.knowledge.errors import BadArticle
from kefu.knowledge.models import Article, ArticleState, ArticleVersion
from kefu.knowledge.sections import sections_of
from kefu.knowledge.services import create_article, publish_article, revise_article, texts_to_embed
from kefu.knowledge.vectors import Embedder, ShippedVectors, ship
from kefu.people.actors import SYSTEM, Actor
from kefu.people.models import Brand

#: what stands in for a term that the brand's settings leave out
DEFAULT_TERMS: dict[str, int | str] = {"return_days": 30, "refund_days": 5, "return_parcel_days": 14}
VECTORS = "vectors.npz"
FIELDS = ("title", "tags", "source", "valid_from", "valid_until")
_TERM = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class PackArticle:
    """One file. `body` still has its {terms}."""

    title: str
    body: str
    tags: tuple[str, ...]
    source: str
    valid_from: date | None
    valid_until: date | None


def load_pack_articles(
    brand: Brand, *, by: Actor = SYSTEM, embedder: Embedder | None = None, folder: Path | None = None
) -> list[Article]:
    """Bring the pack's articles into a brand, published. Running it again changes only what the files have changed;
    an article that people have revised since is left to them.

    Found by meaning too, with the vectors the pack ships; embedder: for texts that it does not. folder: instead of
    the brand's pack. Raises BadArticle with all faults.
    """
    folder = folder or _folder(brand.pack)
    written = read_pack(folder)
    if (folder / VECTORS).exists():
        embedder = ShippedVectors(folder / VECTORS, otherwise=embedder)
    terms = {**DEFAULT_TERMS, **brand.settings.get("terms", {})}
    with transaction.atomic():
        Brand.objects.select_for_update().get(pk=brand.pk)  # two loads at once take turns
        known = {article.slug: article for article in Article.objects.filter(brand=brand, slug__in=written)}
        newest = {
            version.article_id: version
            for version in ArticleVersion.objects.filter(article__in=known.values()).order_by("article", "number")
        }
        return [
            _bring_in(brand, slug, files, known.get(slug), newest, terms=terms, by=by, embedder=embedder)
            for slug, files in sorted(written.items())
        ]


def ship_vectors(pack: str, embedder: Embedder) -> int:
    """Write the pack's vectors.npz anew, after its articles have changed; how many texts."""
    texts: dict[str, None] = {}
    for slug, files in read_pack(_folder(pack)).items():
        for file in files.values():
            for section in sections_of(file.title, _with_terms(file.body, DEFAULT_TERMS, slug)):
                texts.update(dict.fromkeys(texts_to_embed(file.title, section)))
    ship(_folder(pack) / VECTORS, list(texts), embedder)
    return len(texts)


def _folder(pack: str) -> Path:
    return Path(settings.PACKS_DIR) / pack / "knowledge"


def _bring_in(
    brand: Brand,
    slug: str,
    files: Mapping[str, PackArticle],
    article: Article | None,
    newest: Mapping[int, ArticleVersion],
    *,
    terms: Mapping[str, int | str],
    by: Actor,
    embedder: Embedder | None,
) -> Article:
    titles = {language: file.title for language, file in files.items()}
    bodies = {language: _with_terms(file.body, terms, slug) for language, file in files.items()}
    first = next(iter(files.values()))
    if article is None:
        article = create_article(
            brand, slug=slug, titles=titles, bodies=bodies, by=by, tags=first.tags, source=first.source,
            valid_from=first.valid_from, valid_until=first.valid_until,
        )  # fmt: skip
        return publish_article(article, by=by, embedder=embedder)
    version = newest[article.pk]
    if (version.titles, version.bodies) == (titles, bodies) or version.actor_kind == "agent":
        return article
    revise_article(article, titles=titles, bodies=bodies, by=by)
    return publish_article(article, by=by, embedder=embedder) if article.state == ArticleState.PUBLISHED else article


def _with_terms(body: str, terms: Mapping[str, int | str], slug: str) -> str:
    def fill(found: re.Match[str]) -> str:
        if found.group(1) not in terms:
            raise BadArticle(
                problem=f"{slug}: no term is called {found.group(1)}; known are {', '.join(sorted(terms))}"
            )
        return str(terms[found.group(1)])

    return _TERM.sub(fill, body)


def read_pack(folder: Path) -> dict[str, dict[str, PackArticle]]:
    """All files as slug -> language -> article. Raises BadArticle naming each file, line and cure."""
    faults: list[str] = []
    found: dict[str, dict[str, PackArticle]] = {}
    for file in sorted(folder.glob("*/*.md")):
        try:
            found.setdefault(file.stem, {})[file.parent.name] = _read(file)
        except (ValueError, UnicodeDecodeError) as error:
            faults.append(f"{file.parent.name}/{file.name}: {error}")
    languages = {language for files in found.values() for language in files}
    for slug, files in sorted(found.items()):
        faults += [f"{language}/{slug}.md: is missing; write it" for language in sorted(languages - files.keys())]
        counts = {language: file.body.count("\n## ") for language, file in files.items()}
        if len(set(counts.values())) > 1:
            faults.append(
                f"{slug}.md: sections differ ({counts}); each language needs the same ones, in the same order"
            )
    if faults:
        raise BadArticle(problem="\n".join(faults))
    return found


def _read(file: Path) -> PackArticle:
    text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    if not text.startswith("---\n") or "\n---\n" not in text:
        raise ValueError('line 1: begin with front matter: "---", "title: …", "---"')
    head, _, body = text[4:].partition("\n---\n")
    try:
        fields = yaml_text.load(head) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"line {mark.line + 2 if mark else 2}: the front matter is not YAML; mend it") from None
    if not isinstance(fields, dict) or not str(fields.get("title") or "").strip():
        raise ValueError("line 2: the title is missing; add title: …")
    if unknown := sorted(set(fields) - set(FIELDS)):
        raise ValueError(f"line 2: unknown field {', '.join(unknown)}; known are {', '.join(FIELDS)}")
    for name in ("valid_from", "valid_until"):
        if fields.get(name) is not None and not isinstance(fields[name], date):
            raise ValueError(f"line 2: {name} must be a day like 2026-03-01")
    if not body.strip():
        raise ValueError("the text is missing; write it below the front matter")
    return PackArticle(
        title=str(fields["title"]).strip(), body="\n" + body.strip() + "\n",
        tags=tuple(str(tag) for tag in fields.get("tags") or ()), source=str(fields.get("source") or ""),
        valid_from=fields.get("valid_from"), valid_until=fields.get("valid_until"),
    )  # fmt: skip
