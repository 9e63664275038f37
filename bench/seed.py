"""A database with a past: 100,000 conversations made inside PostgreSQL, fast enough to bench against."""

from __future__ import annotations

import time

from django.db import connection

from kefu.desk.models import Channel
from kefu.people.models import Brand

#: kinds of snippets, so that lists do not show the same line a hundred thousand times
_SAID = [
    "Where is my parcel? It was promised for last week.",
    "The blue jacket is too small, can I send it back?",
    "快递三天没动了，帮我查一下",
    "Please cancel order KF-2210, I ordered the wrong size.",
    "这件冲锋衣防水吗？",
    "Do you ship to Norway and what does it cost?",
]


def seed_conversations(brand: Brand, channel: Channel, *, count: int) -> float:
    """`count` conversations of two messages and a few events each, spread over a year. Returns seconds.

    Owners and states as a busy desk has them: most closed, some pending, a few hundred waiting for a person.
    """
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE desk_event DISABLE TRIGGER desk_event_announce")
        try:
            cursor.execute(_CUSTOMERS, {"brand": brand.pk, "count": count})
            cursor.execute(_CONVERSATIONS, {"brand": brand.pk, "channel": channel.pk, "count": count, "said": _SAID})
            cursor.execute(_MESSAGES, {"channel": channel.pk, "said": _SAID})
            cursor.execute(_EVENTS, {"channel": channel.pk})
            cursor.execute(
                "INSERT INTO desk_counter (brand_id, last) VALUES (%s, %s) "
                "ON CONFLICT (brand_id) DO UPDATE SET last = GREATEST(desk_counter.last, EXCLUDED.last)",
                [brand.pk, 1_000_000 + count],
            )
        finally:
            cursor.execute("ALTER TABLE desk_event ENABLE TRIGGER desk_event_announce")
        cursor.execute("ANALYZE")
    return time.perf_counter() - began


_CUSTOMERS = """
WITH people AS (
    INSERT INTO people_customer (brand_id, public_id, name, email, phone, language, country, address, tier,
        created_at)
    SELECT %(brand)s, gen_random_uuid(), 'Visitor ' || n, 'visitor' || n || '@bench.example', '', 'en', 'DE', '{}', '',
        now()
    FROM generate_series(1, %(count)s / 5) AS n RETURNING id, email
)
INSERT INTO people_identity (brand_id, channel_kind, address, customer_id, created_at)
SELECT %(brand)s, 'chat', email, id, now() FROM people
"""

_CONVERSATIONS = """
WITH who AS (
    SELECT id AS identity_id, customer_id, row_number() OVER () AS place FROM people_identity
    WHERE brand_id = %(brand)s AND channel_kind = 'chat' AND address LIKE 'visitor%%@bench.example'
)
INSERT INTO desk_conversation (brand_id, number, public_id, channel_id, identity_id, customer_id, subject, language,
    status, owner, queue, priority, verification, memory, snippet, created_at, last_message_at, waiting_since,
    unread_by_customer)
SELECT %(brand)s, 1000000 + n, gen_random_uuid(), %(channel)s, who.identity_id, who.customer_id, '', 'en',
    CASE WHEN n %% 20 < 16 THEN 'closed' WHEN n %% 20 < 19 THEN 'pending' ELSE 'open' END,
    CASE WHEN n %% 200 = 19 THEN 'queue' ELSE 'assistant' END, CASE WHEN n %% 200 = 19 THEN 'support' ELSE '' END,
    0, 0, '{}', (%(said)s::text[])[1 + n %% 6],
    now() - (n * interval '5 minutes'), now() - (n * interval '5 minutes'),
    CASE WHEN n %% 200 = 19 THEN now() - (n * interval '5 minutes') END, 0
FROM generate_series(1, %(count)s) AS n JOIN who ON who.place = 1 + n %% (%(count)s / 5)
"""

_MESSAGES = """
INSERT INTO desk_message (brand_id, conversation_id, channel_id, public_id, external_id, kind, author, text, html,
    language, extras, why, created_at, turned_at)
SELECT brand_id, id, channel_id, gen_random_uuid(),
    CASE WHEN who = 'customer' THEN 'bench-' || id END, 'message', who,
    CASE WHEN who = 'customer' THEN snippet ELSE 'Your parcel is on its way and should arrive on Thursday.' END,
    '', 'en', '{}', '{}', created_at, created_at
FROM desk_conversation, unnest(ARRAY['customer', 'assistant']) AS who WHERE channel_id = %(channel)s
"""

_EVENTS = """
INSERT INTO desk_event (brand_id, kind, actor_kind, actor_name, conversation_id, customer_id, message_id, facts, at)
SELECT m.brand_id, CASE WHEN m.author = 'customer' THEN 'desk.message_received' ELSE 'desk.message_sent' END,
    m.author, '', m.conversation_id, c.customer_id, m.id, '{}', m.created_at
FROM desk_message m JOIN desk_conversation c ON c.id = m.conversation_id WHERE m.channel_id = %(channel)s
"""
