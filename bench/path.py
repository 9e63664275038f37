"""The whole path and the inbox, at 100,000 conversations in the database, with the processes that `kefu up` starts."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from typing import Any

from django.db import connection
from django.test import Client

from bench.ports import free_port
from bench.report import Table, milliseconds, percentiles
from bench.seed import seed_conversations
from bench.whole_path import Load, Measured
from kefu.channels.chat.identity import signature
from kefu.channels.services import create_channel, secrets_of
from kefu.command.department import Department
from kefu.demo.shop import load_demo
from kefu.desk.models import Channel, Conversation, Message
from kefu.kernel import clock
from kefu.people.actors import SYSTEM
from kefu.people.models import Agent, Brand, Customer, Role, Seat

CONVERSATIONS = int(os.environ.get("KEFU_BENCH_CONVERSATIONS", "100000"))
TALKS = 120
#: no brake in a bench: every message comes from this one machine
_UNBRAKED = {deed: {who: [600_000, 600_000] for who in ("visitor", "ip", "channel")}
             for deed in ("start", "message", "file", "read")}  # fmt: skip


def tables() -> list[Table]:
    brand = _shop()
    channel = _channel(brand)
    if not Conversation.objects.filter(channel=channel).exists():
        seed_conversations(brand, channel, count=CONVERSATIONS)
    return [_inbox(brand), *_whole_path(brand, channel)]


def _shop() -> Brand:
    return Brand.objects.filter(slug="lumen").first() or load_demo()[0]


def _channel(brand: Brand) -> Channel:
    known = Channel.objects.filter(brand=brand, kind="chat", name="Bench").first()
    channel = known or create_channel(brand, kind="chat", name="Bench", settings={}, by=SYSTEM)
    channel.settings = {**channel.settings, "rates": _UNBRAKED}
    channel.save(update_fields=["settings"])
    return channel


def _identities(brand: Brand, channel: Channel, count: int) -> list[dict[str, Any]]:
    """Signed identities of customers who have ordered lately."""
    buyers = Customer.objects.filter(brand=brand, external_id__isnull=False, orders__isnull=False).distinct()
    exp = int(clock.now().timestamp()) + 3600
    secret = secrets_of(channel)["identity"]
    made = []
    for buyer in buyers.order_by("pk")[:count]:
        fields: dict[str, Any] = {
            "customer": buyer.external_id, "email": buyer.email, "name": buyer.name, "exp": exp
        }  # fmt: skip
        made.append(fields | {"signature": signature(secret, channel=str(channel.public_id), **fields)})
    return made


def _inbox(brand: Brand) -> Table:
    """Pages of the inbox through the whole of Django, signed in as an agent."""
    from django.contrib.auth.models import User

    user, _ = User.objects.get_or_create(username="bench")
    agent, _ = Agent.objects.get_or_create(user=user, defaults={"name": "Bench"})
    Seat.objects.get_or_create(agent=agent, brand=brand, defaults={"role": Role.SUPERVISOR})
    client = Client()
    client.force_login(user)
    rows = []
    for label, url in [
        ("all", "/desk/?list=all"),
        ("waiting for a person", "/desk/?list=unassigned"),
        ("waiting for the customer", "/desk/?list=pending"),
        ("mine", "/desk/?list=mine"),
    ]:
        waits = []
        for n in range(60):
            began = time.perf_counter()
            answer = client.get(url)
            if n >= 10:  # the first ones load templates and catalogues
                waits.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise RuntimeError(f"{url} answered {answer.status_code}")
        rows.append([label, *percentiles(waits)])
    total = Conversation.objects.filter(brand=brand).count()
    return Table(
        f"Inbox page at {total:,} conversations", ["list", "p50", "p95", "p99"], rows,
        ["Server time of the whole page, one request at a time. Bar: p95 < 100 ms."],
    )  # fmt: skip


def _whole_path(brand: Brand, channel: Channel) -> list[Table]:
    connection.close()
    port = free_port()
    with Department(port=port, events_port=free_port(), mail=False) as department:
        department.wait_until_ready()
        load = Load(
            url=f"http://localhost:{port}",
            database_url=os.environ["DATABASE_URL"],
            channel=str(channel.public_id),
            identities=_identities(brand, channel, TALKS),
        )
        began = clock.now()
        ten, most = asyncio.run(_loads(load))
    parts = _parts(channel, since=began)
    rows = [_row("10 messages/s, evenly", ten), _row("as many as go (40 talks at once)", most)]
    path = Table(
        "Whole path: POST accepted → reply committed",
        ["load", "messages", "messages/s", "p50", "p95", "p99", "unanswered"],
        rows, ["Seen from outside: from sending the POST to hearing the commit of the reply. "
               "Bars: ≥ 60 messages/s sustained; p95 < 1 s at 10 messages/s. The load runs on the same two cores."],
    )  # fmt: skip
    return [path, parts]


async def _loads(load: Load) -> tuple[Measured, Measured]:
    await load.open()
    try:
        await load.at_rate(5, seconds=8)  # models and connections warm up
        ten = await load.at_rate(10, seconds=45)
        most = await load.flat_out(at_once=40, messages=2000)
    finally:
        await load.close()
    return ten, most


def _row(label: str, measured: Measured) -> list[str]:
    return [label, str(len(measured.waits)), f"{measured.rate:.1f}", *percentiles(measured.waits), str(measured.lost)]


def _parts(channel: Channel, *, since: Any) -> Table:
    """Where the time goes, from what each reply says of itself."""
    replies = Message.objects.filter(channel=channel, author="assistant", created_at__gte=since).exclude(why={})
    times = [why["timing"] for why in replies.values_list("why", flat=True) if "timing" in why]
    if not times:
        return Table("Where the time goes", not_run="no reply of the assistant in the load")
    rows = []
    for name, label in [("understanding_ms", "understanding"), ("rest_ms", "facts, playbooks, actions, reply")]:
        values = [one[name] / 1000 for one in times]
        rows.append([label, milliseconds(statistics.mean(values)), *percentiles(values)])
    return Table(
        "Where the time goes in a turn", ["part", "mean", "p50", "p95", "p99"], rows,
        ["Under the loads above, so waiting for a core is in it. The rest of a message's time is the way in (HTTP, one "
         "transaction) and the queue."],
    )  # fmt: skip
