"""The desk's verbs: the only door through which its rows change. Reading order of each: permission, lock,
refusals, change, event, job."""

from kefu.desk.services.cases import add_to_task, close_case, create_task, open_case, save_case
from kefu.desk.services.closing import close_conversation, reopen_conversation
from kefu.desk.services.files import store_file
from kefu.desk.services.intake import receive_message, take_in
from kefu.desk.services.ownership import assign_conversation, hand_back, hand_over, take_over
from kefu.desk.services.speaking import add_note, mark_read, reply, say_as_assistant

__all__ = [
    "add_note",
    "add_to_task",
    "assign_conversation",
    "close_case",
    "close_conversation",
    "create_task",
    "hand_back",
    "hand_over",
    "mark_read",
    "open_case",
    "receive_message",
    "reopen_conversation",
    "reply",
    "save_case",
    "say_as_assistant",
    "store_file",
    "take_in",
    "take_over",
]
