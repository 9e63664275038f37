"""The talk's cases as rows: `Conversation.memory` keeps the talk, each case its own state."""

from __future__ import annotations

from kefu.assistant.dialogue.talk import Outcome, Talk
from kefu.assistant.engine.effects import Close
from kefu.desk.models import Case, CaseStatus, Conversation
from kefu.desk.services import close_case, open_case, save_case
from kefu.kernel.prepared import Prepared
from kefu.kernel.together import change, together
from kefu.people.actors import Actor

#: small talk (keys "~1") is over with the turn and leaves no row
_SMALL_TALK = "~"


_CASES = Prepared(
    lambda conversation, pks: Case.objects.filter(conversation=conversation, pk__in=pks), conversation=-1, pks=[-2]
)


class CaseRows:
    """One turn's rows by the talk's keys. The caller holds the conversation's lock."""

    def __init__(self, conversation: Conversation, *, by: Actor) -> None:
        self.conversation = conversation
        self.by = by
        pks: dict[str, int] = conversation.memory.get("cases", {})
        known = _CASES.all(conversation=conversation.pk, pks=list(pks.values())) if pks else ()
        found = {case.pk: case for case in known}
        self._rows = {key: found[pk] for key, pk in pks.items() if pk in found}

    def talk(self) -> Talk:
        """The talk as the last turn left it. A case that a person closed at the desk is not part of it any more."""
        alive = {key: row.state for key, row in self._rows.items() if row.status != CaseStatus.CLOSED and row.state}
        return Talk.of(self.conversation.memory.get("talk", {}), alive)

    def row(self, key: str) -> Case | None:
        """The row of a case; None for small talk. A case that is new in this turn gets its row with its first deed:
        its playbook is filled in by `keep`, in the same transaction."""
        if key.startswith(_SMALL_TALK):
            return None
        if key not in self._rows:
            with together(Case):
                self._rows[key] = open_case(self.conversation, playbook="", version="", by=self.by)
        return self._rows[key]

    def known(self, key: str) -> Case | None:
        return self._rows.get(key)

    def keep(self, outcome: Outcome) -> None:
        """Write down where every case of the drive stands now, and close those that have ended."""
        ends = {key: effect for key, effect in outcome.effects if isinstance(effect, Close)}
        for key, state in outcome.talk.cases.items():
            if key.startswith(_SMALL_TALK):
                continue
            row = self._rows.get(key)
            if row is None:
                row = self._rows[key] = open_case(
                    self.conversation, playbook=state.playbook, version=state.version, step=state.step,
                    state=state.to_json(), by=self.by,
                )  # fmt: skip
            else:
                if not row.playbook:
                    row.playbook = state.playbook
                    change(row, "playbook")
                save_case(row, step=state.step, state=state.to_json(), version=state.version, by=self.by)
            if state.status == "closed":
                end = ends.get(key)
                close_case(
                    row,
                    disposition=end.disposition if end else state.disposition,
                    root_cause=end.root_cause if end else "",
                    by=self.by,
                )
        self.keep_talk(outcome.talk)

    def keep_talk(self, talk: Talk) -> None:
        """Into the conversation's memory; the caller saves it. Closed cases are forgotten."""
        for key, state in talk.cases.items():
            row = self._rows.get(key)
            if row is not None and row.state != state.to_json():
                save_case(row, step=state.step, state=state.to_json(), version=state.version, by=self.by)
                if state.status == "closed":
                    close_case(row, disposition=state.disposition, by=self.by)
        self.conversation.memory["talk"] = talk.memory()
        self.conversation.memory["cases"] = {
            key: row.pk for key, row in self._rows.items() if row.status != CaseStatus.CLOSED
        }
