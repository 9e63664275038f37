"""Somebody who looks around in the demo shop, through the real turn."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from kefu.assistant.turn.run import take_turn
from kefu.assistant.understanding.meaning import embedder
from kefu.commerce.exchange import Importer
from kefu.demo.catalogue import product_records
from kefu.demo.pack import declared
from kefu.desk.inbound import Inbound
from kefu.desk.models import Channel, Message
from kefu.desk.services import receive_message
from kefu.kernel.ids import new_id
from kefu.knowledge.pack import load_pack_articles
from kefu.people.models import Brand


def stock_shelves(brand: Brand) -> dict[str, Any]:
    """Give the brand the catalogue of the demo's first shop and the pack's articles; gives that shop as declared."""
    if embedder() is None:
        pytest.skip("measured with the embedder")
    declaration = next(one for one in declared("brands") if one["slug"] == "lumen")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "products.jsonl"
        records = product_records(declaration, currency=brand.currency)
        file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
        _, left_out = Importer(brand, on_problem=lambda problem: None).run(file, "products")
        assert left_out == 0
    load_pack_articles(brand)
    return declaration


def talk(channel: Channel, turns: Sequence[str]) -> list[Message]:
    """The replies, one for each turn until a person takes over; nothing of it is kept."""
    replies = []
    with transaction.atomic():
        who = str(new_id())
        for text in turns:
            message = receive_message(
                channel, Inbound(external_id=str(new_id()), address=who, text=text, conversation_id=who)
            )
            reply = take_turn(message.conversation_id)
            if reply is None:
                break
            replies.append(reply)
        transaction.set_rollback(True)
    return replies
