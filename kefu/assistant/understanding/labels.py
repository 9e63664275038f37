"""One word for what a whole message was taken for; what measurements compare."""

from __future__ import annotations

from kefu.assistant.language import AskPerson, OutOfScope, Start, Understanding


def label_of(heard: Understanding) -> str:
    """The intent; "human" for a person; "out_of_scope"; "nothing"; several wishes joined by "+"."""
    starts = [command.intent for command in heard.commands if isinstance(command, Start)]
    if any(isinstance(command, AskPerson) for command in heard.commands):
        starts.append("human")
    if any(isinstance(command, OutOfScope) for command in heard.commands):
        starts.append("out_of_scope")
    return "+".join(starts) or "nothing"
