"""Whole talks of somebody who looks around in the demo shop, through the real turn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from kefu.assistant.actions.tests.looking import stock_shelves, talk
from kefu.conftest import lumen
from kefu.desk.models import Channel, Message
from kefu.people.models import Brand

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ASKED = yaml.safe_load((Path(__file__).parent / "asked.yaml").read_text(encoding="utf-8"))
#: replies that tell something as a fact
TOLD = ("answer.product", "answer.article")


@pytest.fixture(scope="module")
def stocked(kept_for_module: None) -> Brand:
    """The brand with the demo's catalogue and the pack's articles."""
    brand = lumen()
    stock_shelves(brand)
    return brand


@pytest.fixture
def brand(db: None, stocked: Brand) -> Brand:
    return Brand.objects.get(pk=stocked.pk)


@pytest.fixture
def shop(held_clock, chat_channel: Channel) -> Channel:
    return chat_channel


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
