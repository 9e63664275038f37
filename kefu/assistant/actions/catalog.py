"""Answering a question about a product from its attributes."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.people.models import Brand


@dataclass(frozen=True, slots=True)
class CatalogueAnswer:
    text: dict[str, str]
    title: dict[str, str]
    row: str


def answer(brand: Brand, question: str, *, language: str) -> CatalogueAnswer | None:
    return None
