"""What the knowledge room can refuse."""

from __future__ import annotations

from kefu.kernel.errors import BadInput, Refused


class ArticleExists(Refused):
    """This brand has an article of that name already. Revise it, or choose another name."""

    code = "knowledge.article_exists"
    slug: str


class NothingToPublish(Refused):
    """The article says nothing in any language. Write its text first."""

    code = "knowledge.nothing_to_publish"
    slug: str


class BadArticle(BadInput):
    """The article's file or text cannot be used. The problem names file, line and cure."""

    code = "knowledge.bad_article"
    problem: str
