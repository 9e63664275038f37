"""The tables, their columns and what may stand in them, in the words of the trade."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from kefu.commerce.rules import EU
from kefu.commerce.tables.columns import EVERYWHERE
from kefu.kernel.money import Money
from kefu.web import moments
from kefu.web.desk import labels, step_words
from kefu.web.desk.cases import reading_language
from kefu.web.desk.step_words import WAYS

#: file -> its name and what it decides
TABLES = {
    "tables/returns.yaml": (
        noop("Return windows"),
        noop("How many days customers have to send goods back, by country and marketplace."),
    ),
    "tables/not_returnable.yaml": (
        noop("Goods that don't come back"),
        noop("Kinds of goods that need not be taken back without a fault, by country."),
    ),
    "tables/fees.yaml": (noop("Costs of a return"), noop("Who pays for what when goods come back.")),
    "tables/verification.yaml": (
        noop("Proof of identity"),
        noop("How sure we must be who writes before we tell or do something."),
    ),
    "tables/service.yaml": (noop("Promises"), noop("Days that the shop promises of its own accord.")),
    "tables/carriers.yaml": (
        noop("Carriers"),
        noop("When a parcel counts as lost, until when to claim, and what can still be changed on the way."),
    ),
    "tables/customs.yaml": (noop("Customs"), noop("Duties and taxes at the border, by country and value.")),
    "tables/vat.yaml": (noop("Value added tax"), noop("Standard rates by country.")),
    "tables/rates.yaml": (
        noop("Exchange rates"),
        noop("Rough bounds, to tell on which side of a limit an amount lies."),
    ),
    "tables/restricted.yaml": (
        noop("Restricted goods"),
        noop("What may not be sent to a country, or only under a condition."),
    ),
    "tables/data_rights.yaml": (
        noop("Requests about own data"),
        noop("Until when such a request must be answered, by country."),
    ),
    "tables/loyalty.yaml": (noop("Points"), noop("How points are earned, spent and lost.")),
    "tables/asked.yaml": (noop("Customers' words"), noop("How customers call one of several things.")),
    "remedies/ladder.yaml": (
        noop("Remedies"),
        noop("What is offered when something arrived wrong, one way after the other."),
    ),
    "remedies/goodwill.yaml": (
        noop("Goodwill budgets"),
        noop("What a customer may be given and an agent may give beyond what is owed."),
    ),
    "remedies/guarantee.yaml": (noop("Guarantee"), noop("How long the seller answers for faults, by country.")),
}
#: column -> its name and a hint how it is filled
COLUMNS = {
    "countries": (
        noop("Countries"),
        noop("Two letters each, parted by commas: DE, FR. EU for all its members, * for every country."),
    ),
    "marketplace": (noop("Marketplace"), noop("Empty: the shop's own orders.")),
    "days": (noop("Days"), ""),
    "for": (noop("For"), ""),
    "floor": (noop("Who says so"), noop("What is law cannot be weakened.")),
    "off_weekend": (noop("A last day on a weekend moves to Monday"), ""),
    "shop_may_differ": (noop("The shop's stated terms take its place"), ""),
    "sending_back": (noop("Who pays the way back"), ""),
    "kind": (noop("Kind of goods"), noop("As products name it: hygiene, made_to_order, perishable.")),
    "unless": (noop("Unless"), noop("Parted by commas: unopened, faulty.")),
    "fee": (noop("Cost"), ""),
    "paid_by": (noop("Who pays"), ""),
    "about": (noop("About"), ""),
    "level": (noop("Proof asked for"), ""),
    "origins": (noop("Sent from"), noop("Empty: from anywhere.")),
    "up_to": (noop("Value up to"), noop("With its currency: 150.00 EUR.")),
    "above": (noop("Value above"), noop("With its currency: 150.00 EUR.")),
    "tax_name": (noop("Tax"), ""),
    "tax_percent": (noop("Tax in percent"), ""),
    "tax_by": (noop("Tax is paid"), ""),
    "duty": (noop("Duty"), ""),
    "duty_percent": (noop("Duty in percent, lowest and highest"), noop("Two numbers: 0, 12.")),
    "duty_flat": (noop("Duty, fixed"), noop("With its currency: 3.00 EUR.")),
    "duty_less": (noop("Value free of duty"), noop("With its currency.")),
    "documents": (noop("Papers"), noop("Parted by commas.")),
    "cite": (noop("Source as customers are told it"), ""),
    "value": (noop("Means"), ""),
    "phrases": (noop("Phrases"), noop("As customers say it, parted by commas.")),
    "percent": (noop("Percent"), ""),
    "currency": (noop("Currency"), ""),
    "euros_at_least": (noop("Euros at least"), ""),
    "euros_at_most": (noop("Euros at most"), ""),
    "carrier": (noop("Carrier"), ""),
    "names": (noop("Names"), noop("As customers write them, parted by commas.")),
    "silent_days_home": (noop("Lost after days without news, at home"), ""),
    "silent_days_abroad": (noop("Lost after days without news, abroad"), ""),
    "claim_days": (noop("Claim within days"), ""),
    "abilities": (noop("Can still be changed"), noop("Parted by commas.")),
    "holds_days": (noop("Pick-up point keeps it for days"), ""),
    "goods": (noop("Goods"), ""),
    "decision": (noop("Decision"), ""),
    "condition": (noop("Condition"), ""),
    "law": (noop("Law"), ""),
    "months": (noop("Months"), ""),
    "working": (noop("Working days"), ""),
    "rule": (noop("Rule"), ""),
    "points_per_unit": (noop("Points for each unit paid"), ""),
    "worth_minor": (noop("A point is worth (hundredths)"), ""),
    "least_points": (noop("Points at least"), ""),
    "valid_months": (noop("Valid for months"), ""),
    "causes": (noop("What is wrong"), noop("None chosen: whatever it is.")),
    "value_up_to": (noop("Worth at most"), noop("One amount a currency. Empty: any value.")),
    "days_from": (noop("From day"), noop("Counted from delivery.")),
    "days_to": (noop("To day"), ""),
    "claims_from": (noop("Remedies in the last year, at least"), ""),
    "ladder": (noop("Offered, one after the other"), ""),
    "part_percent": (noop("Part of the price, in percent"), ""),
    "coupon_percent": (noop("Coupon, in percent of the price"), ""),
    "proof": (noop("Photo"), ""),
    "person": (noop("Only a person decides"), ""),
    "amounts": (
        noop("Amounts"),
        noop("One a currency: 60.00 EUR, 65.00 USD. A currency that isn't named has no budget."),
    ),
    "since": (noop("Holds from"), ""),
    "until": (noop("Holds until"), ""),
    "source": (noop("Source"), noop("The law, the marketplace's terms, or the shop's own decision.")),
    "date": (noop("Read or decided on"), ""),
    "explanation": (noop("What it means"), ""),
}
VALUES = {
    "any": noop("any reason"),
    "faulty": noop("faulty goods"),
    "law": noop("the law"),
    "marketplace": noop("the marketplace"),
    "shop": noop("the shop"),
    "buyer": noop("the customer"),
    "seller": noop("the shop"),
    "none": noop("none"),
    "order": noop("the order is proved"),
    "customer": noop("signed in, or by own e-mail"),
    "importer": noop("on arrival"),
    "by_goods": noop("by the goods"),
    "flat_per_item": noop("fixed, per kind of goods"),
    "refused": noop("not sent"),
    "limited": noop("under a condition"),
    "damaged": noop("damaged"),
    "defective": noop("defective"),
    "wrong_item": noop("wrong item"),
    "missing": noop("missing"),
    "not_as_described": noop("not as described"),
    "counterfeit": noop("counterfeit"),
    **WAYS,
    "asked": noop("asked for, trusted without"),
    "needed": noop("needed"),
    "hygiene": noop("hygiene goods"),
    "made_to_order": noop("made to order"),
    "perishable": noop("perishable goods"),
    "sealed_media": noop("sealed media"),
    "unopened": noop("unopened"),
    "way_out": noop("delivery"),
    "way_back": noop("sending back"),
    "way_back_faulty": noop("sending back faulty goods"),
    "redeliver": noop("second attempt"),
    "pick_up_point": noop("pick-up point"),
    "other_day": noop("another day"),
    "safe_place": noop("safe place"),
    "neighbour": noop("neighbour"),
    "invoice": noop("invoice"),
    "payment_proof": noop("proof of payment"),
    "tax_number": noop("tax number"),
    "personal_code": noop("personal customs code"),
    "id_card": noop("identity card"),
    "eori": "EORI",
    "description": noop("description of the goods"),
    "import_permit": noop("import permit"),
    "percent": noop("in percent"),
    "vat": noop("value added tax"),
    "gst": noop("goods and services tax (GST)"),
    "consumption_tax": noop("consumption tax"),
    "sales_tax": noop("sales tax"),
    "parcel_tax": noop("tax on personal articles"),
    "global_rate": noop("flat rate"),
    "icms": "ICMS",
    "lithium_batteries": noop("lithium batteries"),
    "flammable": noop("flammable goods"),
    "liquids": noop("liquids"),
    "food": noop("food"),
    "meat_dairy": noop("meat and milk products"),
    "plants": noop("plants and seeds"),
    "alcohol_tobacco": noop("alcohol and tobacco"),
    "medicine": noop("medicines"),
    "weapons": noop("weapons"),
    "consent": noop("advertising"),
    "contact": noop("contact data"),
    "data": noop("own data"),
    "delivery": noop("delivery"),
    "urgent": noop("what is urgent"),
    "email": noop("e-mail address"),
    "phone": noop("phone number"),
    "erasure": noop("erasure"),
    "export": noop("copy of the data"),
    "resubscribe": noop("advertising again"),
    "unsubscribe": noop("no advertising"),
    "injury": noop("injury"),
    "safety": noop("product safety"),
    "other": noop("anything else"),
    "earn": noop("earn"),
    "spend": noop("spend"),
    "expire": noop("expire"),
}
_MARKETPLACES = {
    "amazon": "Amazon",
    "ebay": "eBay",
    "aliexpress": "AliExpress",
    "taobao": "Taobao",
    "tmall": "Tmall",
    "jd": "JD",
    "pinduoduo": "Pinduoduo",
}
#: the same word means another thing in this column
_IN_COLUMN = {
    ("tax_by", "seller"): noop("in the checkout"),
    ("proof", "none"): noop("not needed"),
    ("level", "none"): noop("nothing"),
}
#: countries shown before "and 12 more"
SHOWN = 8


def table(file: str) -> tuple[str, str]:
    """The name of a table's file and what it decides."""
    known = TABLES.get(file)
    return (_(known[0]), _(known[1])) if known else (labels.words(file.rpartition("/")[2].removesuffix(".yaml")), "")


def column(name: str) -> tuple[str, str]:
    known = COLUMNS.get(name)
    return (_(known[0]), _(known[1]) if known[1] else "") if known else (labels.words(name), "")


def marketplace(key: str) -> str:
    """ "ebay" -> "eBay"."""
    return _MARKETPLACES.get(key, key)


def value(name: str, said: str) -> str:
    """ "seller" in the column paid_by -> "the shop"."""
    if name == "marketplace":
        return marketplace(said)
    known = _IN_COLUMN.get((name, said)) or VALUES.get(said)
    if known is None and "." in said:  # what a row of proofs is about
        return step_words.deed(said)
    return _(known) if known else labels.words(said)


def shown(name: str, held: Any) -> str:
    """What stands in a column, as people read it; "" for what says nothing."""
    if held is None or held == "" or held is False:
        return ""
    if held is True:
        return _("yes")
    if isinstance(held, Money):
        return moments.here().money(held)
    if isinstance(held, date):
        return held.isoformat()
    if name in ("countries", "origins"):
        return countries(held)
    if isinstance(held, dict):
        return "; ".join(str(one) for one in _in_language(held))
    if isinstance(held, tuple | list | frozenset):
        return ", ".join(shown(name, one) if isinstance(one, Money) else value(name, str(one)) for one in held)
    if isinstance(held, float):
        return f"{held:g}"
    return (
        value(name, held) if isinstance(held, str) and name not in ("cite", "carrier", "law", "currency") else str(held)
    )


def _in_language(held: dict[str, Any]) -> Iterable[str]:
    said = held.get(reading_language()) or held.get("en") or next(iter(held.values()), "")
    return said if isinstance(said, tuple) else [said]


def countries(held: Iterable[str]) -> str:
    """ "EU, Iceland" for the codes of a row."""
    codes = set(held)
    if EVERYWHERE in codes:
        return _("every country")
    named = []
    if codes >= EU:
        named, codes = [_("European Union")], codes - EU
    listed = [*named, *(labels.country(code) for code in sorted(codes))]
    if len(listed) <= SHOWN:
        return ", ".join(listed)
    return _("%(some)s and %(more)s more") % {"some": ", ".join(listed[:SHOWN]), "more": len(listed) - SHOWN}
