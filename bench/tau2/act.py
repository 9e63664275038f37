"""τ² actions as calls through Kefu's one door for deeds, in a conversation whose customer is known.

| τ² | Kefu |
|---|---|
| find_user_id_by_email, find_user_id_by_name_zip | the conversation is proved by identity.prove |
| get_user_details, get_order_details, get_product_details … | the turn's facts, the catalogue: read, not done |
| cancel_pending_order | commerce.cancel_order |
| modify_pending_order_address, _items, _payment | commerce.change_address, .change_items, .change_payment |
| modify_user_address | commerce.change_default_address |
| return_delivered_order_items | commerce.return_items |
| exchange_delivered_order_items | commerce.exchange_items |
| transfer_to_human_agents, calculate, think | nothing: no row of the shop changes |

An item id means the first line of the order with that item that the call has not named yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from django.db import transaction

from bench.tau2.files import WRITES, Action, Task
from bench.tau2.shop import COUNTRY, address_of, number_of
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.judging import requests_of
from kefu.assistant.actions.perform import perform
from kefu.assistant.actions.registry import actions
from kefu.assistant.engine.effects import ActionResult, Deed
from kefu.assistant.gather import gather
from kefu.desk.inbound import Inbound
from kefu.desk.models import Channel, Conversation, Verification
from kefu.desk.services import receive_message
from kefu.kernel import clock
from kefu.kernel.errors import Refused
from kefu.kernel.ids import new_id
from kefu.people.actors import assistant
from kefu.people.models import Brand, Customer

Json = Any
#: how a customer tells of a fault; a fault is made good with the same item again, a whim is not
FAULTY = re.compile(
    r"\b(damaged|broken|defective|faulty|defect|quality|worn|used already|scratched|cracked|does(n't| not) work|"
    r"not working|stopped working|missing parts?|wrong item)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Session:
    """One conversation with the bench's brand. `says_fault`: the customer has told of a fault of what they got."""

    brand: Brand
    db: Json
    says_fault: bool = False
    conversation: Conversation = field(init=False)
    _deeds: int = 0

    def __post_init__(self) -> None:
        channel = Channel.objects.get(brand=self.brand, kind="chat")
        name = str(new_id())
        message = receive_message(channel, Inbound(name, f"bench:{name}", "Hello", conversation_id=name))
        self.conversation = message.conversation

    def prove(self, user_id: str) -> None:
        """Show who writes, as identity.prove does after a name and postcode, or an e-mail address, that fit."""
        customer = Customer.objects.get(brand=self.brand, external_id=user_id)
        conversation = self.conversation
        conversation.customer = customer
        conversation.verification = Verification.CUSTOMER
        conversation.save(update_fields=["customer", "verification"])

    def do(self, action: Action, *, confirmed: bool = True) -> ActionResult | None:
        """One action of the set. None for one that changes nothing in a shop. Raises KeyError for an unknown name."""
        if action.name not in WRITES:
            return None
        name, args = self.translated(action)
        self._deeds += 1
        call = self._call()
        amounts = _amounts(call, name, args)
        yes = Deed(name, {key: one for key, one in args.items() if one is not None}, amounts).fingerprint()
        with transaction.atomic():
            return perform(call, name, args, confirmed=yes if confirmed else "", amounts=amounts)

    def _call(self) -> ActionCall:
        conversation = self.conversation
        return ActionCall(
            actor=assistant(self.brand.pk), brand=self.brand, conversation=conversation, case=None,
            customer=conversation.customer, key=f"bench:{conversation.pk}:{self._deeds}",
            facts=gather(conversation, language="en"), now=clock.now(), language="en",
        )  # fmt: skip

    def translated(self, action: Action) -> tuple[str, dict[str, Json]]:
        """Name and arguments of Kefu's action."""
        args = action.args
        order = number_of(args.get("order_id", ""))
        payment = args.get("payment_method_id") or None
        match action.name:
            case "cancel_pending_order":
                return "commerce.cancel_order", {"order": order, "reason": args["reason"]}
            case "modify_pending_order_address":
                return "commerce.change_address", {"order": order, "address": _address(args)}
            case "modify_user_address":
                return "commerce.change_default_address", {"address": _address(args), **self._for(args["user_id"])}
            case "modify_pending_order_payment":
                return "commerce.change_payment", {"order": order, "payment": payment}
            case "return_delivered_order_items":
                lines = self._lines(order, args["item_ids"])
                return "commerce.return_items", {"order": order, "lines": lines, "refund_to": payment}
            case "modify_pending_order_items" | "exchange_delivered_order_items":
                lines = self._lines(order, args["item_ids"])
                changes = [
                    {"line": line, "sku": str(sku)}
                    for line, sku in zip_longest(lines, args["new_item_ids"], fillvalue="")
                ]
                if action.name.startswith("modify"):
                    return "commerce.change_items", {"order": order, "changes": changes, "payment": payment}
                reason = "damaged" if self.says_fault else None
                return "commerce.exchange_items", {
                    "order": order, "changes": changes, "payment": payment, "reason": reason
                }  # fmt: skip
        raise KeyError(action.name)

    def _for(self, user_id: str) -> dict[str, str]:
        """A default address is always the conversation's own customer's; another's cannot even be named."""
        own = self.conversation.customer.external_id
        return {"customer": user_id} if own and own != user_id else {}

    def _lines(self, order: str, item_ids: list[str]) -> list[str]:
        """Line refs; an item that the order hasn't (any more) stands as a line that isn't there."""
        from kefu.commerce.models import OrderLine

        rows = OrderLine.objects.filter(brand=self.brand, order__number=order).select_related("variant")
        left: dict[str, list[int]] = {}
        for row in rows.order_by("position"):
            left.setdefault(row.variant.sku, []).append(row.position)
        places = {sku: list(positions) for sku, positions in left.items()}
        refs = []
        for item in map(str, item_ids):
            own = places.get(item)
            place = own.pop(0) if own else (left[item][0] if item in left else 999)
            refs.append(f"{order or 'W0'}/{place}")
        return refs


def _address(args: Mapping[str, Json]) -> dict[str, str]:
    parts = {**address_of(args), "postcode": args["zip"], "country": COUNTRY}
    return {name: value for name, value in parts.items() if value}


def _amounts(call: ActionCall, name: str, args: Mapping[str, Json]) -> dict[str, Json]:
    """What the confirmation would show of money, for the yes is to that."""
    known = actions()[name]
    clean = {key: value for key, value in args.items() if value is not None}
    try:
        typed = {one.name: one.read(clean[one.name]) for one in known.parameters if one.name in clean}
        (request, *_), _ = requests_of(known, call, clean, typed)
    except (Refused, TypeError, KeyError):
        return {}
    amounts = {"refund": request.amount, "charge": request.charge}
    return {key: {"minor": one.minor, "currency": one.currency} for key, one in amounts.items() if one is not None}


def replay(brand: Brand, db: Json, task: Task) -> tuple[list[ActionResult], str]:
    """All actions of a task's reference in one conversation. Gives the results of the writes and the user's id."""
    session = Session(brand, db, says_fault=FAULTY.search(" ".join(task.told.values())) is not None)
    user = user_of(task, db)
    if user:
        session.prove(user)
    results = [session.do(action) for action in task.actions]
    return [one for one in results if one is not None], user


def user_of(task: Task, db: Json) -> str:
    """Whose conversation the reference is: as its look-up finds them, else the owner of what it names."""
    for action in task.actions:
        args = action.args
        if action.name == "find_user_id_by_email":
            found = next((key for key, user in db["users"].items() if user["email"] == args["email"]), "")
        elif action.name == "find_user_id_by_name_zip":
            found = next((key for key, user in db["users"].items() if _is_named(user, args)), "")
        elif "user_id" in args:
            found = args["user_id"] if args["user_id"] in db["users"] else ""
        else:
            found = db["orders"].get(args.get("order_id"), {}).get("user_id", "")
        if found:
            return str(found)
    return ""


def _is_named(user: Json, args: Mapping[str, Json]) -> bool:
    name = user["name"]
    return (
        name["first_name"].lower() == str(args["first_name"]).lower()
        and name["last_name"].lower() == str(args["last_name"]).lower()
        and user["address"]["zip"] == str(args["zip"])
    )
