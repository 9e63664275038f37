"""Pictures and files: taken for what their bytes are, kept under our own names, shown to nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from kefu.channels.chat.limits import FILE_LIMIT
from kefu.conftest import HeldClock
from kefu.desk import services
from kefu.desk.inbound import InboundFile
from kefu.desk.models import Attachment, Conversation, Message
from kefu.people.models import Agent
from kefu.web.chat.files import forget_abandoned
from kefu.web.chat.tests.conftest import PNG, Visitor

pytestmark = pytest.mark.django_db
EMPTY_PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n\r\n--x--'


def test_a_picture_goes_up_first_and_then_out_with_the_message(visitor: Visitor) -> None:
    file = visitor.upload(name="box.png").json()["file"]
    assert not Message.objects.exists()
    visitor.say("It came broken", files=[file["id"]])
    assert visitor.read()[0]["files"] == [{**file, "type": "image/png", "size": len(PNG)}]
    shown = visitor.get(f"files/{file['id']}")
    assert b"".join(shown.streaming_content) == PNG
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert shown["Content-Disposition"].startswith("inline")


def test_a_file_alone_is_a_message(visitor: Visitor) -> None:
    assert visitor.say(files=[visitor.upload().json()["file"]["id"]]).status_code == 201


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\x00", "photo.png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "photo.svg"),
        (b"<html><script>alert(1)</script>", "photo.jpg"),
        (b"just text", "note.txt"),
        (b"PK\x03\x04rest", "archive.zip"),
        (b"XXXXxxxxWEBP", "fake.webp"),
    ],
)
def test_bytes_of_another_kind_are_refused_whatever_they_are_called(
    visitor: Visitor, content: bytes, name: str
) -> None:
    answer = visitor.upload(content, name=name, kind="image/png")
    assert (answer.status_code, answer.json()["code"]) == (415, "chat.file_type_refused")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("../../../etc/passwd", "passwd.png"),
        ("..\\..\\boot.ini", "boot.ini.png"),
        ("photo.PNG", "photo.PNG"),
        ("invoice.png.exe", "invoice.png.exe.png"),
        ("exe.\u202egnp", "exe.gnp.png"),
        ("图片.png", "图片.png"),
        ("x" * 400 + ".png", "x" * 116 + ".png"),
        ('a"b\r\nSet-Cookie: x.png', 'a"bSet-Cookie: x.png'),
    ],
)
def test_a_name_cannot_lead_anywhere(visitor: Visitor, claimed: str, kept: str) -> None:
    from kefu.web.chat.files import name_for

    assert name_for(claimed, "image/png") == kept
    stored = services.store_file(InboundFile(name=kept, content=PNG), brand=visitor.channel.brand)
    assert claimed not in stored.file
    assert (settings.MEDIA_ROOT / stored.file).resolve().is_relative_to(settings.MEDIA_ROOT.resolve())


def test_a_document_is_only_ever_downloaded(visitor: Visitor) -> None:
    file = visitor.upload(b"%PDF-1.7 ...", name="invoice.pdf", kind="text/html").json()["file"]
    shown = visitor.get(f"files/{file['id']}")
    assert shown["Content-Type"] == "application/octet-stream"
    assert shown["Content-Disposition"] == "attachment; filename*=UTF-8''invoice.pdf"


def test_too_large_a_file_is_refused_before_it_is_read(visitor: Visitor) -> None:
    answer = visitor.upload(b"\x89PNG\r\n\x1a\n" + b"x" * FILE_LIMIT)
    assert (answer.status_code, answer.json()["code"]) == (413, "chat.file_too_large")
    claimed = visitor.client.post(
        visitor.url("files"), b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="99999999999",
        headers={"Authorization": f"Bearer {visitor.token}"},
    )  # fmt: skip
    assert claimed.status_code == 413


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=other\r\n\r\nhi\r\n--x--"),
        ("multipart/form-data; boundary=x", b"\xff\xfe"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n\r\n--x--',
        ),
    ],
)
def test_a_broken_upload_is_refused(visitor: Visitor, content_type: str, body: bytes) -> None:
    answer = visitor.client.post(
        visitor.url("files"), body, content_type=content_type, headers={"Authorization": f"Bearer {visitor.token}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "chat.bad_upload")


def test_nobody_elses_file_is_shown_or_sent(visitor: Visitor, stranger: Visitor) -> None:
    file = visitor.upload().json()["file"]["id"]
    assert stranger.get(f"files/{file}").status_code == 404
    assert stranger.say("mine?", files=[file]).json()["code"] == "desk.no_such_file"
    visitor.say("mine", files=[file])
    assert stranger.get(f"files/{file}").status_code == 404
    assert stranger.say("mine?", files=[file]).status_code == 404
    assert visitor.client.get(visitor.url(f"files/{file}")).status_code == 401
    assert visitor.get(f"files/{uuid4()}").status_code == 404


def test_a_picture_asked_for_while_its_message_is_being_taken_is_shown(visitor: Visitor) -> None:
    file = visitor.upload().json()["file"]["id"]
    asked: list[str] = []

    def the_message_comes_between(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = execute(sql, params, many, context)
        if 'FROM "desk_attachment"' in sql and not asked:
            asked.append(sql)
            visitor.say("Look", files=[file])
        return found

    with connection.execute_wrapper(the_message_comes_between):
        shown = visitor.get(f"files/{file}")
    assert asked
    assert Attachment.objects.get().message == Message.objects.get()
    assert shown.status_code == 200


def test_a_file_of_a_note_never_leaves_the_desk(visitor: Visitor, tomas: Agent) -> None:
    visitor.say("Hello")
    note = services.add_note(Conversation.objects.get(), text="see file", by=tomas.actor())
    file = services.store_file(
        InboundFile(name="n.png", content=PNG), brand=note.brand, conversation=note.conversation, message=note
    )
    assert visitor.get(f"files/{file.public_id}").status_code == 404


def test_a_file_that_no_message_took_is_forgotten_after_a_day(visitor: Visitor, held_clock: HeldClock) -> None:
    visitor.start()
    kept = visitor.upload().json()["file"]["id"]
    visitor.say("Look", files=[kept])
    visitor.upload()
    lost = Attachment.objects.get(message__isnull=True)
    held_clock.move(timedelta(hours=23))
    assert forget_abandoned() == 0
    held_clock.move(timedelta(hours=2))
    assert forget_abandoned() == 1
    assert not (settings.MEDIA_ROOT / lost.file).exists()
    assert str(Attachment.objects.get().public_id) == kept
