"""The course of one parcel, by its fate."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from kefu.demo.pack import declared

#: fate -> share in a hundred orders
FATES = {
    "plain": 74.0,
    "late": 6.0,
    "customs_held": 5.0,
    "split": 5.0,
    "cancelled": 4.0,
    "not_at_home": 2.5,
    "damaged": 1.5,
    "unpaid": 1.0,
    "lost": 0.6,
    "refused": 0.4,
}


@dataclass(frozen=True, slots=True)
class Step:
    """code: a TrackingCode."""

    at: datetime
    code: str
    place: str


def course(fate: str, country: str, city: str, packs_at: datetime, rng: random.Random) -> list[Step]:
    """Every step of a parcel from label to end, oldest first; packs_at: when its label is printed."""
    declared_here = declared("shipping")
    hub, way = declared_here["hub"], declared_here["countries"][country]
    # one label in four misses the day's collection
    waits = rng.randint(5, 9) + (24 if rng.random() < 0.25 else 0)
    picked_at = packs_at + timedelta(hours=waits, minutes=rng.randrange(60))
    days = rng.uniform(*way["transit"])
    if fate == "late":
        days = way["promise"] + rng.uniform(1, 9)
    steps = [Step(packs_at, "label_created", hub), Step(picked_at, "picked_up", hub)]
    gateway_at = picked_at + timedelta(days=days * 0.4)
    is_abroad = country != "DE"
    steps.append(Step(gateway_at, "arrived_country" if is_abroad else "in_transit", way["gateway"]))
    cleared_at = gateway_at
    if way.get("is_customs"):
        cleared_at = _customs(steps, fate, gateway_at, way["gateway"], rng)
    if fate == "lost":
        steps.append(Step(cleared_at + timedelta(days=rng.randint(14, 21)), "lost", way["gateway"]))
        return steps
    near_at = cleared_at + timedelta(days=days * 0.4)
    steps.append(Step(near_at, "exception_damaged" if fate == "damaged" else "in_transit", city))
    # a damaged parcel is examined before it goes on
    out_at = _next_morning(near_at + timedelta(days=rng.randint(5, 12) if fate == "damaged" else 0), rng)
    steps.append(Step(out_at, "out_for_delivery", city))
    # one van in twelve does not get round in a day
    day_more = 24 if rng.random() < 1 / 12 else 0
    rings_at = out_at + timedelta(hours=rng.randint(1, 7) + day_more, minutes=rng.randrange(60))
    if fate == "refused":
        steps += [Step(rings_at, "delivery_failed", city), Step(rings_at + timedelta(days=7), "returning", city)]
        return steps
    if fate == "not_at_home":
        steps.append(Step(rings_at, "delivery_failed", city))
        out_at = _next_morning(rings_at, rng)
        steps.append(Step(out_at, "out_for_delivery", city))
        rings_at = out_at + timedelta(hours=rng.randint(1, 7), minutes=rng.randrange(60))
    steps.append(Step(rings_at, "delivered", city))
    return steps


def _customs(steps: list[Step], fate: str, at: datetime, place: str, rng: random.Random) -> datetime:
    """The way through customs; returns when the parcel is free."""
    in_at = at + timedelta(hours=rng.randint(3, 14))
    steps.append(Step(in_at, "customs_in", place))
    free_at = in_at + timedelta(hours=rng.randint(6, 30))
    if fate == "customs_held":
        steps.append(Step(free_at, "customs_held", place))
        free_at += timedelta(days=rng.randint(3, 12))
    steps.append(Step(free_at, "customs_released", place))
    return free_at


def _next_morning(at: datetime, rng: random.Random) -> datetime:
    return (at + timedelta(days=1)).replace(hour=rng.randint(6, 8), minute=rng.randrange(60))
