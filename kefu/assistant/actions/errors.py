"""What an action can refuse before any room below is asked."""

from __future__ import annotations

from kefu.kernel.errors import Refused


class UnknownAction(Refused):
    """No action has this name. Mend the playbook; `kefu check` names the line."""

    code = "actions.unknown"
    action: str


class BadArguments(Refused):
    """The arguments are not what the action declares. Mend the playbook or the caller."""

    code = "actions.bad_arguments"
    argument: str


class NotVerified(Refused):
    """The customer has not proved enough for this. Ask for the order number with its e-mail, phone or postcode."""

    code = "identity.needed"
    tells_customer = "policy.verify_first"


class NotConfirmed(Refused):
    """The customer has not said yes to exactly this: action, arguments and amounts. Ask again with the present ones."""

    code = "actions.not_confirmed"
    tells_customer = "policy.confirm_again"


class KeyTaken(Refused):
    """The same key was used for another action or other arguments. One key names one deed."""

    code = "actions.key_taken"


class OrderNotFound(Refused):
    """There is no such order among those this customer may see. Check the number, or let them prove the order first."""

    code = "commerce.order_not_found"
    tells_customer = "policy.order_not_found"


class LineNotFound(Refused):
    """There is no such item among those this customer may see. Check the number, or let them prove the order first."""

    code = "commerce.line_not_found"
    tells_customer = "policy.order_not_found"


class RefusedButKept(Refused):
    """A refusal whose own traces must stay, such as a counted guess."""

    code = "actions.refused_but_kept"
