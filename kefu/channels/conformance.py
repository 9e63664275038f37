"""What every adapter must do, as tests. An adapter's own test module inherits the classes that fit it:

    class TestHello(EveryChannel, WebhookChannel, SendingChannel):
        kind = "hello"
        settings = {"send_to": "http://127.0.0.1:1/"}
        secrets = {"secret": "sixteen letters!"}

pytest finds the tests in the subclass. EveryChannel fits all, also pulled ones such as web chat.
"""

# ruff: noqa: S101  these are tests
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar
from xml.etree import ElementTree

import pytest
import yaml

from kefu.channels import registry
from kefu.channels.base import (
    BadPayload,
    Channel,
    Inbound,
    Outbound,
    RawRequest,
    Undeliverable,
    Unreachable,
)

MALFORMED = (b"", b"{", b"[]", b"null", b"1", b'{"type": "message"}', b"\x00\xff\xfe", b"[" * 5000, b"<xml/>",
             b'{"type": "message", "id": {}, "from": [], "text": 5}',
             b'{"type": "\xed\xa0\x80"}')  # fmt: skip


class EveryChannel:
    """The parts a channel's folder has, and how it stands in the registry."""

    kind: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]] = {}
    secrets: ClassVar[Mapping[str, str]] = {}

    def adapter(self, **secrets: str) -> Channel:
        return registry.adapter_class(self.kind)(self.settings, {**self.secrets, **secrets})

    def folder(self) -> Path:
        module = import_module(registry.adapter_class(self.kind).__module__)
        return Path(str(module.__file__)).parent

    def test_the_registry_knows_it_by_its_kind(self) -> None:
        assert self.kind in registry.kinds()
        assert registry.adapter_class(self.kind).kind == self.kind

    def test_an_owner_finds_a_page_an_icon_and_a_form(self) -> None:
        readme = (self.folder() / "README.md").read_text(encoding="utf-8")
        assert len(readme.splitlines()) <= 60, "one screen"
        icon = ElementTree.fromstring((self.folder() / "icon.svg").read_text(encoding="utf-8"))  # noqa: S314  our file
        assert icon.tag.endswith("svg")
        assert registry.settings_form(self.kind).base_fields

    def test_a_new_channels_secrets_are_never_empty(self) -> None:
        for name, secret in registry.new_secrets(self.kind).items():
            assert len(secret) >= 16, name

    def test_a_webhook_without_proof_is_refused(self) -> None:
        for body in (b"", b"{}", b"x" * 1000):
            assert self.adapter().is_authentic(RawRequest(body=body)) is False

    def test_sending_needs_no_row_and_no_settings_at_import(self) -> None:
        """Building an adapter talks to nobody: pages build them to show what a channel can."""
        assert self.adapter().abilities is registry.adapter_class(self.kind).abilities


class SampledChannel(EveryChannel):
    """`samples/NAME.*` with `samples/NAME.expected.yaml`: a list of messages, each with the fields that matter, or
    the word BadPayload. `read_sample` says how a sample becomes messages."""

    def read_sample(self, content: bytes) -> list[Inbound]:
        return self.adapter().read(RawRequest(body=content))

    def samples(self) -> list[tuple[Path, Any]]:
        found = []
        for expected in sorted((self.folder() / "samples").glob("*.expected.yaml")):
            name = expected.name.removesuffix(".expected.yaml")
            (sample,) = [path for path in expected.parent.glob(f"{name}.*") if path != expected]
            found.append((sample, yaml.safe_load(expected.read_text(encoding="utf-8"))))
        return found

    def test_each_sample_becomes_what_is_written_beside_it(self) -> None:
        assert self.samples(), "a channel without samples is untried"
        for sample, expected in self.samples():
            content = sample.read_bytes()
            if expected == "BadPayload":
                with pytest.raises(BadPayload):
                    self.read_sample(content)
                continue
            read = [asdict(one) for one in self.read_sample(content)]
            assert len(read) == len(expected), sample.name
            for got, wanted in zip(read, expected, strict=True):
                assert _chosen(got, wanted) == wanted, sample.name

    def test_reading_a_sample_twice_gives_the_same_ids(self) -> None:
        for sample, expected in self.samples():
            if expected != "BadPayload":
                content = sample.read_bytes()
                first, second = self.read_sample(content), self.read_sample(content)
                assert [one.external_id for one in first] == [one.external_id for one in second]
                assert all(one.external_id and one.address for one in first), sample.name


def _chosen(got: Any, wanted: Any) -> Any:
    """Only the fields the sample's author wrote down, in plain YAML types."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return {key: _chosen(got.get(key), value) for key, value in wanted.items()}
    if isinstance(wanted, list) and isinstance(got, list | tuple):
        if len(got) != len(wanted):
            return list(got)
        return [_chosen(one, other) for one, other in zip(got, wanted, strict=True)]
    if isinstance(wanted, int) and not isinstance(wanted, bool) and isinstance(got, bytes):
        return len(got)  # a file's content is compared by its size
    return str(got) if isinstance(wanted, str) and not isinstance(got, str) and got is not None else got


class WebhookChannel(SampledChannel):
    """A provider calls us. `signed` makes a request as the provider would."""

    def signed(self, body: bytes) -> RawRequest:
        raise NotImplementedError("say how the provider signs")

    def test_the_providers_own_call_is_authentic(self) -> None:
        assert self.adapter().is_authentic(self.signed(b"{}")) is True

    def test_a_changed_body_is_not_authentic(self) -> None:
        request = self.signed(b'{"a": 1}')
        assert not self.adapter().is_authentic(RawRequest(body=b'{"a": 2}', headers=request.headers))

    def test_an_empty_secret_lets_nobody_in(self) -> None:
        empty = dict.fromkeys(self.secrets, "")
        assert self.adapter(**empty).is_authentic(self.signed(b"{}")) is False

    def test_a_malformed_payload_is_refused_or_ignored_but_never_a_crash(self) -> None:
        for body in MALFORMED:
            try:
                read = self.adapter().read(RawRequest(body=body))
            except BadPayload:
                continue
            assert read == [], body[:40]


class SendingChannel(EveryChannel):
    """Messages leave by `send`. `settings` must name a server that is not there."""

    def outbound(self) -> Outbound:
        return Outbound(reference="11111111-2222-7333-8444-555555555555", to="mira@example.com", text="Hello")

    def test_a_server_that_is_away_is_unreachable_before_anything_is_handed_over(self) -> None:
        handed = []
        with pytest.raises(Unreachable):
            self.adapter().send(self.outbound(), handing_over=lambda: handed.append(1))
        assert handed == []

    def test_only_the_three_known_failures_leave_send(self) -> None:
        with pytest.raises((Unreachable, Undeliverable)):
            self.adapter().send(self.outbound(), handing_over=lambda: None)
