"""What the shop in memory does about accounts and lost parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kefu.assistant.engine.effects import Act, ActionResult

if TYPE_CHECKING:
    from kefu.assistant.facts import OrderFact


class AccountsAndParcels:
    """Results as the real actions give them; the order of a lost parcel is paid back in the facts too."""

    done: list[Act]
    orders: list[OrderFact]

    def _did(self, act: Act, rule: str, **value: Any) -> ActionResult:
        self.done.append(act)
        return ActionResult(act.action, act.step, True, value, rule=rule)

    def _account_unsubscribe(self, act: Act) -> ActionResult:
        return self._did(act, "account.unsubscribe_at_once", unsubscribed=True)

    def _account_resubscribe(self, act: Act) -> ActionResult:
        return self._did(act, "account.own_data", subscribed=True)

    def _asked(self, act: Act) -> ActionResult:
        return self._did(act, "account.own_data", request_number="R000017", request_by={"date": "2026-03-04"})

    _account_ask_export = _account_ask_erasure = _account_ask_change = _asked

    def _parcels_resend_lost(self, act: Act) -> ActionResult:
        return self._did(act, "lost.resend_small", order_number=act.args["order"], resend_by={"date": "2026-03-04"})

    def _parcels_refund_lost(self, act: Act) -> ActionResult:
        found = next(one for one in self.orders if one.number == act.args["order"])
        paid = {"minor": found.paid.minor, "currency": found.paid.currency}
        return self._did(act, "lost.refund_small", order_number=found.number, refund=paid, refund_days=5, method="card")
