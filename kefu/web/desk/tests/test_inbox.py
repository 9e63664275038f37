from __future__ import annotations

import re
from datetime import timedelta

import pytest

from kefu.desk import services
from kefu.desk.models import Conversation
from kefu.web.desk import lists
from kefu.web.desk.tests import stage
from kefu.web.desk.tests.conftest import page_of

pytestmark = pytest.mark.django_db


def shown(answer) -> list[int]:
    """Ids of the conversations in the list, top first."""
    return [int(pk) for pk in re.findall(r'class="row" .* data-at="\d+-(\d+)"', answer.content.decode())]


def counted(answer) -> dict[str, str]:
    return dict(re.findall(r'data-count="(\w+)">([^<]+)<', answer.content.decode()))


def test_every_list_holds_what_its_name_says(tomas_desk, talks):
    expected = {
        "mine": {"mine", "answered"},
        "unassigned": {"waiting", "urgent"},
        "pending": {"parcel", "assistant", "answered"},
        "assistant": {"parcel", "assistant"},
        "all": set(talks),
        "closed": {"closed"},
    }
    names = {conversation.pk: name for name, conversation in talks.items()}
    for key, wanted in expected.items():
        assert {names[pk] for pk in shown(tomas_desk.get(f"/desk/?list={key}"))} == wanted, key


def test_counts_are_the_true_number_of_rows(tomas_desk, talks):
    counts = counted(tomas_desk.get("/desk/"))
    for key in lists.LISTS:
        assert counts[key] == str(len(shown(tomas_desk.get(f"/desk/?list={key}")))), key


def test_counting_stops_at_a_thousand_and_says_so(tomas_desk, talks, monkeypatch):
    monkeypatch.setattr(lists, "COUNT_LIMIT", 3)
    assert counted(tomas_desk.get("/desk/"))["all"] == "3+"


def test_pages_follow_each_other_without_gap_or_repetition(tomas_desk, talks, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 3)
    Conversation.objects.update(
        last_message_at=talks["mine"].last_message_at
    )  # all at the same moment: only ids decide
    seen: list[int] = []
    address = "/desk/rows/?list=all"
    while address:
        answer = tomas_desk.piece(address)
        seen += shown(answer)
        more = re.search(r'hx-get="(/desk/rows/[^"]+)"', answer.content.decode())
        address = more[1].replace("&amp;", "&") if more else ""
    assert seen == sorted((conversation.pk for conversation in talks.values()), reverse=True)


def test_several_brands_are_merged_newest_first(at_desk, ines, other_brand, talks, held_clock):
    from kefu.desk.models import Channel
    from kefu.people.models import Seat

    Seat.objects.create(agent=ines, brand=other_brand)
    theirs = Channel.objects.create(brand=other_brand, kind="chat", name="Chat of Nordlicht")
    held_clock.move(timedelta(days=1000))
    newest = stage.writes(theirs, "Moin", address="visitor-n")
    page = at_desk(ines).get("/desk/?list=all")
    assert shown(page)[0] == newest.pk
    assert len(shown(page)) == len(talks) + 1
    assert "Nordlicht" in page.content.decode()


@pytest.mark.parametrize(
    "cursor", ["x", "1-", "-1", "1-2-3", "9" * 40 + "-1", "1-" + "9" * 40, "１-１", "1.5-2", "\x00-1"]
)
def test_a_damaged_cursor_is_refused_with_words(tomas_desk, cursor):
    assert tomas_desk.piece("/desk/rows/?list=all&before=" + cursor.replace("\x00", "%00")).status_code == 409


def test_an_unknown_list_is_not_found(tomas_desk):
    assert tomas_desk.get("/desk/?list=secret").status_code == 404


def test_a_row_leaves_its_list_when_it_no_longer_belongs_there(tomas_desk, talks, tomas):
    address = f"/desk/rows/{talks['waiting'].public_id}/?list=unassigned"
    assert tomas_desk.piece(address).status_code == 200
    services.take_over(talks["waiting"], by=tomas.actor())
    assert tomas_desk.piece(address).status_code == 204


def test_the_inbox_costs_the_same_however_many_rows(tomas_desk, talks, chat_channel, django_assert_max_num_queries):
    for n in range(30):
        stage.writes(chat_channel, f"question {n}", address=f"many-{n}", language="en")
    with django_assert_max_num_queries(10):
        assert len(shown(tomas_desk.get("/desk/?list=all"))) == 38


def test_each_list_reads_over_its_own_index(talks, brand, tomas):
    """A desk as it looks after a year, nearly all closed: every page is read in order, over the index made for it."""
    from django.db import connection

    # on a table of one page each index costs the same, and the planner's choice among them says nothing
    some = talks["closed"]
    Conversation.objects.bulk_create(
        Conversation(
            brand_id=some.brand_id, channel_id=some.channel_id, customer_id=some.customer_id,
            identity_id=some.identity_id, number=10_000 + n, status=some.status, owner=some.owner,
            created_at=some.created_at, last_message_at=some.last_message_at - timedelta(hours=n),
        )
        for n in range(4000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE desk_conversation")
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    wanted = {"mine": "conversation_mine", "unassigned": "conversation_unassigned", "pending": "conversation_pending",
              "assistant": "conversation_assistant", "all": "conversation_all"}  # fmt: skip
    for key, index in wanted.items():
        rows = lists.LISTS[key].narrow(Conversation.objects.filter(brand_id=brand.pk), tomas.pk)
        plan = rows.order_by("-last_message_at", "-pk").values_list("last_message_at", "pk")[:41].explain()
        assert index in plan, (key, plan)
        assert "Sort" not in plan, (key, plan)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("KF-1042", "parcel"),
        ("kf-1042 ", "parcel"),
        ("mira@example.com", "parcel"),
        ("MIRA@EXAMPLE", "parcel"),
        ("王立", "waiting"),
        ("王", "waiting"),
        ("Mira K", "urgent"),
    ],
)
def test_search_finds_by_order_name_and_address(tomas_desk, talks, said, found):
    assert talks[found].pk in shown(tomas_desk.get("/desk/search/", {"q": said}))


def test_search_finds_the_number_people_say_aloud(tomas_desk, talks):
    number = talks["mine"].number
    assert shown(tomas_desk.get("/desk/search/", {"q": f"#{number}"})) == [talks["mine"].pk]


@pytest.mark.parametrize("said", ["", "%", "'; --", "\x00", "a & b | !c :*", "9" * 30, "x" * 500, "@", "😀", "((("])
def test_hostile_searches_find_nothing_and_break_nothing(tomas_desk, talks, said):
    answer = tomas_desk.get("/desk/search/", {"q": said})
    assert answer.status_code == 200
    assert shown(answer) == []


def test_states_are_told_in_words(tomas_desk, talks):
    page = tomas_desk.get("/desk/?list=all").content.decode()
    for words in (
        "Your turn",
        "Urgent: waits for a person",
        "With Ines",
        "Waiting for customer",
        "Assistant",
        "Closed",
    ):
        assert words in page


def test_what_customers_write_is_never_markup(tomas_desk, chat_channel):
    talk = stage.writes(chat_channel, "<script>alert(1)</script>", address="visitor-x", name="<b>Eve</b>")
    for address in ("/desk/?list=all", page_of(talk)):
        page = tomas_desk.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>Eve" not in page
