"""The shop's counter for faults, warranty, invoices and feedback, in memory: by the pack's own tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from kefu.assistant.actions.values import as_fact
from kefu.assistant.checks.values import money, working_days_after
from kefu.assistant.dialogue.tests.world import NOW, PACK, TODAY
from kefu.assistant.engine.effects import Act, ActionResult
from kefu.assistant.facts import Facts, LineFact, OrderFact
from kefu.assistant.remedies.plan import amounts_of, days_since_arrival, months_after, wished_first, worth
from kefu.assistant.remedies.table import Circumstances, Remedies, load
from kefu.kernel.money import Money


def tables() -> Remedies:
    return load(PACK / "remedies")


@dataclass(kw_only=True)
class Aftercare:
    """`stock`: pieces of every article. `claims`: remedies of the last year. `remedied`: (line, cause) made good.
    `approves`: deeds that a person must allow, by action."""

    stock: int = 5
    claims: int = 0
    remedied: set[tuple[str, str]] = field(default_factory=set)
    approves: set[str] = field(default_factory=set)
    refunded_days_ago: int = 2
    invoices: bool = True
    warranty_months: int = 24

    if TYPE_CHECKING:  # the shop that this is a counter of has them
        orders: list[OrderFact]
        done: list[Act]

        def facts(self) -> Facts: ...

    def _line_of(self, act: Act) -> tuple[OrderFact, LineFact]:
        order = next(one for one in self.orders if one.line(act.args["line"]))
        line = order.line(act.args["line"])
        assert line is not None
        return order, line

    def _refused(self, act: Act, code: str) -> ActionResult:
        return ActionResult(act.action, act.step, False, code=code, decision="refuse")

    def _remedies_plan(self, act: Act) -> ActionResult:
        order, line = self._line_of(act)
        cause, pieces = str(act.args["cause"]), int(act.args.get("quantity", line.quantity - line.returned))
        if (line.ref, cause) in self.remedied:
            return self._refused(act, "remedies.claimed_before")
        case = Circumstances(cause, worth(line, order, pieces), order.country,
                             days_since_arrival(self.facts(), line, order), self.claims)  # fmt: skip
        row = tables().row_for(case)
        if row is None or row.is_for_person:
            return self._refused(act, "remedies.for_a_person")
        if row.proof == "needed" and "photo" not in act.args:
            return self._refused(act, "remedies.proof_needed")
        amounts = amounts_of(row, case.value)
        able = tuple(way for way in row.ladder if way != "resend" or self.stock >= pieces)
        ways, unmet = wished_first(able, act.args.get("wished"))
        remedies = [
            {"option": way, "amount": money(amounts[way]), "refund": money(amounts[way])}
            if way in amounts
            else {"option": way}
            for way in ways
        ]
        value = {"remedies": remedies, "unmet": unmet, "item": {"text": dict(line.titles)},
                 "order_number": order.number, "pieces": pieces, "amount": money(case.value),
                 "method": {"key": "method.card"}, "refund_days": 5, "parcel_days": 14, "coupon_days": 180,
                 "remedy_rule": row.id}  # fmt: skip
        return ActionResult(act.action, act.step, True, value, rule="remedy.look_up")

    def _give(self, act: Act) -> ActionResult:
        order, line = self._line_of(act)
        if act.action in self.approves:
            return ActionResult(act.action, act.step, False, code="policy.needs_approval",
                                tells_customer="policy.refund_approval", decision="needs_approval")  # fmt: skip
        if (line.ref, str(act.args.get("cause", "defective"))) in self.remedied:
            return self._refused(act, "commerce.remedied_already")
        self.done.append(act)
        self.remedied.add((line.ref, str(act.args.get("cause", "defective"))))
        paid = act.amounts.get("refund", money(Money(0, "EUR")))
        value = {"item": {"text": dict(line.titles)}, "order_number": order.number, "pieces": 1, "amount": paid,
                 "refund_days": 5, "coupon_code": "SORRY-ACDEFGHJ", "until": {"date": "2026-08-29"},
                 "return_number": f"{order.number}-R1", "refund": money(line.unit_price), "address": "Lagerweg 1",
                 "deadline": {"date": "2026-03-16"}, "repair_number": f"{order.number}-S1"}  # fmt: skip
        return ActionResult(act.action, act.step, True, value, rule="remedy.assistant_limit")

    _commerce_resend = _commerce_pay_for_fault = _commerce_pay_without_return = _commerce_give_coupon = _give
    _commerce_take_back = _warranty_open_repair = _give

    def _feedback_report_fault(self, act: Act) -> ActionResult:
        return ActionResult(act.action, act.step, True, {"reports": 1}, rule="feedback.fault")

    def _feedback_record(self, act: Act) -> ActionResult:
        self.done.append(act)
        return ActionResult(act.action, act.step, True, {"sentiment": "positive"}, rule="feedback.anybody")

    def _warranty_look_up(self, act: Act) -> ActionResult:
        order, line = self._line_of(act)
        arrived = TODAY - timedelta(days=days_since_arrival(self.facts(), line, order))
        until = months_after(arrived, self.warranty_months)
        value = as_fact({"found": until >= TODAY, "order_number": order.number, "arrived_on": arrived, "until": until,
                         "guarantee_rule": "guarantee.eu"})  # fmt: skip
        value["item"] = {"text": dict(line.titles)}
        return ActionResult(act.action, act.step, True, value, rule="warranty.look_up")

    def _billing_refund_on_its_way(self, act: Act) -> ActionResult:
        order = next(one for one in self.orders if one.number == act.args["order"])
        sent = (NOW - timedelta(days=self.refunded_days_ago)).date()
        due = working_days_after(sent, 10)
        value = as_fact({"found": due >= TODAY, "order_number": order.number, "sent_on": sent, "due_on": due,
                         "reference": f"{order.number}-E1", "refund": order.refunded,
                         "method": {"key": "method.card"}})  # fmt: skip
        return ActionResult(act.action, act.step, True, value, rule="billing.refund_status")

    def _billing_request_invoice(self, act: Act) -> ActionResult:
        order = next(one for one in self.orders if one.number == act.args["order"])
        if order.state in ("unpaid", "cancelled"):
            return self._refused(act, "billing.nothing_to_invoice")
        value = {"found": self.invoices, "order_number": order.number, "link": "https://shop.example/invoices/x/",
                 "until": {"date": "2026-04-01"}, "billed_to": str(act.args.get("details", ""))}  # fmt: skip
        return ActionResult(act.action, act.step, True, value, rule="billing.invoice")
