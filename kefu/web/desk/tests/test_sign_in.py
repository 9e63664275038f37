from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from kefu.conftest import PASSWORD
from kefu.web.brake import LIMITS
from kefu.web.models import SignInBrake

pytestmark = pytest.mark.django_db


def sign_in(client: Client, name: str, password: str = PASSWORD, **more: str):
    return client.post("/sign-in/", {"name": name, "password": password, **more})


def test_whoever_signs_in_lands_on_the_page_they_wanted(client, tomas):
    asked = client.get("/desk/?list=unassigned")
    assert asked.status_code == 302
    assert asked["Location"] == "/sign-in/?next=/desk/%3Flist%3Dunassigned"
    answer = sign_in(client, "tomas", next="/desk/?list=unassigned")
    assert (answer.status_code, answer["Location"]) == (302, "/desk/?list=unassigned")
    assert client.get("/desk/").status_code == 200


def test_the_email_address_signs_in_too(client, tomas):
    assert sign_in(client, tomas.user.email.upper()).status_code == 302


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\x00"])
def test_sign_in_never_leads_to_another_site(client, tomas, there):
    assert sign_in(client, "tomas", next=there)["Location"] == "/desk/"


def test_a_wrong_password_and_an_unknown_name_read_alike(client, tomas):
    wrong, unknown = sign_in(client, "tomas", "guess"), sign_in(client, "nobody", "guess")
    assert wrong.status_code == unknown.status_code == 422
    assert (
        wrong.content.replace(b"tomas", b"").count(b"match")
        == unknown.content.replace(b"nobody", b"").count(b"match")
        == 1
    )


def test_guessing_one_account_is_braked_and_the_right_password_then_waits_too(client, tomas, held_clock):
    for _ in range(LIMITS["pair"]):
        assert sign_in(client, "tomas", "guess").status_code == 422
    assert sign_in(client, "tomas", "guess").status_code == 429
    assert sign_in(client, "Tomas ", PASSWORD).status_code == 429  # letters and spaces are no way around
    held_clock.move(timedelta(minutes=16))
    assert sign_in(client, "tomas").status_code == 302


def test_the_brake_of_one_address_leaves_others_free(client, tomas):
    for _ in range(LIMITS["pair"] + 1):
        client.post("/sign-in/", {"name": "tomas", "password": "guess"}, REMOTE_ADDR="203.0.113.9")
    assert sign_in(client, "tomas").status_code == 302


def test_many_accounts_from_one_address_are_braked(client, db):
    codes = [sign_in(client, f"name-{n}", "guess").status_code for n in range(LIMITS["address"] + 1)]
    assert codes[-1] == 429
    assert 429 not in codes[:-1]


def test_the_brake_forgets_what_is_old(client, tomas, held_clock):
    sign_in(client, "somebody", "guess")
    held_clock.move(timedelta(hours=1))
    sign_in(client, "tomas")
    assert not SignInBrake.objects.filter(since__lt=held_clock.now).exists()


@pytest.mark.parametrize("name", ["", "\x00", "x" * 300, "'; drop table", "王立"])
def test_strange_names_are_refused_politely(client, db, name):
    assert sign_in(client, name, "guess").status_code == 422


def test_signing_out_ends_the_session(tomas_desk):
    assert tomas_desk.post("/sign-out/").status_code == 302
    assert tomas_desk.get("/desk/")["Location"].startswith("/sign-in/")


def test_an_agent_who_has_left_sees_no_desk(tomas_desk, tomas):
    tomas.is_active = False
    tomas.save()
    assert tomas_desk.get("/desk/").status_code == 403


def test_a_swap_after_sign_out_moves_the_whole_window(client, db):
    answer = client.get(
        "/desk/queues/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?list=all"}
    )
    assert answer["HX-Redirect"] == "/sign-in/?next=/desk/%3Flist%3Dall"


def test_language_and_theme_stay_with_the_agent(tomas_desk, tomas):
    tomas_desk.post("/desk/preferences/", {"language": "zh-hans", "theme": "dark"})
    page = tomas_desk.get("/desk/").content.decode()
    assert 'lang="zh-hans"' in page
    assert 'data-theme="dark"' in page
    assert "未分配" in page
    tomas.refresh_from_db()
    assert (tomas.interface_language, tomas.theme) == ("zh-hans", "dark")
    tomas_desk.post("/desk/preferences/", {"language": "xx", "theme": "<script>"})
    tomas.refresh_from_db()
    assert (tomas.interface_language, tomas.theme) == ("zh-hans", "dark")
