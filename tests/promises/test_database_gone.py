"""The database goes away and comes back: every door says so clearly, nothing half is kept, and work goes on after.

Real processes, and a cable to the database that is really cut."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest

from kefu.desk.models import Author, Channel, Message
from tests.promises.cable import Cable
from tests.promises.processes import Nursery, free_port
from tests.promises.talking import Talk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def cable() -> Iterator[Cable]:
    one = Cable()
    yield one
    one.cut()


@pytest.fixture
def house(nursery: Nursery, cable: Cable) -> Iterator[httpx.Client]:
    """A web process whose database hangs on the cable."""
    port = free_port()
    process = nursery.web(port=port, database_port=cable.port)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=40) as client:
        yield client
    process.end(signal.SIGKILL)


def test_every_door_says_so_clearly_and_opens_again(house, cable, chat_channel: Channel, jobs):
    base = f"/chat/v1/{chat_channel.public_id}"
    talk = house.post(f"{base}/conversations", json={}).json()
    headers = {"Authorization": f"Bearer {talk['token']}"}
    message = {"id": str(uuid4()), "text": "Hello?"}
    assert house.get("/healthz").status_code == 200
    cable.cut()

    said = house.post(f"{base}/messages", json=message, headers=headers)
    assert (said.status_code, said.json()["code"]) == (503, "chat.out_of_service")
    assert said.headers["Retry-After"]
    for method, address in (("GET", f"{base}/settings"), ("POST", f"/hooks/{uuid4()}/"), ("GET", "/healthz")):
        answer = house.request(method, address)
        assert answer.status_code == 503, address
        assert isinstance(answer.json(), dict)
    for method, address in (("GET", "/desk/"), ("GET", f"/chat/{chat_channel.public_id}/")):
        page = house.request(method, address, headers={"Cookie": f"sessionid={'x' * 32}"})
        assert page.status_code == 503, address
        assert "Traceback" not in page.text
        assert "127.0.0.1" not in page.text
        assert page.headers["Retry-After"]

    cable.mend()
    until = time.monotonic() + 30
    while (again := house.post(f"{base}/messages", json=message, headers=headers)).status_code == 503:
        assert time.monotonic() < until, "the door stays shut though the database is back"
        time.sleep(0.2)
    assert again.status_code == 201, "the message that was refused is taken now, and only now"
    jobs.run()
    assert Message.objects.filter(author=Author.CUSTOMER).count() == 1
    assert Message.objects.filter(author=Author.ASSISTANT).count() == 1


def test_a_worker_that_loses_the_database_leaves_the_message_to_whoever_has_it(nursery, cable, chat_channel, jobs):
    talk = Talk(chat_channel, jobs)
    worker = nursery.worker(wait=True, database_port=cable.port)
    talk.writes("Hello?")
    wait_until(lambda: len(talk.heard()) == 1)
    cable.cut()
    talk.writes("Where is my order?")
    time.sleep(0.3)
    cable.mend()
    other = nursery.worker(wait=True, database_port=cable.port)  # as `kefu up` starts one in its place
    wait_until(lambda: len(talk.heard()) == 2)
    assert not Message.objects.filter(author=Author.CUSTOMER, turned_at__isnull=True).exists()
    for one in (worker, other):
        one.end(signal.SIGKILL)


def wait_until(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not what():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)
