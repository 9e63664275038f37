from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client

from kefu.desk.models import Conversation
from kefu.web.desk import inbox, lists
from kefu.web.desk.tests.conftest import page_of


@pytest.mark.django_db
def test_the_first_page_says_what_this_is_and_leads_to_the_desk(client, tomas_desk):
    assert "Sign in to the desk" in client.get("/").content.decode()
    assert tomas_desk.get("/")["Location"] == "/desk/"


@pytest.mark.django_db
def test_health_is_up_while_the_database_answers(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": "up"})


def test_health_is_down_without_a_database(client, monkeypatch):
    from kefu.web import views

    lost = {"dbname": "nothing", "host": "127.0.0.1", "port": 1, "user": "kefu"}
    monkeypatch.setattr(views.connection, "get_connection_params", lambda: lost)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"database": "down"})


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("en", "There is nothing at this address"), ("zh-hans", "这个地址")])
def test_not_found_is_told_in_the_readers_language(client, language, words):
    answer = client.get("/nowhere/", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert words in answer.content.decode()


def broken(problem: Exception):
    def counts(**_more: object) -> dict[str, int]:
        raise problem

    return counts


@pytest.mark.django_db
def test_our_mistakes_show_no_innards(tomas, monkeypatch):
    browser = Client(raise_request_exception=False)
    browser.force_login(tomas.user)
    monkeypatch.setattr(lists, "counts", broken(RuntimeError("secret innards")))
    whole, piece = browser.get("/desk/"), browser.get("/desk/queues/", headers={"HX-Request": "true"})
    for answer in (whole, piece):
        assert answer.status_code == 500
        assert "secret innards" not in answer.content.decode()
        assert "Traceback" not in answer.content.decode()
    assert piece["HX-Retarget"] == "#notice"
    assert "<html" not in piece.content.decode()


@pytest.mark.django_db
def test_a_lost_database_asks_for_a_minute(tomas, monkeypatch):
    browser = Client(raise_request_exception=False)
    browser.force_login(tomas.user)
    monkeypatch.setattr(inbox.lists, "counts", broken(OperationalError("could not connect to 10.0.0.7")))
    answer = browser.get("/desk/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "15"
    assert "10.0.0.7" not in answer.content.decode()


@pytest.mark.django_db
def test_a_refusal_is_shown_at_the_top_of_the_page_in_the_readers_language(tomas_desk, tomas, talks):
    tomas.interface_language = "zh"
    tomas.save()
    answer = tomas_desk.piece(page_of(talks["closed"], "takeover/"), {})
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#notice"
    assert "会话已关闭" in answer.content.decode()


@pytest.mark.django_db
def test_what_a_role_may_not_do_is_forbidden_not_broken(olek_desk):
    assert olek_desk.get("/desk/channels/").status_code == 403


@pytest.mark.django_db
def test_deeds_need_the_pages_own_token(tomas, talks):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(tomas.user)
    assert browser.post(page_of(talks["waiting"], "takeover/")).status_code == 403
    assert Conversation.objects.get(pk=talks["waiting"].pk).assignee is None


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/sign-in/", "/desk/", "/nowhere/"])
def test_every_page_says_what_a_browser_may_load(tomas_desk, address):
    answer = tomas_desk.get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    page = answer.content.decode()
    assert " style=" not in page
    assert "onclick" not in page
    assert "<script>" not in page


@pytest.mark.django_db
def test_the_desk_is_never_kept_by_the_browser(tomas_desk):
    assert tomas_desk.get("/desk/")["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_deeds_are_only_posted(tomas_desk, talks, method):
    assert getattr(tomas_desk, method)(page_of(talks["mine"], "takeover/")).status_code == 405


@pytest.mark.parametrize("path", ["/api/nothing", "/hooks/nothing", "/chat/v1/nothing"])
def test_programs_are_answered_in_json_even_by_what_happens_before_a_page(client, path):
    answer = client.get(path, headers={"Host": "somebody.elses.example"})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/json"
    shape = {"code", "message", "cure", "details"} if path.startswith("/chat/") else {"error"}
    assert set(answer.json()) == shape
