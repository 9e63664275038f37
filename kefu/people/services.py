"""The verbs of this room: brands, customers in number, and who has a place at which desk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from kefu.kernel.errors import NotAllowed
from kefu.kernel.upsert import Tally, upsert
from kefu.people import events
from kefu.people.actors import SYSTEM, Actor, ActorKind
from kefu.people.models import Agent, Brand, Consent, Customer, Role, Seat
from kefu.people.signals import people_changed

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,48}")
_SIGN_IN_NAME = re.compile(r"[\w.@+-]{1,150}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")


@transaction.atomic
def upsert_customers(brand: Brand, wanted: Mapping[str, Mapping[str, Any]]) -> tuple[Tally, set[str]]:
    """Bring many customers to the state their shop says. wanted: the shop's id -> name, email, phone, language,
    country, tier, all normalised (contact.py). Returns the tally and the ids that were written."""
    existing = {
        customer.external_id or "": customer
        for customer in Customer.objects.select_for_update()
        .filter(brand=brand, external_id__in=list(wanted))
        .order_by("pk")
    }
    values = {key: {"external_id": key, **fields} for key, fields in wanted.items()}
    _, tally, written = upsert(Customer, values, existing, only_new={"brand": brand})
    return tally, written


def keep_consents(brand: Brand, wanted: Mapping[str, Sequence[Mapping[str, Any]]]) -> set[str]:
    """What customers have agreed to or taken back, as their shop tells it: the shop's id -> topic, is_given, at,
    source. Each is kept once; nothing is changed. Returns the ids that got something new."""
    named = {key: said for key, said in wanted.items() if said}
    if not named:
        return set()
    pks = dict(Customer.objects.filter(brand=brand, external_id__in=list(named)).values_list("external_id", "pk"))
    known = set(Consent.objects.filter(customer_id__in=pks.values()).values_list("customer_id", "topic", "at"))
    new = [
        (key, Consent(brand=brand, customer_id=pks[key], actor_kind=ActorKind.SYSTEM, **one))
        for key, said in named.items()
        for one in said
        if (pks[key], one["topic"], one["at"]) not in known
    ]
    new.sort(key=lambda each: each[1].at)  # the newest of a topic counts, and is the one with the highest id
    Consent.objects.bulk_create([row for _, row in new])
    return {key for key, _ in new}


@transaction.atomic
def add_brand(
    slug: str,
    name: str,
    *,
    languages: list[str],
    currency: str,
    country: str,
    time_zone: str,
    settings: Mapping[str, Any],
    pack: str = "ecommerce",
    by: Actor = SYSTEM,
) -> Brand:
    """A new shop to serve. settings: see docs/reference/import-format.md, "The brand's terms". Raises ValueError with
    the cure when the slug is taken or no slug, or a field cannot be right."""
    _require_system(by, "people.add_brand")
    if not _SLUG.fullmatch(slug):
        raise ValueError(f"{slug!r} is no short name; write lower-case letters, digits and hyphens: my-shop")
    _check_brand(name=name, languages=languages, currency=currency, country=country, time_zone=time_zone)
    if Brand.objects.filter(slug=slug).exists():
        raise ValueError(f"there is a brand {slug!r} already")
    brand = Brand.objects.create(
        slug=slug, name=name, pack=pack, languages=languages, currency=currency, country=country,
        time_zone=time_zone, settings=dict(settings),
    )  # fmt: skip
    people_changed.send(sender=Brand, brand=brand, kind=events.BRAND_ADDED, by=by, facts={"slug": slug})
    return brand


@transaction.atomic
def change_brand(brand: Brand, *, by: Actor, settings: Mapping[str, Any] | None = None, **fields: Any) -> Brand:
    """Change name, languages, currency, country or time_zone, and single settings: {"terms": {"return_days": 14}}
    leaves the other terms as they are. What is as before is not written. Raises ValueError as add_brand."""
    _require(by, "people.edit", brand)
    brand = Brand.objects.select_for_update().get(pk=brand.pk)
    _check_brand(**fields)
    changed = [name for name, value in fields.items() if getattr(brand, name) != value]
    for name in changed:
        setattr(brand, name, fields[name])
    for name, value in (settings or {}).items():
        new = {**brand.settings.get(name, {}), **value} if isinstance(value, Mapping) else value
        if brand.settings.get(name) != new:
            brand.settings[name] = new
            changed.append(name)
    if changed:
        brand.save()
        people_changed.send(
            sender=Brand, brand=brand, kind=events.BRAND_CHANGED, by=by, facts={"changed": sorted(changed)}
        )
    return brand


@transaction.atomic
def keep_setting(brand: Brand, *, name: str, value: str | int, by: Actor, right: str) -> Brand:
    """One setting that another room keeps with the brand, under that room's own right, so that everybody who has read
    the brand knows it without asking further. Raises NotAllowed."""
    _require(by, right, brand)
    brand = Brand.objects.select_for_update().get(pk=brand.pk)
    brand.settings[name] = value
    brand.save(update_fields=["settings"])
    people_changed.send(sender=Brand, brand=brand, kind=events.BRAND_CHANGED, by=by, facts={"changed": [name]})
    return brand


def _check_brand(
    *, name: str = "-", languages: list[str] | None = None, currency: str = "EUR", country: str = "DE",
    time_zone: str = "UTC",
) -> None:  # fmt: skip
    if not name.strip() or len(name) > 120:
        raise ValueError("a brand needs a name of at most 120 letters")
    if languages is not None and not (languages and all(_LANGUAGE.fullmatch(one) for one in languages)):
        raise ValueError(f"{languages!r} are no languages; write codes like en, zh")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError(f"{currency!r} is no currency; write its three letters, like EUR")
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise ValueError(f"{country!r} is no country; write its two letters, like DE")
    if time_zone not in available_timezones():
        raise ValueError(f"{time_zone!r} is no time zone; write it like Europe/Berlin")


@transaction.atomic
def add_account(sign_in_name: str, *, shown_name: str, password: str, language: str, by: Actor) -> Agent:
    """A person who can sign in; without a seat they see nothing. Raises ValueError with the cure."""
    _require_system(by, "people.add_account")
    if not _SIGN_IN_NAME.fullmatch(sign_in_name):
        raise ValueError(f"{sign_in_name!r} cannot be signed in with; write letters, digits and . @ + - _ only")
    if User.objects.filter(username__iexact=sign_in_name).exists():
        raise ValueError(f"there is somebody called {sign_in_name!r} already")
    user = User(username=sign_in_name, email=sign_in_name if "@" in sign_in_name else "")
    _check_password(password, user)
    user.set_password(password)
    user.save()
    return Agent.objects.create(
        user=user, name=(shown_name.strip() or sign_in_name)[:120], interface_language=language[:8]
    )


@transaction.atomic
def seat_agent(agent: Agent, brand: Brand, *, role: str, by: Actor) -> Seat:
    """A place at the brand's desk, or another role there. The same again changes nothing."""
    _require(by, "people.edit", brand)
    seat, is_new = Seat.objects.select_for_update().get_or_create(
        agent=agent, brand=brand, defaults={"role": Role(role)}
    )
    was = "" if is_new else seat.role
    if was != role:
        seat.role = Role(role)
        seat.save(update_fields=["role"])
        facts = {"agent": agent.pk, "name": agent.name, "role": str(role), "was": was}
        people_changed.send(sender=Brand, brand=brand, kind=events.AGENT_SEATED, by=by, facts=facts)
    return seat


@transaction.atomic
def unseat_agent(agent: Agent, brand: Brand, *, by: Actor) -> None:
    """Take the place at this brand's desk away; from this moment nothing of the brand is seen. Without one, nothing
    changes. Conversations that were theirs stay in their name until a supervisor takes them."""
    _require(by, "people.edit", brand)
    seat = Seat.objects.select_for_update().filter(agent=agent, brand=brand).first()
    if seat is None:
        return
    facts = {"agent": agent.pk, "name": agent.name, "role": seat.role}
    seat.delete()
    people_changed.send(sender=Brand, brand=brand, kind=events.AGENT_UNSEATED, by=by, facts=facts)


@transaction.atomic
def change_password(agent: Agent, password: str, *, by: Actor) -> None:
    """A new password; whoever is signed in with the old one is signed out. Raises ValueError with the cure.

    An account may sit at several brands' desks, so no brand's administrator changes it: the operator does.
    """
    _require_system(by, "people.change_password")
    _check_password(password, agent.user)
    agent.user.set_password(password)
    agent.user.save(update_fields=["password"])
    for seat in agent.seats.select_related("brand")[:100]:
        facts = {"agent": agent.pk, "name": agent.name}
        people_changed.send(sender=Brand, brand=seat.brand, kind=events.PASSWORD_CHANGED, by=by, facts=facts)


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise ValueError(" ".join(problem.messages)) from None


def _require(by: Actor, right: str, brand: Brand) -> None:
    if not by.may(right, brand_id=brand.pk):
        raise NotAllowed(right=right, who=by.name or by.kind.value)


def _require_system(by: Actor, right: str) -> None:
    """What concerns more than one brand is the operator's alone."""
    if by.kind is not ActorKind.SYSTEM:
        raise NotAllowed(right=right, who=by.name or by.kind.value)


@transaction.atomic
def change_address(customer: Customer, *, address: Mapping[str, str], by: Actor) -> Customer:
    """Where this customer's parcels go from now on. address: name, street, street2, city, region, postcode, country, as
    far as they are known. The same again changes nothing; what it was is not kept."""
    by.require("people.contact", on=customer)
    customer = Customer.objects.select_for_update().select_related("brand").get(pk=customer.pk)
    known = {part: value for part, value in address.items() if value}
    if customer.address == known:
        return customer
    customer.address = known
    customer.save(update_fields=["address"])
    facts = {"customer": customer.pk, "changed": ["address"]}
    people_changed.send(sender=Customer, brand=customer.brand, kind=events.CUSTOMER_CHANGED, by=by, facts=facts)
    return customer
