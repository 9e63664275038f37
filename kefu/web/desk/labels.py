"""The words for keys that come out of the database: channels, queues, playbooks, tasks, dispositions, reasons.

A key the catalogue does not know yet (a new playbook, a company's own queue) is shown as readable words, never as code.
"""

from __future__ import annotations

import re

from babel import Locale
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from kefu.desk.models import Conversation

#: names of playbooks within a sentence; a plain word only where the sentence names it as one
_NAMED = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b|(?:(?<=that is )|(?<=属于 ))(?:question|complaint)\b")

_CHANNELS = {
    "chat": noop("Chat"),
    "email": noop("E-mail"),
    "hello": noop("Hello"),
}
#: queues of people and departments that get tasks
_QUEUES = {
    "support": noop("Support"),
    "returns": noop("Returns"),
    "logistics": noop("Logistics"),
    "payments": noop("Payments"),
    "warehouse": noop("Warehouse"),
    "vip": noop("VIP"),
}
#: playbooks and the intents that begin them
_PLAYBOOKS = {
    "order_status": noop("Order status"),
    "cancel_order": noop("Cancel an order"),
    "return_item": noop("Return an item"),
    "product_question": noop("Product question"),
    "size_advice": noop("Size advice"),
    "compare_products": noop("Comparison of products"),
    "suggest_product": noop("Product suggestion"),
    "stock_question": noop("Question about stock"),
    "price_question": noop("Question about a price"),
    "coupon_question": noop("Question about a coupon"),
    "place_order": noop("Help with an order"),
    "wholesale": noop("Business customer"),
    "change_order": noop("Change an order"),
    "change_address": noop("Change an address"),
    "change_item": noop("Change an item"),
    "change_quantity": noop("Change how many"),
    "take_out_item": noop("Take an item out of an order"),
    "change_line": noop("Swap one line of an order"),
    "order_details": noop("Details of an order"),
    "payment_problem": noop("Trouble with a payment"),
    "exchange": noop("Exchange an item"),
    "exchange_item": noop("Exchange an item"),
    "item_problem": noop("Something wrong with an item"),
    "question": noop("Question"),
    "policy_question": noop("Question about terms"),
    "payment_question": noop("Question about a payment"),
    "shipping_question": noop("Question about shipping"),
    "refund_status": noop("Where is the refund"),
    "statement": noop("A statement"),
    "out_of_scope": noop("Off topic"),
    "off_topic": noop("Off topic"),
    "human": noop("Talk to a person"),
    "clarify": noop("Clarify"),
    "verify_customer": noop("Verify the customer"),
    "offer_person": noop("Offer a person"),
    "stop": noop("Stop"),
    "upset": noop("Angry customer"),
    "greeting": noop("Greeting"),
    "thanks": noop("Thanks"),
    "goodbye": noop("Goodbye"),
    "praise": noop("Praise"),
    "acknowledged": noop("Acknowledged"),
    "ask_department": noop("Ask a department"),
    "check_payment": noop("Have the payment checked"),
    "bot": noop("Is this a machine?"),
    "account_change": noop("Change of contact data"),
    "account_merge": noop("Two accounts to merge"),
    "account_open": noop("Open an account"),
    "call_off_return": noop("Call off a return"),
    "complaint": noop("Complaint about the service"),
    "consent": noop("Consent and unsubscribing"),
    "customs_duties": noop("Customs and duties"),
    "data_request": noop("Request about own data"),
    "delivery_change": noop("Change a delivery"),
    "feedback": noop("Feedback"),
    "how_to_use": noop("How to use an article"),
    "invoice": noop("Invoice or receipt"),
    "loyalty_points": noop("Loyalty points"),
    "parcel_lost": noop("Lost parcel"),
    "restricted_goods": noop("Goods that may not be sent"),
    "returned_to_sender": noop("Parcel sent back to us"),
    "sign_in_trouble": noop("Trouble signing in"),
    "urgent": noop("At once to a person"),
    "warranty_repair": noop("Repair under warranty"),
}
#: files of rules
_POLICIES = {
    "account": noop("Account and data"), "aftercare": noop("Warranty, invoices, feedback"),
    "answers": noop("What may be told"), "cancel": noop("Cancelling"), "changes": noop("Changes and exchanges"),
    "lost": noop("Lost parcels"), "plans": noop("Several wishes at once"), "refund": noop("Refunds by the assistant"),
    "remedy": noop("Making faults good"), "return": noop("Returns"), "roles": noop("Refunds by people"),
    "sale": noop("Before the sale"), "verification": noop("Proof of identity"),
}  # fmt: skip
#: how conversations and cases end
_DISPOSITIONS = {
    "solved": noop("Solved"),
    "answered": noop("Answered"),
    "explained": noop("Explained"),
    "no_reply": noop("No reply came"),
    "duplicate": noop("Duplicate"),
    "spam": noop("Spam"),
    "refused": noop("Refused by policy"),
    "automatic": noop("Automatic mail"),
    "return_opened": noop("Return opened"),
    "cancelled": noop("Order cancelled"),
    "chased": noop("Carrier asked"),
    "clarified": noop("Clarified"),
    "asked_meanwhile": noop("Asked meanwhile"),
    "kept": noop("Left as it is"),
    "proved": noop("Identity proved"),
    "stopped": noop("Dropped by the customer"),
    "asked": noop("Asked"),
    "basket_given": noop("Basket link given"),
    "changed": noop("Changed"),
    "coupon_given": noop("Coupon given"),
    "exchanged": noop("Exchanged"),
    "invoice_given": noop("Invoice given"),
    "lead_given": noop("Given to sales"),
    "notice_noted": noop("Stock notice noted"),
    "part_refunded": noop("Part refunded"),
    "passed_on": noop("Passed on"),
    "payment_check": noop("Payment being checked"),
    "recorded": noop("Recorded"),
    "refund_traced": noop("Refund being traced"),
    "refunded": noop("Refunded"),
    "repair_opened": noop("Repair opened"),
    "resent": noop("Sent again"),
    "return_called_off": noop("Return called off"),
    "sent_again": noop("Sent again"),
    "subscribed": noop("Subscribed"),
    "unsubscribed": noop("Unsubscribed"),
}
#: why the assistant called for a person
_REASONS = {
    "asked": noop("the customer wants a person"),
    "unsure": noop("the assistant was unsure"),
    "angry": noop("the customer is angry"),
    "refused": noop("policy refused"),
    "failed": noop("an action failed"),
    "urgent": noop("urgent"),
    "needed": noop("a person must decide"),
    "approval": noop("needs approval"),
}
_TASKS = {
    "expect_return": noop("Expect a return"),
    "push_order": noop("Get a slow order on its way"),
    "ask_carrier": noop("Ask the carrier about a late parcel"),
    "customs_papers": noop("Check customs papers and duties"),
    "arrange_delivery": noop("Arrange another delivery"),
    "check_packing": noop("Compare a parcel's weight with its packing record"),
    "check_parcels": noop("Check all parcels of the order"),
    "lost_parcel": noop("Claim a lost parcel with the carrier"),
    "trace_delivered": noop("Ask the carrier where a parcel was left"),
    "carrier_claim": noop("Claim with the carrier"),
    "change_delivery": noop("Change a delivery with the carrier"),
    "confirm_contact": noop("Confirm new contact data"),
    "data_erasure": noop("Erase somebody's data"),
    "data_export": noop("Put somebody's data together"),
    "delivery_wish": noop("Look into a wish for the delivery"),
    "explain_use": noop("Explain how to use an article"),
    "merge_accounts": noop("Merge two accounts"),
    "payment_check": noop("Check a payment"),
    "payment_link": noop("Send a payment link"),
    "proof_of_delivery": noop("Get the proof of delivery"),
    "refund_missing": noop("Look for a missing refund"),
    "repair": noop("Take an article in for repair"),
    "resend_checked": noop("Send again after a check"),
    "resend_parcel": noop("Send a parcel again"),
    "return_called_off": noop("Expect a return no longer"),
    "sales_lead": noop("Call a business customer back"),
    "send_exchange": noop("Send an exchanged article"),
    "send_replacement": noop("Send a replacement"),
    "write_invoice": noop("Write an invoice"),
}
_ROOT_CAUSES = {
    "late": noop("Late delivery"),
    "lost": noop("Lost parcel"),
    "carrier": noop("Carrier"),
    "customs": noop("Customs"),
    "damaged": noop("Damaged"),
    "wrong_item": noop("Wrong item"),
    "size": noop("Size or fit"),
    "changed_mind": noop("Change of mind"),
    "payment": noop("Payment"),
    "information": noop("Information was missing"),
    "other": noop("Something else"),
}
#: why a mail or a webhook was set aside (kefu/channels)
_PROBLEMS = {
    "no_sender": noop("It names no sender"),
    "unreadable": noop("It cannot be read"),
    "empty": noop("It is empty"),
    "too_large": noop("It is too large"),
    "bad_payload": noop("It is not what the provider documents"),
}


def words(key: str) -> str:
    """ "returns.allowed_open" -> "Allowed open", for keys without a translation."""
    plain = key.rpartition(".")[2].replace("_", " ").replace("-", " ").strip()
    return plain[:1].upper() + plain[1:]


def word_for(known: dict[str, str], key: str) -> str:
    """The word for a key; a key without one as readable words."""
    if not key:
        return ""
    return _(known[key]) if key in known else words(key)


def channel(kind: str) -> str:
    return word_for(_CHANNELS, kind)


def queue(key: str) -> str:
    return word_for(_QUEUES, key)


def purpose(said: str) -> str:
    """When a playbook is begun, or when not, as its author wrote it: playbooks it names are called as people know them.
    What a manager wrote anew stays as written."""
    return _NAMED.sub(lambda hit: f"“{playbook(hit[0])}”", _(said) if said else "")


def source(said: str) -> str:
    """Where a rule comes from: the shop's own decisions in the reader's language, laws and terms as they are cited."""
    said = " ".join(said.split())
    return _(said) if said else ""


def playbook(key: str) -> str:
    return word_for(_PLAYBOOKS, key)


def policy(name: str) -> str:
    """A file of rules by its name: "roles" -> "Refunds by people"."""
    return word_for(_POLICIES, name)


def disposition(key: str) -> str:
    return word_for(_DISPOSITIONS, key)


def reason(key: str) -> str:
    return word_for(_REASONS, key)


def task(kind: str) -> str:
    return word_for(_TASKS, kind)


def language(code: str) -> str:
    """ "zh" -> "Chinese", in the interface's language."""
    known = Locale.parse(translation.get_language() or "en", sep="-").languages
    return str(known.get(code.partition("-")[0], code)) if code else ""


def country(code: str) -> str:
    """ "DE" -> "Germany", in the interface's language."""
    known = Locale.parse(translation.get_language() or "en", sep="-").territories
    return str(known.get(code, code)) if code else ""


def problem(code: str) -> str:
    return word_for(_PROBLEMS, code)


def root_cause(key: str) -> str:
    return word_for(_ROOT_CAUSES, key)


def root_causes() -> list[tuple[str, str]]:
    """(key, word) for the form that closes a conversation."""
    return [(key, _(word)) for key, word in _ROOT_CAUSES.items()]


def visitor(conversation: Conversation) -> str:
    """Who writes, when no name is known: the address for e-mail, else a visitor with the conversation's number."""
    address = conversation.identity.address
    return address if "@" in address else _("Visitor %(number)s") % {"number": conversation.number}
