"""Policy: rules as data decide whether an action may be done. Pure: no database, no clock.

`load(folder)` reads the rules of a pack, `decide(rules, request)` judges one action.
"""

from kefu.assistant.policy.decide import decide
from kefu.assistant.policy.loader import BadPolicies, PolicyFault, load, load_sources, pack_rules
from kefu.assistant.policy.rules import Decision, Floor, Rule, Ruling
from kefu.assistant.policy.variables import PolicyRequest

__all__ = [
    "BadPolicies",
    "Decision",
    "Floor",
    "PolicyFault",
    "PolicyRequest",
    "Rule",
    "Ruling",
    "decide",
    "load",
    "load_sources",
    "pack_rules",
]
