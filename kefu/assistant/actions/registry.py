"""What the assistant can do. An action declares itself with `@action`; nothing else is ever run."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

from kefu.assistant.actions.arguments import Parameter, parameter
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.engine.specs import ActionSpec
from kefu.desk.models import Verification
from kefu.kernel.money import Money


class Kind(StrEnum):
    READS = "reads"
    WRITES = "writes"


READS, WRITES = Kind.READS, Kind.WRITES


@dataclass(frozen=True, slots=True)
class Action:
    """One declared action; docs/reference/actions.md is written from these fields.

    pays: gives the money it would pay out, for policy, the limit and the customer's yes.
    charges: gives the money it would take from the customer, for policy and the customer's yes.
    limit: the most the assistant pays without a person, whatever the rules say.
    undo: name of the action that takes it back, if there is one.
    is_gift: counts against the budgets in remedies/goodwill.yaml.
    refusals: codes beside the common ones that a playbook may branch on.
    """

    name: str
    kind: Kind
    run: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    returns: tuple[str, ...]
    verification: Verification
    confirm: bool
    limit: Money | None
    undo: str
    refusals: frozenset[str]
    pays: Callable[..., Money | None] | None
    charges: Callable[..., Money | None] | None = None
    is_gift: bool = False

    @property
    def doc(self) -> str:
        return inspect.cleandoc(self.run.__doc__ or "")

    @property
    def spec(self) -> ActionSpec:
        return ActionSpec(
            name=self.name,
            kind=self.kind.value,
            confirm=self.confirm,
            args={parameter.name: parameter.kind for parameter in self.parameters},
            returns=frozenset(self.returns),
            refusals=self.refusals | COMMON_REFUSALS,
            optional=frozenset(parameter.name for parameter in self.parameters if parameter.is_optional),
        )


#: codes that any action may come back with
COMMON_REFUSALS = frozenset({"identity.needed", "actions.not_confirmed", "policy.refused", "policy.needs_approval"})

_actions: dict[str, Action] = {}


def action(
    *,
    name: str,
    kind: Kind,
    verification: Verification = Verification.NONE,
    confirm: bool = False,
    limit: Money | None = None,
    undo: str = "",
    refusals: tuple[str, ...] = (),
    pays: Callable[..., Money | None] | None = None,
    charges: Callable[..., Money | None] | None = None,
    is_gift: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an action: a function of an ActionCall and keyword arguments of the kinds in arguments.py, answering
    with a dataclass. A writing action that pays needs a confirmation and a limit or a verification level."""

    def declare(run: Callable[..., Any]) -> Callable[..., Any]:
        hints = typing.get_type_hints(run)
        signature = inspect.signature(run)
        answer = hints.get("return")
        if not (isinstance(answer, type) and is_dataclass(answer)):
            raise TypeError(f"action {name} must answer with a dataclass; its fields are what playbooks may say")
        if name in _actions:
            raise TypeError(f"action {name} is declared twice")
        if (pays or charges) and not (kind is WRITES and confirm):
            raise TypeError(f"action {name} moves money, so it writes and needs a confirmation")
        if kind is READS and (confirm or limit or undo):
            raise TypeError(f"action {name} only reads; it has nothing to confirm, limit or undo")
        given = [item for item in signature.parameters.values() if item.kind is inspect.Parameter.KEYWORD_ONLY]
        _actions[name] = Action(
            name=name, kind=kind, run=run,
            parameters=tuple(
                parameter(item.name, hints[item.name], has_default=item.default is not inspect.Parameter.empty)
                for item in given
            ),
            returns=tuple(field.name for field in fields(answer)),
            verification=verification, confirm=confirm, limit=limit, undo=undo, refusals=frozenset(refusals), pays=pays,
            charges=charges,
            is_gift=is_gift,
        )  # fmt: skip
        return run

    return declare


def actions() -> Mapping[str, Action]:
    """All actions by name; importing them here keeps the list complete whoever asks first."""
    from kefu.assistant.actions import (  # noqa: F401 they declare themselves
        accounts,
        aftercare,
        answers,
        changes,
        identity,
        locating,
        orders,
        parcels,
        pieces,
        quotes,
        remedies,
        returns,
        variants,
    )
    from kefu.assistant.actions.plans import planning  # noqa: F401
    from kefu.assistant.actions.sale import (  # noqa: F401
        basket,
        candidates,
        comparing,
        coupons,
        naming,
        shipping,
        sizes,
        stock,
        suggesting,
    )

    return _actions


def action_specs() -> dict[str, ActionSpec]:
    """The actions as the playbook loader sees them."""
    return {name: found.spec for name, found in sorted(actions().items())}


__all__ = ["READS", "WRITES", "Action", "ActionCall", "Kind", "action", "action_specs", "actions"]
