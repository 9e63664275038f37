"""What the assistant may do to the world, and the one door through which it does it: `perform`."""

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.perform import perform
from kefu.assistant.actions.registry import READS, WRITES, action, action_specs, actions

__all__ = ["READS", "WRITES", "ActionCall", "action", "action_specs", "actions", "perform"]
