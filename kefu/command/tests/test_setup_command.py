from __future__ import annotations

from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from django.contrib.auth import authenticate
from django.contrib.auth.models import User

from kefu.command import setup
from kefu.desk.models import Channel, Event
from kefu.knowledge.models import Article
from kefu.people.models import Brand, Role, Seat

GOOD = "correct horse battery"


@pytest.fixture
def run(monkeypatch, db):
    """`run("setup", "my-shop", …, says="a password")`: the command on the test's own database, not at a terminal."""

    @contextmanager
    def ready():
        yield

    monkeypatch.setattr(setup, "django_ready", ready)
    monkeypatch.setattr(setup, "migrate", lambda: None)
    monkeypatch.setattr(setup, "require_answer", lambda: None)
    monkeypatch.setenv("KEFU_EMBEDDER", "none")

    def invoke(command: str, *options: str, says: str = GOOD) -> Result:
        return CliRunner().invoke(getattr(setup, command), [*options, "--password-file", "-"], input=f"{says}\n")

    return invoke


@pytest.fixture
def my_shop(run) -> Brand:
    done = run("setup", "my-shop", "--name", "My shop", "--return-days", "21", "--administrator", "anna")
    assert done.exit_code == 0, done.output
    return Brand.objects.get(slug="my-shop")


def test_one_command_gives_a_shop_all_it_needs_to_answer(my_shop):
    seat = Seat.objects.get(brand=my_shop)
    assert (seat.agent.name, seat.role) == ("anna", Role.ADMINISTRATOR)
    assert authenticate(username="anna", password=GOOD) == seat.agent.user
    assert Channel.objects.get(brand=my_shop).kind == "chat"
    assert my_shop.settings == {"terms": {"return_days": 21}}
    assert my_shop.languages == ["en", "zh", "es", "fr", "de", "ja", "ko", "pt"]
    texts = Article.objects.filter(brand=my_shop)
    assert texts.exists()


def test_it_prints_the_line_for_the_shops_pages(run, my_shop):
    told = CliRunner().invoke(setup.setup, ["my-shop"])
    assert told.exit_code == 0, told.output
    chat = Channel.objects.get(brand=my_shop)
    assert f'data-channel="{chat.public_id}"' in told.output


def test_running_it_again_changes_only_what_was_given(my_shop):
    again = CliRunner().invoke(setup.setup, ["my-shop", "--refund-days", "3", "--currency", "gbp"])
    assert again.exit_code == 0, again.output
    my_shop.refresh_from_db()
    assert my_shop.settings == {"terms": {"return_days": 21, "refund_days": 3}}
    assert (my_shop.currency, my_shop.name) == ("GBP", "My shop")
    assert Channel.objects.filter(brand=my_shop).count() == 1
    assert list(Event.objects.filter(kind="people.brand_changed").values_list("facts", flat=True)) == [
        {"changed": ["currency", "terms"]}
    ]


@pytest.mark.parametrize(
    ("options", "cure"),
    [
        (("My Shop", "--name", "x"), "my-shop"),
        (("shop", "--name", "x", "--currency", "euro"), "like EUR"),
        (("shop", "--name", "x", "--country", "Germany"), "like DE"),
        (("shop", "--name", "x", "--time-zone", "Berlin"), "Europe/Berlin"),
        (("shop", "--name", "x", "--language", "English"), "like en, zh"),
        (("shop",), "--name"),
        (("shop", "--name", "x"), "--administrator"),
    ],
)
def test_what_cannot_be_is_refused_with_a_cure_and_leaves_nothing_behind(run, options, cure):
    done = run("setup", *options)
    assert done.exit_code == 2
    assert cure in done.output
    assert "Traceback" not in done.output
    assert not Brand.objects.exists()


@pytest.mark.parametrize("weak", ["", "short", "password123"])
def test_a_weak_password_makes_no_account_and_no_shop(run, weak):
    done = run("setup", "shop", "--name", "x", "--administrator", "anna", says=weak)
    assert done.exit_code == 2
    assert not User.objects.exists()
    assert not Brand.objects.exists()


def test_a_colleague_is_seated_promoted_and_sent_home_and_the_log_knows(run, my_shop):
    assert run("agent", "tomas", "--brand", "my-shop", "--shown-name", "Tomas").exit_code == 0
    assert CliRunner().invoke(setup.agent, ["tomas", "--brand", "my-shop", "--role", "supervisor"]).exit_code == 0
    assert CliRunner().invoke(setup.agent, ["tomas", "--brand", "my-shop", "--remove"]).exit_code == 0
    assert not Seat.objects.filter(agent__name="Tomas").exists()
    told = Event.objects.filter(brand=my_shop, facts__name="Tomas").order_by("pk")
    assert [(one.kind, one.facts.get("was"), one.facts["role"], one.actor_kind) for one in told] == [
        ("people.agent_seated", "", "agent", "system"),
        ("people.agent_seated", "agent", "supervisor", "system"),
        ("people.agent_unseated", None, "supervisor", "system"),
    ]


def test_a_forgotten_password_is_replaced_only_when_a_new_one_is_given(run, my_shop):
    CliRunner().invoke(setup.agent, ["anna", "--brand", "my-shop"])
    assert authenticate(username="anna", password=GOOD)
    assert run("agent", "Anna", "--brand", "my-shop", says="another long one").exit_code == 0
    assert authenticate(username="anna", password=GOOD) is None
    assert authenticate(username="anna", password="another long one")
    assert Seat.objects.get(brand=my_shop).role == Role.ADMINISTRATOR


def test_the_command_knows_the_roles_that_there_are():
    assert tuple(Role.values) == setup.ROLES
