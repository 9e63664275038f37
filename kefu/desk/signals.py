"""What the desk tells the rooms above it, inside its own transaction: a receiver that enqueues a job enqueues it
exactly when the row exists. Receivers must be quick and must not talk to the network."""

from django.dispatch import Signal

#: sender: Message class; message: a stored customer message that waits for a turn
message_received = Signal()

#: sender: Message class; message, delivery: something to be brought to the customer
message_outgoing = Signal()

#: sender: Conversation class; conversation: a person gave it back to the assistant
conversation_handed_back = Signal()
