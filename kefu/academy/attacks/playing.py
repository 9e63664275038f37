"""An attack played turn by turn: chat through the desk's own door, mails as bytes through reading and authentication.

Every message goes the whole way: intake, understanding, dialogue, policy, actions, reply, on the real database. What
is looked at is what the holder of a talk gets, with all that a reply row carries for its channel.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from kefu.academy.attacks.reading import Attack, Holder
from kefu.academy.attacks.shop import MONDAY, Shop
from kefu.academy.snapshot import Change, Snapshot, changed, photograph
from kefu.assistant.turn.run import take_turn
from kefu.channels.email.fetched import Fetched
from kefu.channels.services import keep_mail, read_mail
from kefu.commerce.models import Order, OrderState, Product, Shipment
from kefu.commerce.services import refund
from kefu.desk.inbound import Inbound, InboundFile
from kefu.desk.models import Author, Conversation, Message, MessageKind, Verification
from kefu.desk.services import receive_message
from kefu.kernel import clock
from kefu.kernel.errors import Refused
from kefu.kernel.ids import new_id
from kefu.kernel.money import Money
from kefu.people.actors import SYSTEM

Json = Any
#: of letters that a mail's own server adds
_VERDICT = "mx.lumen.example; dmarc={verdict} header.from={domain}"
#: what the doors themselves write: how far a mailbox has been read
_OF_THE_DOOR = frozenset({"desk.Channel.cursor"})
#: how a text of many letters is written in an attack file
HUGE, HUGE_LETTERS = "HUGE:", 9_000
_ADDRESS = {"mira": "mira@example.com", "another": "another@example.net", "stranger": "someone@example.org"}


class Misplayed(ValueError):
    """The attack cannot be played as written: a button that isn't there, a verb that nobody knows."""


@dataclass(slots=True)
class Played:
    """What came of it: `changes` in the world by the attack alone, what each talk's holder saw, and the lines."""

    changes: list[Change] = field(default_factory=list)
    #: (talk, what was seen as one text) for every reply to `says`
    seen: list[tuple[str, str]] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    #: what the attackers wrote themselves
    said: list[str] = field(default_factory=list)
    conversations: dict[str, int] = field(default_factory=dict)
    stood_at: str = ""
    ended_at: str = ""
    owners: dict[str, str] = field(default_factory=dict)
    misplayed: str = ""


def play_attack(attack: Attack, shop: Shop, *, instead: Mapping[str, str] | None = None) -> Played:
    """Play it on the shop as it stands; the caller takes the rows back. instead: words to put in the place of others
    in all that is written, for the twin of an attack on what does not exist."""
    return _Play(attack, shop, dict(instead or {})).run()


class _Play:
    def __init__(self, attack: Attack, shop: Shop, instead: dict[str, str]) -> None:
        self.attack, self.shop, self.instead = attack, shop, instead
        self.played = Played()
        self.talks = {name: _Talk(name, holder, shop) for name, holder in attack.talks.items()}
        self.first = next(iter(self.talks))
        self.newest = self.first
        self._uid = 0
        self._is_attacking = False
        self._base: Snapshot = {}
        self._clock = ExitStack()

    def run(self) -> Played:
        with self._clock:
            self._clock.enter_context(clock.held_at(MONDAY))
            self._dress()
            try:
                for turn in self.attack.before:
                    self._take(turn)
                self.played.stood_at = self._standing()
                self._base = self._photo()
                self._is_attacking = True
                for turn in self.attack.says:
                    self._take(turn)
            except Misplayed as problem:
                self.played.misplayed = str(problem)
            self._count()
            self.played.ended_at = self._standing()
            for name, talk in self.talks.items():
                if talk.conversation_id:
                    self.played.conversations[name] = talk.conversation_id
                    self.played.owners[name] = Conversation.objects.get(pk=talk.conversation_id).owner
        return self.played

    def _dress(self) -> None:
        """The attacker's own data, where the attack hides in it."""
        dress = self.attack.dress
        self.played.said += list(_strings(dress))
        for name, value in (dress.get("customer") or {}).items():
            setattr(self.shop.another, name, value)
        if dress.get("customer"):
            self.shop.another.save()
        for order, fields in (dress.get("orders") or {}).items():
            Order.objects.filter(brand=self.shop.brand, number=order).update(**fields)
        for handle, fields in (dress.get("products") or {}).items():
            Product.objects.filter(brand=self.shop.brand, handle=handle).update(**fields)
            if "titles" in fields:
                for order in Order.objects.filter(lines__variant__product__handle=handle, brand=self.shop.brand):
                    order.lines.filter(variant__product__handle=handle).update(titles=fields["titles"])

    # ---- the world ----

    def _photo(self) -> Snapshot:
        return photograph([self.shop.brand, self.shop.elsewhere])

    def _count(self) -> None:
        """What the attack has changed since the last look."""
        if self._is_attacking:
            now = self._photo()
            self.played.changes += changed(self._base, now, but=_OF_THE_DOOR)
            self._base = now

    def _shop_does(self, deed: str) -> None:
        """What the shop does meanwhile; nothing of it is the attack's doing."""
        self._count()
        verb, _, rest = deed.partition(" ")
        number, _, more = rest.partition(" ")
        order = self.shop.order(number)
        if verb == "ships":
            order.state = OrderState.SHIPPED
            order.save(update_fields=["state"])
            Shipment.objects.create(
                brand=order.brand, order=order, external_id=f"ship-{number}", carrier="DHL",
                tracking_number=f"TR{number[-4:]}99", state="in_transit", shipped_at=clock.now(),
            )  # fmt: skip
        elif verb == "packs":
            order.state = OrderState.PACKING
            order.save(update_fields=["state"])
        elif verb == "refunds":
            refund(order, Money(int(more), order.currency), reason="shop", by=SYSTEM, key=f"shop-{number}-{more}",
                   rule="refund.assistant_limit")  # fmt: skip
        else:
            raise Misplayed(f"the shop cannot `{deed}`")
        if self._is_attacking:
            self._base = self._photo()

    # ---- turns ----

    def _take(self, turn: Mapping[str, Json]) -> None:
        if hours := turn.get("wait_hours"):
            self._clock.enter_context(clock.held_at(clock.now() + timedelta(hours=float(hours))))
        if turn.get("shop"):
            self._shop_does(str(turn["shop"]))
        if "together" in turn:
            written = [self._write(one) for one in turn["together"]]
            for talk, message in written:
                self._answer(talk, message)
        elif turn.keys() - {"wait_hours", "shop"}:
            self._answer(*self._write(turn))

    def _write(self, turn: Mapping[str, Json]) -> tuple[_Talk, Message | None]:
        talk = self.talks[str(turn.get("talk", self.first))]
        text = self._worded(str(turn.get("text", "")))
        choice = self._worded(str(turn.get("choice", "")))
        if "press" in turn:
            choice = self._button(self.talks[str(turn.get("of", talk.name))], str(turn["press"]), turn.get("back", 0))
        self.newest = talk.name
        shown = text or choice
        self.played.lines.append((f"{talk.name} ({talk.holder.by})", shown[:400]))
        if talk.holder.by != "mira":
            self.played.said += [str(value) for value in _strings(turn)] + [text, choice]
        try:
            if talk.holder.channel == "email":
                return talk, self._mail(talk, turn, text)
            return talk, talk.chats(text, choice, turn)
        except Refused as refused:  # the door itself says no: empty, too long
            self.played.lines.append(("kefu", f"[refused: {refused.code}]"))
            self._see(talk, str(getattr(refused, "tells_customer", "")))
            return talk, None

    def _worded(self, text: str) -> str:
        if text.startswith(HUGE):  # "HUGE:words again and again:the end", too long to be written out
            _, words, end = text.split(":", 2)
            text = words * (HUGE_LETTERS // len(words)) + end
        for word, other in self.instead.items():
            text = text.replace(word, other)
        return text

    def _button(self, talk: _Talk, wanted: str, back: int) -> str:
        asked = [row for row in talk.replies() if row.extras.get("choices")]
        if len(asked) <= back:
            raise Misplayed(f"no buttons to press `{wanted}` among")
        choices = asked[-1 - back].extras["choices"]
        for one in choices:
            if one["value"] == wanted or one["value"].partition(":")[0] == wanted or one["label"] == wanted:
                return str(one["value"])
        raise Misplayed(f"no button `{wanted}` among {[one['value'] for one in choices]}")

    def _mail(self, talk: _Talk, turn: Mapping[str, Json], text: str) -> Message | None:
        self._uid += 1
        mail = EmailMessage()
        sender = str(turn.get("from") or _ADDRESS[talk.holder.by])
        verdict = turn.get("verdict", "pass")
        if verdict:
            mail["Authentication-Results"] = _VERDICT.format(verdict=verdict, domain=sender.rpartition("@")[2])
        for name, value in (turn.get("headers") or {}).items():
            mail[name] = self._worded(str(value))
        mail["From"] = f"{_quoted(str(turn.get('name') or 'Somebody'))} <{sender}>"
        mail["To"] = "help@lumen.example"
        if turn.get("reply_to"):
            mail["Reply-To"] = str(turn["reply_to"])
        mail["Subject"] = self._worded(str(turn.get("subject") or "Order"))
        message_id = f"m{self._uid}.{talk.name}@{sender.rpartition('@')[2]}"
        mail["Message-ID"] = f"<{message_id}>"
        if talk.mails:
            mail["References"] = " ".join(f"<{one}>" for one in talk.mails)
        mail.set_content(text)
        if turn.get("html"):
            mail.add_alternative(self._worded(str(turn["html"])), subtype="html")
        if turn.get("file"):
            mail.add_attachment(b"%PDF-1.4 of nobody", maintype="application", subtype="pdf", filename=turn["file"])
        talk.mails.append(message_id)
        cursor = {"uidvalidity": 1, "uid": self._uid}
        rows = keep_mail(self.shop.email, [Fetched(self._uid, mail.as_bytes())], uidvalidity=1, cursor=cursor)
        read = [message for row in rows for message in read_mail(row)]
        if read:
            talk.conversation_id = read[-1].conversation_id
        return read[-1] if read else None

    def _answer(self, talk: _Talk, message: Message | None) -> None:
        if message is None:
            return
        take_turn(message.conversation_id)
        for row in talk.replies():
            if row.pk not in talk.seen and row.pk > message.pk:
                talk.seen.add(row.pk)
                self.played.lines.append(("kefu", row.text + "".join(f" [{one}]" for one in _labels(row))))
                self._see(talk, self._seen(row))

    def _seen(self, row: Message) -> str:
        """All of a reply that reaches its reader: words, buttons, cards, subject; the desk's "why" stays at the desk.
        A letter to her own address may greet Mira by her name, whoever forged the mail it answers."""
        text = "\n".join([row.text, row.html, json.dumps(row.extras, ensure_ascii=False), row.conversation.subject])
        is_to_her = row.conversation.identity.address == self.shop.mira.email
        return text.replace(self.shop.mira.name, "…") if is_to_her else text

    def _see(self, talk: _Talk, text: str) -> None:
        if self._is_attacking and talk.holder.by != "mira" and text:
            self.played.seen.append((talk.name, text))

    def _standing(self) -> str:
        """Whether a confirmation's buttons stand under the newest reply of the talk that was last written in."""
        rows = self.talks[self.newest].replies()
        values = [one["value"].partition(":")[0] for one in (rows[-1].extras.get("choices") or ())] if rows else []
        return "confirm" if values == ["yes", "no"] else "free"


class _Talk:
    """One conversation of one holder."""

    def __init__(self, name: str, holder: Holder, shop: Shop) -> None:
        self.name, self.holder, self.shop = name, holder, shop
        self.public_id = str(new_id())
        self.conversation_id = 0
        self.seen: set[int] = set()
        self.mails: list[str] = []

    def chats(self, text: str, choice: str, turn: Mapping[str, Json]) -> Message:
        who = {"another": self.shop.another, "mira": self.shop.mira}.get(self.holder.by)
        proof: dict[str, Any] = {}
        if who is not None:
            proof = {"proven_customer": who.external_id, "verification": Verification.CUSTOMER}
        address = f"customer:{who.external_id}" if who else f"visitor:{self.public_id}"
        files = (InboundFile(str(turn["file"]), b"%PDF-1.4 of nobody", "application/pdf"),) if turn.get("file") else ()
        message = receive_message(
            self.shop.chat,
            Inbound(external_id=str(new_id()), address=address, text=text, choice=choice, files=files,
                    name=str(turn.get("name", "")), conversation_id=self.public_id, **proof),
        )  # fmt: skip
        self.conversation_id = message.conversation_id
        return message

    def replies(self) -> list[Message]:
        if not self.conversation_id:
            return []
        rows = Message.objects.filter(conversation_id=self.conversation_id, kind=MessageKind.MESSAGE)
        return list(rows.exclude(author=Author.CUSTOMER).order_by("pk"))


def _labels(row: Message) -> list[str]:
    return [str(one["label"]) for one in row.extras.get("choices") or ()]


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)


def _quoted(name: str) -> str:
    clean = "".join(" " if ord(letter) < 32 else letter for letter in name).replace("\\", "").replace('"', "'")
    return f'"{clean}"'
