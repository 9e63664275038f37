"""Articles: written, revised, published, withdrawn; every version kept."""

from __future__ import annotations

import pytest

from kefu.kernel.errors import NotAllowed
from kefu.knowledge.errors import ArticleExists, BadArticle, NothingToPublish
from kefu.knowledge.models import Article, ArticleVersion, Passage, Term
from kefu.knowledge.pack import load_pack_articles, read_pack
from kefu.knowledge.queries import answer, search
from kefu.knowledge.services import create_article, publish_article, revise_article, withdraw_article
from kefu.people.actors import SYSTEM, Actor, ActorKind

pytestmark = pytest.mark.django_db

EN = "## Where we are\n? Where is your shop?\n\nOur shop is in Leipzig.\n"
ZH = "## 地址\n? 你们店在哪里\n\n我们的店在莱比锡。\n"


@pytest.fixture
def today(held_clock):
    return held_clock.now.date()


def shop_article(brand, **more) -> Article:
    return create_article(
        brand, slug="shop", titles={"en": "Shop", "zh": "店铺"}, bodies={"en": EN, "zh": ZH}, by=SYSTEM, **more
    )


def test_a_draft_is_told_to_nobody_until_it_is_published(brand, today) -> None:
    article = shop_article(brand)
    assert answer(brand, "Where is your shop?", language="en", on=today) is None
    publish_article(article, by=SYSTEM)
    found = answer(brand, "Where is your shop?", language="en", on=today)
    assert found is not None
    assert (found.text, found.heading, found.cite) == (
        "Our shop is in Leipzig.",
        "Where we are",
        f"article:{article.pk}@v1",
    )
    assert found.texts["zh"] == "我们的店在莱比锡。"


def test_a_revision_is_told_from_its_publication_on_and_the_old_one_is_kept(brand, today) -> None:
    article = publish_article(shop_article(brand), by=SYSTEM)
    revise_article(article, titles={"en": "Shop"}, bodies={"en": EN.replace("Leipzig", "Halle")}, by=SYSTEM)
    before = answer(brand, "Where is your shop?", language="en", on=today)
    assert before is not None
    assert "Leipzig" in before.text
    publish_article(article, by=SYSTEM)
    after = answer(brand, "Where is your shop?", language="en", on=today)
    assert after is not None
    assert ("Halle" in after.text, after.cite) == (True, f"article:{article.pk}@v2")
    assert "Leipzig" in ArticleVersion.objects.get(article=article, number=1).bodies["en"]


def test_a_withdrawn_article_leaves_nothing_behind(brand, today) -> None:
    article = publish_article(shop_article(brand), by=SYSTEM)
    withdraw_article(article, by=SYSTEM)
    assert answer(brand, "Where is your shop?", language="en", on=today) is None
    assert not Term.objects.exclude(passages=0).exists()
    assert publish_article(article, by=SYSTEM).state == "published"


def test_publishing_twice_changes_nothing(brand) -> None:
    article = publish_article(shop_article(brand), by=SYSTEM)
    counted = dict(Term.objects.values_list("term", "passages"))
    publish_article(article, by=SYSTEM)
    assert dict(Term.objects.values_list("term", "passages")) == counted
    assert Passage.objects.count() == 2


def test_an_article_is_told_only_while_it_is_valid(brand, today) -> None:
    from datetime import timedelta

    publish_article(shop_article(brand, valid_from=today, valid_until=today + timedelta(days=2)), by=SYSTEM)
    on = {
        n: bool(search(brand, "Where is your shop?", language="en", on=today + timedelta(days=n)))
        for n in (-1, 0, 2, 3)
    }
    assert on == {-1: False, 0: True, 2: True, 3: False}


def test_only_who_may_edit_knowledge_writes_it(brand, tomas) -> None:
    with pytest.raises(NotAllowed):
        create_article(brand, slug="x", titles={"en": "X"}, bodies={"en": "x"}, by=tomas.actor())


def test_who_serves_another_brand_cannot_change_ours(brand, olek, other_brand) -> None:
    article = shop_article(brand)
    editor = Actor(ActorKind.AGENT, id=olek.pk, rights={other_brand.pk: frozenset({"knowledge.edit"})})
    with pytest.raises(NotAllowed):
        publish_article(article, by=editor)


def test_what_cannot_be_an_article_is_refused(brand) -> None:
    shop_article(brand)
    with pytest.raises(ArticleExists):
        shop_article(brand)
    with pytest.raises(BadArticle):
        create_article(brand, slug="a", titles={}, bodies={"en": "x"}, by=SYSTEM)
    with pytest.raises(BadArticle):
        create_article(brand, slug="b", titles={"en": "B"}, bodies={"en": "\x00"}, by=SYSTEM)
    with pytest.raises(NothingToPublish):
        publish_article(create_article(brand, slug="c", titles={"en": "C"}, bodies={"en": " "}, by=SYSTEM), by=SYSTEM)


def test_the_packs_articles_come_in_once_however_often_they_are_loaded(brand) -> None:
    first = load_pack_articles(brand)
    assert len(first) >= 14
    rows = Article.objects.count(), ArticleVersion.objects.count(), Passage.objects.count()
    load_pack_articles(brand)
    assert (Article.objects.count(), ArticleVersion.objects.count(), Passage.objects.count()) == rows


def test_the_packs_articles_speak_the_brands_own_terms(brand, today) -> None:
    brand.settings = {"terms": {"return_days": 45}}
    brand.save()
    load_pack_articles(brand)
    found = answer(brand, "What is the return window?", language="en", on=today)
    assert found is not None
    assert "within 45 days" in found.text


def test_new_terms_are_brought_in_but_an_article_that_people_revised_is_theirs(brand, ines, today) -> None:
    load_pack_articles(brand)
    gift_cards = Article.objects.get(slug="gift-cards")
    manager = Actor(ActorKind.AGENT, id=ines.pk, rights={brand.pk: frozenset({"knowledge.edit"})})
    revise_article(gift_cards, titles={"en": "Gift cards"}, bodies={"en": "We sell none."}, by=manager)
    publish_article(gift_cards, by=manager)
    brand.settings = {"terms": {"return_days": 45}}
    brand.save()
    load_pack_articles(brand)
    assert ArticleVersion.objects.filter(article__slug="returns").count() == 2
    assert ArticleVersion.objects.filter(article=gift_cards).count() == 2
    assert Passage.objects.get(article=gift_cards).text == "We sell none."


def test_every_fault_of_a_pack_is_named_with_file_and_cure(tmp_path) -> None:
    for name, text in {
        "en/a.md": "no front matter",
        "en/b.md": "---\ntags: [x]\n---\ntext",
        "en/c.md": "---\ntitle: C\nfoo: 1\n---\ntext",
        "en/d.md": "---\ntitle: D\n---\n",
        "en/e.md": "---\ntitle: [unclosed\n---\ntext",
        "en/f.md": "---\ntitle: F\n---\n## One\ntext\n## Two\ntext",
        "zh/f.md": "---\ntitle: F\n---\n## 一\n文字",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(BadArticle) as refused:
        read_pack(tmp_path)
    problem = refused.value.problem
    for part in (
        "en/a.md: line 1",
        "en/b.md",
        "unknown field foo",
        "en/d.md: the text is missing",
        "en/e.md: line",
        "f.md: sections differ",
    ):
        assert part in problem
