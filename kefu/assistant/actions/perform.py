"""The one door: an action is done here or not at all."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.errors import (
    BadArguments,
    KeyTaken,
    NotConfirmed,
    NotVerified,
    RefusedButKept,
    UnknownAction,
)
from kefu.assistant.actions.judging import requests_of
from kefu.assistant.actions.registry import WRITES, Action, actions
from kefu.assistant.actions.values import as_facts
from kefu.assistant.approvals.asking import ask_approval
from kefu.assistant.editions.working_rules import rules_for
from kefu.assistant.engine.effects import ActionResult, Deed
from kefu.assistant.models import ActionRecord
from kefu.assistant.policy import Decision, PolicyRequest, Rule, Ruling, decide
from kefu.assistant.policy.rules import STRICTEST_FIRST
from kefu.commerce.tables.proof import level_asked
from kefu.desk import events
from kefu.kernel import crypto
from kefu.kernel.errors import Refused
from kefu.kernel.ids import new_id
from kefu.kernel.money import Money
from kefu.kernel.prepared import Prepared
from kefu.people.actors import ASSISTANT_RIGHTS, Actor, ActorKind

log = logging.getLogger(__name__)

ACTION_DONE = "assistant.action_done"
ACTION_REFUSED = "assistant.action_refused"
POLICY_FAILED = "assistant.policy_failed"
LONGEST_KEY = 100
LIMIT_RULE = "action.limit"


class _PolicySaysNo(Refused):
    code = "policy.refused"

    def __init__(self, decision: Decision) -> None:
        super().__init__(rule=decision.rule)
        self.decision = decision


def perform(
    call: ActionCall,
    action: str,
    args: Mapping[str, Any],
    *,
    confirmed: str = "",
    amounts: Mapping[str, Any] | None = None,
    step: str = "",
    rules: tuple[Rule, ...] | None = None,
) -> ActionResult:
    """Do one action, or say why not. Never raises Refused; anything else that is raised is our own fault.

    confirmed: fingerprint of the Deed the customer said yes to. amounts: the amounts of the present Deed, as the
    engine put them into it; where the action itself pays, "refund" must be what it would pay now.
    step: id of the playbook step, given back in the result. rules: instead of the brand's pack.

    In this order: known action, argument shapes, verification, own order, an earlier result under the same key,
    confirmation of exactly this deed, policy, then the deed under a savepoint. A refusal leaves no half state; each
    deed and each refusal is recorded (ActionRecord, event) in the caller's transaction, with its rule.
    """
    if call.conversation.brand_id != call.brand.pk or call.facts.brand != call.brand.slug:
        raise ValueError("the call mixes two brands")
    clean = {name: value for name, value in args.items() if value is not None}
    known, rule = actions().get(action), ""
    requests: list[PolicyRequest] = []
    try:
        if known is None:
            raise UnknownAction(action=action)
        if not 0 < len(call.key) <= LONGEST_KEY:
            raise BadArguments(argument="key", problem=f"must have 1 to {LONGEST_KEY} characters")
        typed = _typed(known, clean)
        if call.level < max(known.verification, level_asked(call.facts.tables, action)):
            raise NotVerified(action=action)
        if (earlier := _earlier(call, action, clean)) is not None:
            return _result_of(earlier, step)
        requests, unclear = requests_of(known, call, clean, typed)
        _require_confirmation(known, clean, requests[0], confirmed=confirmed, amounts=amounts)
        decision = _decided(known, requests, call, rules)
        rule = decision.rule
        if unclear is not None:
            raise unclear
        return _run(known, _agreed(call, requests[0], decision.rule), clean, typed, decision, step)
    except _PolicySaysNo as refused:
        if known is not None and known.confirm and refused.decision.decision is Ruling.NEEDS_APPROVAL:
            ask_approval(call, action, clean, confirmed=confirmed, amounts=amounts or {},
                         amount=requests[0].amount, decision=refused.decision)  # fmt: skip
        return _policy_refusal(call, action, clean, refused.decision, step)
    except Refused as refused:
        return _refusal(call, action, clean, refused, step, rule=rule)


def judge(call: ActionCall, action: str, args: Mapping[str, Any]) -> Decision:
    """What the rules say of this deed by this actor now, without doing it. Raises Refused where the shop couldn't do
    it any more, or where the arguments are none."""
    known = actions()[action]
    requests, unclear = requests_of(known, call, dict(args), _typed(known, args))
    if unclear is not None:
        raise unclear
    try:
        return _decided(known, requests, call, None)
    except _PolicySaysNo as refused:
        return refused.decision


def _typed(known: Action, args: Mapping[str, Any]) -> dict[str, Any]:
    declared = {parameter.name: parameter for parameter in known.parameters}
    for name in args:
        if name not in declared:
            raise BadArguments(argument=name, problem="unknown argument")
    for name, parameter in declared.items():
        if name not in args and not parameter.is_optional:
            raise BadArguments(argument=name, problem="missing")
    return {name: declared[name].read(raw) for name, raw in args.items()}


def _agreed(call: ActionCall, request: PolicyRequest, rule: str) -> ActionCall:
    agreed = {"refund": request.amount, "charge": request.charge}
    return replace(
        call, rule=rule, actor=_lent(call), agreed={name: money for name, money in agreed.items() if money is not None}
    )


def _lent(call: ActionCall) -> Actor:
    """Whom a rule lets do this very deed may do it, whatever their role may do elsewhere without a rule."""
    if call.actor.kind is not ActorKind.AGENT:
        return call.actor
    rights = call.actor.rights.get(call.brand.pk, frozenset())
    return replace(call.actor, rights={**call.actor.rights, call.brand.pk: rights | ASSISTANT_RIGHTS})


def _require_confirmation(
    known: Action, args: dict[str, Any], request: PolicyRequest, *, confirmed: str, amounts: Mapping[str, Any] | None
) -> None:
    if not known.confirm:
        return
    present = dict(amounts or {})
    refund, charge = _plain(request.amount), _plain(request.charge)
    if refund is not None and "refund" in present and present["refund"] != refund:
        raise NotConfirmed(action=known.name, problem="the amount has changed")
    # nobody pays what they were not shown, and nothing other than what they were shown
    if charge != present.get("charge"):
        raise NotConfirmed(action=known.name, problem="what is to be paid has changed")
    if not confirmed or confirmed != Deed(known.name, args, present).fingerprint():
        raise NotConfirmed(action=known.name)


def _plain(amount: Money | None) -> dict[str, Any] | None:
    return {"minor": amount.minor, "currency": amount.currency} if amount is not None else None


def _decided(
    known: Action, requests: Sequence[PolicyRequest], call: ActionCall, rules: tuple[Rule, ...] | None
) -> Decision:
    """Of several lines the strictest decision counts: one that may not come back keeps the others here too."""
    book = rules_for(call.brand) if rules is None else rules
    decisions = [decide(book, request) for request in requests]
    decision = min(decisions, key=lambda one: STRICTEST_FIRST.index(one.decision))
    for traced in decision.errors:
        log.error("policy rule %s failed for %s: %s", traced.rule, known.name, traced.error)
        events.record(POLICY_FAILED, call.conversation, by=call.actor, case=call.case,
                      action=known.name, rule=traced.rule, problem=traced.error)  # fmt: skip
    if not decision.is_allowed:
        raise _PolicySaysNo(decision)
    amount = requests[0].amount
    over = known.limit is not None and amount is not None and not (
        amount.currency == known.limit.currency and amount.minor <= known.limit.minor
    )  # fmt: skip
    if over and requests[0].actor == "assistant":
        raise _PolicySaysNo(Decision(Ruling.NEEDS_APPROVAL, LIMIT_RULE, role="supervisor",
                                     explains="policy.refund_approval", trace=decision.trace))  # fmt: skip
    return decision


def _run(
    known: Action, call: ActionCall, args: dict[str, Any], typed: dict[str, Any], decision: Decision, step: str
) -> ActionResult:
    if known.kind is not WRITES:
        value = as_facts(known.run(call, **typed))
        return ActionResult(known.name, step, ok=True, value=value, rule=decision.rule)
    kept: RefusedButKept | None = None
    record = _new_record(call, known.name, args, key=call.key, ok=True, rule=decision.rule)
    try:
        with transaction.atomic():
            # the unique key is taken before the deed: a second worker waits here, then finds the first result
            with transaction.atomic():
                record.save(force_insert=True)
            try:
                record.value = as_facts(known.run(call, **typed))
                record.save(update_fields=["value"])
            except RefusedButKept as refused:
                kept = refused
                record.delete()
    except IntegrityError:
        earlier = _earlier(call, known.name, args)
        if earlier is None:
            raise
        return _result_of(earlier, step)
    if kept is not None:
        raise kept
    events.record(ACTION_DONE, call.conversation, by=call.actor, case=call.case,
                  action=known.name, args=_told(known.name, args), rule=decision.rule, record=record.pk)  # fmt: skip
    return ActionResult(known.name, step, ok=True, value=record.value, rule=decision.rule)


_RECORD = Prepared(lambda brand, key: ActionRecord.objects.filter(brand=brand, key=key), brand=-1, key="a key")


def _earlier(call: ActionCall, action: str, args: dict[str, Any]) -> ActionRecord | None:
    """The deed done under the same key. Raises KeyTaken when it was another deed."""
    record = _RECORD.first(brand=call.brand.pk, key=call.key)
    if record is None:
        return None
    if record.action != action or record.args != _told(action, args) or record.conversation_id != call.conversation.pk:
        raise KeyTaken(key=call.key)
    return record


def _result_of(record: ActionRecord, step: str) -> ActionResult:
    return ActionResult(record.action, step, ok=record.ok, value=record.value, code=record.code, rule=record.rule)


#: what tells where somebody lives
_HOME = frozenset({"name", "street", "street2", "city", "region", "postcode", "address"})


def _told(action: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as they may be kept: a proof is not written down, an address only as a mark that shows whether it is
    the same again, and a long text is cut."""
    if action.startswith("identity."):
        return {name: value for name, value in args.items() if name not in {"proof", "told", *_HOME}}
    if action in ("commerce.change_address", "commerce.change_default_address"):
        return {name: _mark(value) if name in _HOME else value for name, value in args.items()}
    return {name: value[:500] if isinstance(value, str) else value for name, value in args.items()}


def _mark(value: Any) -> str:
    return crypto.mac(json.dumps(value, sort_keys=True), purpose="address-kept", length=8).hex()


def _new_record(
    call: ActionCall, action: str, args: Mapping[str, Any], *, key: str, ok: bool, rule: str, code: str = ""
) -> ActionRecord:
    return ActionRecord(
        brand=call.brand, conversation=call.conversation, case=call.case, key=key, action=action[:80],
        args=_told(action, args), ok=ok, rule=rule[:80], code=code[:80], actor_kind=call.actor.kind.value,
        actor_id=call.actor.id, at=call.now,
    )  # fmt: skip


def _refusal(
    call: ActionCall, action: str, args: dict[str, Any], refused: Refused, step: str, *, rule: str
) -> ActionResult:
    _record_refusal(call, action, args, code=refused.code, rule=rule)
    return ActionResult(action, step, ok=False, code=refused.code, tells_customer=refused.tells_customer,
                        rule=rule, decision="refuse")  # fmt: skip


def _policy_refusal(call: ActionCall, action: str, args: dict[str, Any], decision: Decision, step: str) -> ActionResult:
    needs_approval = decision.decision is Ruling.NEEDS_APPROVAL
    code = "policy.needs_approval" if needs_approval else "policy.refused"
    _record_refusal(call, action, args, code=code, rule=decision.rule)
    return ActionResult(action, step, ok=False, value={"role": decision.role} if needs_approval else {}, code=code,
                        tells_customer=decision.explains, rule=decision.rule,
                        decision=decision.decision.value)  # fmt: skip


def _record_refusal(call: ActionCall, action: str, args: dict[str, Any], *, code: str, rule: str) -> None:
    """A refusal never takes the key: the same deed may be allowed later, once confirmed or approved."""
    key = f"{call.key[:80]}~{new_id().hex}"
    _new_record(call, action, _storable(args), key=key, ok=False, rule=rule, code=code).save(force_insert=True)
    events.record(ACTION_REFUSED, call.conversation, by=call.actor, case=call.case,
                  action=action[:80], code=code, rule=rule)  # fmt: skip


def _storable(args: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of a refused call may be anything; what JSON or the database cannot hold is left out."""
    return {
        str(name)[:80].replace("\x00", ""): value.replace("\x00", "") if isinstance(value, str) else value
        for name, value in args.items()
        if isinstance(value, str | int | bool)
    }
