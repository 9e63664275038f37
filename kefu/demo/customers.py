"""Customers from lists of names and towns: records of the import format, with the address they order to."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from typing import Any

import phonenumbers

from kefu.demo.pack import declared

Json = Any
#: names that no provider hands out. Source: RFC 2606
MAIL_HOSTS = ("example.com", "example.org", "example.net")
_LETTERS = "ABCDEGHJKLMNPRSTVXZ"
_PLAIN = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer record and where their parcels go."""

    record: Json
    postcode: str
    address: Json


def buyers(brand: Json) -> list[Buyer]:
    """As many as the brand declares, spread over countries by their shares."""
    rng = random.Random(f"{brand['slug']}:customers")
    countries = declared("people")
    shares = [country["share"] for country in countries]
    chosen = rng.choices(countries, shares, k=brand["customers"])
    return [_buyer(country, number, rng) for number, country in enumerate(chosen, 1)]


def _buyer(country: Json, number: int, rng: random.Random) -> Buyer:
    given, family = rng.choice(country["given"]), rng.choice(country["family"])
    is_chinese = country["country"] == "CN"
    given_shown, _, given_latin = given.partition(":")
    family_shown, _, family_latin = family.partition(":")
    name = f"{family_shown}{given_shown}" if is_chinese else f"{given} {family}"
    mail = f"{_ascii(given_latin or given)}.{_ascii(family_latin or family)}{number}@{rng.choice(MAIL_HOSTS)}"
    town = rng.choice(country["towns"])
    record = {
        "id": f"C-{20000 + number}",
        "name": name,
        "email": mail,
        "phone": _phone(country, town, rng),
        "language": country["language"],
        "country": country["country"],
        "tier": rng.choices(["", "vip"], [95, 5])[0],
    }
    street = rng.choice(country["streets"])
    address = {"name": name, "street": _street(country["country"], street, rng), "city": town["city"]}
    if region := town.get("region"):
        address["region"] = region
    return Buyer(record, _pattern(town["postcode"], rng), address)


def _street(country: str, street: str, rng: random.Random) -> str:
    house = rng.randint(1, 180)
    if country == "CN":
        return f"{street} {house} 号 {rng.randint(1, 24)}0{rng.randint(1, 6)} 室"
    return f"{house} {street}" if country in ("GB", "US", "FR") else f"{street} {house}"


def _pattern(pattern: str, rng: random.Random) -> str:
    draws = {"#": "0123456789", "!": "123456789", "?": _LETTERS}
    return "".join(rng.choice(draws[sign]) if sign in draws else sign for sign in pattern)


def _phone(country: Json, town: Json, rng: random.Random) -> str:
    """A mobile number that is valid there; where numbers kept for fiction are valid (US: 555-01xx), one of those."""
    code = phonenumbers.country_code_for_region(country["country"])
    begin, rest = town.get("mobile") or country["mobile"]
    for _ in range(50):
        digits = _pattern(rest if isinstance(rest, str) else "#" * rest, rng)
        number = f"+{code}{_pattern(begin, rng)}{digits}"
        if phonenumbers.is_valid_number(phonenumbers.parse(number)):
            return number
    raise ValueError(f"people.yaml: no valid number begins with {begin} in {country['country']}")


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN)).encode("ascii", "ignore").decode()
    return "".join(sign for sign in plain if sign.isalnum())
