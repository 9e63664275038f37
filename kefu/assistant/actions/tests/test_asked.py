"""Whole talks of somebody who looks around in the demo shop, through the real turn."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
import yaml
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

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ASKED = yaml.safe_load((Path(__file__).parent / "asked.yaml").read_text(encoding="utf-8"))
#: replies that tell something as a fact
TOLD = ("answer.product", "answer.article")


@pytest.fixture
def shop(held_clock, brand: Brand, chat_channel: Channel) -> Channel:
    """The brand with the demo's catalogue and the pack's articles."""
    if embedder() is None:
        pytest.skip("measured with the embedder")
    mine = next(one for one in declared("brands") if one["slug"] == "lumen")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "products.jsonl"
        records = product_records(mine, currency=brand.currency)
        file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
        _, left_out = Importer(brand, on_problem=lambda problem: None).run(file, "products")
        assert left_out == 0
    load_pack_articles(brand)
    return chat_channel


def talk(shop: Channel, turns: list[str]) -> list[Message]:
    """The replies, one for each turn until a person takes over; nothing of it is kept."""
    replies = []
    with transaction.atomic():
        who = str(new_id())
        for text in turns:
            message = receive_message(
                shop, Inbound(external_id=str(new_id()), address=who, text=text, conversation_id=who)
            )
            reply = take_turn(message.conversation_id)
            if reply is None:
                break
            replies.append(reply)
        transaction.set_rollback(True)
    return replies


def is_told(reply: Message) -> bool:
    return any(key in TOLD for key in reply.why["texts"])


def verdict(reply: Message, wanted: str) -> str:
    """right, wrong, or silent: asked back, or found nothing."""
    told = is_told(reply)
    if wanted == "-":
        return "wrong" if told else "right"
    if wanted.startswith("-|"):
        return "right" if not told or re.search(wanted[2:], reply.text, re.DOTALL) else "wrong"
    if re.search(wanted, reply.text, re.DOTALL):
        return "right"
    return "wrong" if told else "silent"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_a_hundred_answers_at_most_three_are_wrong_and_each_is_cited(shop, language: str) -> None:
    verdicts: dict[str, list[object]] = {"right": [], "wrong": [], "silent": []}
    for asked, wanted in ASKED[language]:
        replies = talk(shop, [asked] if isinstance(asked, str) else asked)
        verdicts[verdict(replies[-1], wanted)].append((asked, replies[-1].text))
        assert all(reply.why["cites"] for reply in replies if is_told(reply)), asked
    questions = len(ASKED[language])
    assert len(verdicts["wrong"]) <= 0.03 * questions, verdicts["wrong"]
    assert len(verdicts["right"]) >= 0.72 * questions, verdicts["silent"]


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        (
            ["Do you have the Fjord rain jacket in size L, red?", "what is it made of", "can i wash it in the machine"],
            ["red, size L in stock", "recycled", "Fjord rain jacket: Machine wash at 30 °C"],
        ),
        (["有峡湾防水冲锋衣红色L码吗", "那它防水吗", "能机洗吗"], ["有现货", "静水压", "峡湾防水冲锋衣的洗护方法"]),
        (["Is the Summit tent waterproof?", "and the Fjord tent?", "how heavy is it"], ["4500", "", "Fjord tent"]),
        (["do you ship to the UK", "and to ireland?"], ["deliver to the United Kingdom", "don't deliver to Ireland"]),
        (["能寄英国吗", "那爱尔兰呢"], ["我们可以配送到英国", "不配送到爱尔兰"]),
        (["what if it never arrives?"], ["the risk is ours"]),
        (["这件冰川雨衣有什么颜色？可以退货吗"], ["冰川防水冲锋衣可以退货"]),
    ],
)  # fmt: skip
def test_a_talk_remembers_what_it_is_about(shop, turns: list[str], said: list[str]) -> None:
    replies = talk(shop, turns)
    assert len(replies) == len(said)
    for reply, words in zip(replies, said, strict=True):
        assert words in reply.text


def test_washing_it_without_a_word_on_what_it_is_finds_no_article_about_shoes(shop) -> None:
    for question in ("can i wash it in the machine", "能机洗吗"):
        assert not is_told(talk(shop, [question])[0])
