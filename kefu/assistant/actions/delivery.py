"""Questions that name a country: answered from the shop's list of countries, and by passages that speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kefu.assistant.actions.catalog.answering import wordings
from kefu.assistant.actions.catalog.asking import asking_of
from kefu.assistant.actions.catalog.kinds import kinds_in
from kefu.assistant.actions.catalog.phrases import Phrases, by_language, knowledge_file
from kefu.knowledge.places import Places, countries_in, country_name, places_in, without_countries
from kefu.knowledge.queries import Found
from kefu.knowledge.rules import terms_of
from kefu.people.models import Brand

#: the article that lists the countries carries this tag; articles with one of PLACED differ from country to country
COUNTRIES, CUSTOMS = "countries", "customs"
PLACED = frozenset({"shipping", "returns"})
#: letters beside a country's name in a question that is nothing but the next country: "and to Spain?", 那爱尔兰呢
FEW_LETTERS = 4
#: characters of a question that may be a part of the one before
SHORT = 45
MOST_COUNTRIES = 5


@dataclass(frozen=True, slots=True)
class CountryQuestion:
    """countries: those asked about, ISO codes. is_delivery: whether it is about sending something there."""

    countries: frozenset[str]
    is_delivery: bool
    is_whether: bool
    is_bare: bool
    goes_back: bool
    #: tags of the articles that answer what is asked of these countries, e.g. ("cost", "time")
    topics: tuple[str, ...] = ()


def country_question(brand: Brand, question: str, *, before: str = "") -> CountryQuestion | None:
    """None where no country is named. before: the question before this one; "and how long does it take?" after one
    about France is about France."""
    countries = countries_in(question)
    if not countries:
        goes_on = len(question) <= SHORT and _group(brand.pack, "continues").in_text(question)
        countries = countries_in(before) if goes_on and not kinds_in(brand.pack, question) else frozenset()
        question = f"{before} {question}"
    if not countries:
        return None
    is_bare = _is_bare(brand.pack, question)
    goes_back = _group(brand.pack, "going_back").in_text(question)
    topics = tuple(topic for topic, words in _topics(brand.pack) if words.in_text(question))
    is_delivery = CUSTOMS in topics or _group(brand.pack, "delivery").in_text(question)
    return CountryQuestion(
        frozenset(sorted(countries)[:MOST_COUNTRIES]),
        is_delivery=is_bare or (is_delivery and not goes_back),
        is_whether=_group(brand.pack, "whether").in_text(question),
        is_bare=is_bare,
        goes_back=goes_back,
        topics=(CUSTOMS,) if CUSTOMS in topics else topics,  # "customs fees" are no delivery costs
    )


def may_answer(asked: CountryQuestion, tags: list[str], text: str) -> bool:
    """Whether a passage speaks of every country asked about, if it differs from country to country at all."""
    if not PLACED & set(tags):
        return True
    if asked.goes_back and "shipping" in tags:
        return False
    places = _places(text)
    return all(places.speak_of(country) for country in asked.countries)


def not_delivered(brand: Brand, asked: CountryQuestion, table: Found) -> frozenset[str]:
    """Countries asked about that the shop's list doesn't have."""
    listed = frozenset().union(*(_places(text).countries for text in table.texts.values()))
    return asked.countries - listed if listed else frozenset()


def told_first(brand: Brand, key: str, countries: frozenset[str], texts: dict[str, str]) -> dict[str, str]:
    """A sentence about these countries before a passage, in every language."""
    told = {}
    for language, wording in wordings(brand).items():
        if language not in texts:
            continue
        names = [country_name(code, language, with_article=True) for code in sorted(countries)]
        said = wording.text(key, {"country": {"any": names} if key.endswith("not_there") else names})
        told[language] = f"{said}{'' if language in ('zh', 'ja') else ' '}{texts[language]}"
    return told


@lru_cache(maxsize=512)
def _places(text: str) -> Places:
    return places_in(text)


def _is_bare(pack: str, question: str) -> bool:
    terms = terms_of(asking_of(pack).fillers.without(without_countries(question)))
    letters = sum(1 if char.isascii() else FEW_LETTERS + 1 for term in terms for char in term)
    return letters <= FEW_LETTERS and len(question) <= SHORT


@lru_cache(maxsize=8)
def _topics(pack: str) -> tuple[tuple[str, Phrases], ...]:
    told = knowledge_file(pack, "asking").get("topics") or {}
    return tuple((str(tag), Phrases((word, str(tag)) for word in by_language(words))) for tag, words in told.items())


@lru_cache(maxsize=16)
def _group(pack: str, name: str) -> Phrases:
    words = knowledge_file(pack, "asking").get(name) or {}
    return Phrases((word, name) for word in by_language(words))
