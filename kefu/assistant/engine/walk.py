"""One walk through a playbook: from the case's base over the facts of this moment to where somebody must act.

Walking again instead of remembering a position is what makes a confirmation safe: every check in front of a writing
action is asked again, on present facts, in the very walk that performs it. What was said, done and answered before is
remembered by its path, so nothing is said or done twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kefu.assistant.engine.absorb import empty_slot
from kefu.assistant.engine.acting import act_on
from kefu.assistant.engine.again import keep_proof, proof_again
from kefu.assistant.engine.asking import ask_for, ask_yes
from kefu.assistant.engine.effects import (
    Ask,
    Close,
    Confirm,
    Effect,
    HandOver,
    Note,
    Say,
    Task,
    Wait,
)  # fmt: skip
from kefu.assistant.engine.offering import offer_next, offer_options
from kefu.assistant.engine.playbook import Book, Need, Playbook, Step
from kefu.assistant.engine.resolve import ACCEPTS, OPTIONS_AT_MOST, Found, Unclear, resolve
from kefu.assistant.engine.showing import shown_value
from kefu.assistant.engine.state import Asking, CaseState, Frame, Heard, Json, Slot
from kefu.assistant.engine.summary import order_meant, short_hash, summary_of
from kefu.assistant.facts import Facts

STEPS_AT_MOST = 200
VISITS_AT_MOST = 4
#: questions put in one case, reminders included; more than this and a person takes over
QUESTIONS_AT_MOST = 14


def path_of(frames: list[Frame]) -> str:
    """ "return_item.who>verify_customer.prove": the step with the steps that used its playbook."""
    return ">".join(f"{playbook}.{step}" for playbook, step in frames)


@dataclass(slots=True)
class Walk:
    """Walks once; `state` is changed in place (step() gives it a copy). `answered`: the customer said something
    to this case in this step, so a question that stands unanswered counts as asked in vain."""

    book: Book
    state: CaseState
    facts: Facts
    needs: Mapping[str, Need]
    answered: bool = False
    #: key of the result that came in with this step
    came: str = ""
    frames: list[Frame] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    question: Ask | Confirm | None = None
    rows: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    #: values that texts and later steps may use, and the rows each came from
    known: dict[str, Json] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(default_factory=dict)
    _said_here: list[tuple[str, str]] = field(default_factory=list)

    # ---- the way ----

    def run(self) -> None:
        state = self.state
        self.frames = list(state.base) or [(state.playbook, "")]
        self.known = dict(state.values)
        self.sources = dict(state.sources)
        self.known["brand_name"] = self.facts.brand_name
        state.walked = list(state.walked_before)
        was = state.asking
        state.asking = None
        visits: Counter[str] = Counter()
        for _ in range(STEPS_AT_MOST):
            here = self._here()
            if here is None:
                self.note("note.playbook_changed", {"step": path_of(self.frames)})
                return self.hand_over("failed")
            playbook, step = here
            path = path_of(self.frames)
            visits[path] += 1
            if visits[path] > VISITS_AT_MOST:
                self.note("note.going_round", {"step": path})
                return self.hand_over("failed")
            outcome = self._take(playbook, step, path, was)
            if outcome is None:
                return None
            if not self._leave(step, outcome):
                return None
        self.note("note.going_round", {"step": path_of(self.frames)})
        return self.hand_over("failed")

    def _here(self) -> tuple[Playbook, Step] | None:
        name, step_id = self.frames[-1]
        playbook = self.book.playbooks.get(name)
        if playbook is None:
            return None
        step_id = step_id or playbook.first
        self.frames[-1] = (name, step_id)
        step = playbook.steps.get(step_id)
        return (playbook, step) if step else None

    def _take(self, playbook: Playbook, step: Step, path: str, was: Asking | None) -> str | None:
        """The outcome of this step, or None when the walk stops here."""
        if step.kind == "collect":
            return ask_for(self, step, path, was)
        if step.kind == "check":
            return self._check(step, path)
        if step.kind == "confirm":
            return ask_yes(self, playbook, step, path, was)
        if step.kind == "offer":
            return offer_options(self, step, path, was)
        if step.kind == "ladder":
            return offer_next(self, playbook, step, path, was)
        if step.kind == "act":
            return act_on(self, step, path)
        if step.kind == "say":
            return self._say(step, path)
        if step.kind == "task":
            return self._task(step, path)
        if step.kind == "wait":
            return self._wait(step, path)
        if step.kind == "use":
            self.mark(path, "use", "", "")
            self.frames.append((step.subject, ""))
            return ">"
        if step.kind == "close":
            return self._close(step, path)
        self.mark(path, step.kind, step.subject, "")
        if step.tell:
            self.tell(step.id, path, step.tell, self.filling(step), ())
        self.hand_over(step.subject, queue=step.queue or playbook.queue, priority=step.priority, tell=not step.tell)
        return None

    def _leave(self, step: Step, outcome: str) -> bool:
        """Go through the exit. False when there is none (only a playbook changed under the case can do that)."""
        if outcome == ">":  # into a used playbook
            return True
        if outcome.startswith("<"):  # out of one: frames already point to the step that used it
            here = self._here()
            if here is None:
                self.hand_over("failed")
                return False
            step, outcome = here[1], outcome[1:]
            self.mark(path_of(self.frames), "use", outcome, "")
        target = step.exits.get(outcome)
        if target is None:
            self.note("note.no_way_out", {"step": path_of(self.frames), "outcome": outcome})
            self.hand_over("failed")
            return False
        if target.startswith("!"):
            self.hand_over(target[1:])
            return False
        self.go(target)
        return True

    def go(self, target: str) -> None:
        name, _ = self.frames[-1]
        self.frames[-1] = (target[1:], "") if target.startswith("@") else (name, target)

    def mark(self, path: str, kind: str, outcome: str, rule: str) -> None:
        self.state.walked.append([path, kind, outcome, rule])
        if rule and rule not in self.rules:
            self.rules.append(rule)

    # ---- slots and values ----

    def value_of(self, name: str, *, path: str = "") -> Json | None:
        """The slot's value; what was heard is read against the facts of now. None while unknown."""
        need, state = self.needs[name], self.state
        slot = state.slots.get(name)
        if slot is not None and not self._still_there(need, slot.value):
            del state.slots[name]
            state.confirmed = state.shown = ""
            slot = None
        if slot is None:
            found = self.read_for(need)
            if isinstance(found, Unclear):
                found = proof_again(state, need, self._pinned("order_number")) or found
            if isinstance(found, Unclear):
                return None
            slot = state.slots[name] = Slot(found.value, found.origin)
            # "the second one" has named this slot; it must not name the next one too
            used = {"ordinal", "other"} if need.kind in ("order", "order_line") else ACCEPTS[need.kind] & {"free_text"}
            state.heard = [item for item in state.heard if item.kind not in used]
        self.known[name] = shown_value(need, slot.value, self.facts)
        return slot.value

    def fill_in(self, name: str, value: Json) -> None:
        """A slot's value as an action worked it out; nothing empties it."""
        if value is None or value in ("", []):
            self.state.slots.pop(name, None)
        else:
            self.state.slots[name] = Slot(value, "worked_out")

    def read_for(self, need: Need) -> Found | Unclear:
        """What was heard, read for this slot against the facts of now; changes nothing."""
        if need.kind == "answer":  # what it is about makes it another question, with tries of its own
            offered = [str(one) for one in self.known.get("choices") or ()]
            return Unclear(tuple(offered[:OPTIONS_AT_MOST]), because=short_hash(self.known.get("asked_about") or ""))
        within = self._pinned("order") if need.kind in ("order_line", "order_lines") else ""
        if need.within:
            within = str(self.value_of(need.within) or "")
        if need.kind == "order" and (line := self._pinned("order_line")):
            return Found(line.rpartition("/")[0], "about")  # an order and a line in one case belong together
        if need.kind == "order" and (lines := self._several()):
            return Found(lines[0].rpartition("/")[0], "about")
        state = self.state
        offered = state.offered.get(need.name) or (state.offered.get("", []) if need.kind == "wish" else [])
        about = order_meant(state, self.needs, self.facts)
        found: Found | Unclear = Unclear()
        for heard in self._readings(need):
            found = resolve(need, heard, self.facts, about=about, within=within,
                            before=state.before.get(need.name, ""), offered=offered)  # fmt: skip
            if isinstance(found, Found):
                break
        return found

    def _readings(self, need: Need) -> list[list[Heard]]:
        """What was heard, as it may be read for this slot. Where another variant is wanted, size and colour are the
        wanted one's; only when no line is clear without it, a colour names the line: "the red one, a size up"."""
        heard = self.state.heard
        if need.kind != "order_line" or not any(one.kind == "variant" for one in self.needs.values()):
            return [heard]
        coloured = [item for item in heard if item.kind != "size"]
        bare = [item for item in coloured if item.kind != "color"]
        return [bare] if bare == coloured else [bare, coloured]

    def _pinned(self, kind: str) -> str:
        """The value of this case's slot of that kind, "" while it has none."""
        slots = self.state.slots
        return next((str(slots[n].value) for n, need in self.needs.items() if need.kind == kind and n in slots), "")

    def _several(self) -> list[str]:
        """The lines of this case's slot for several, [] while it has none."""
        names = [name for name, need in self.needs.items() if need.kind == "order_lines" and name in self.state.slots]
        return [str(ref) for ref in self.state.slots[names[0]].value] if names else []

    def _still_there(self, need: Need, value: Json) -> bool:
        if need.kind == "order":
            return self.facts.order(str(value)) is not None
        if need.kind == "order_line":
            return self.facts.line(str(value)) is not None
        if need.kind == "order_lines":
            return all(self.facts.line(str(ref)) is not None for ref in value)
        return True

    def args_of(self, step: Step) -> dict[str, Json]:
        return {arg: self.value_of(slot) for arg, slot in step.args.items()}

    def learn(self, values: Mapping[str, Json], rows: list[str]) -> None:
        for name, value in values.items():
            self.known[name] = value
            self.sources[name] = rows
        self.rows += [row for row in rows if row not in self.rows]

    def filling(self, step: Step) -> dict[str, Json]:
        return {name: self.known[name] for name in sorted(step.fills) if name in self.known}

    # ---- the kinds ----

    def _check(self, step: Step, path: str) -> str:
        spec = self.book.checks[step.subject]
        result = spec.run(self.facts, self.args_of(step))
        self.learn(result.values, list(result.rows))
        self.mark(path, "check", result.outcome, result.rule)
        return result.outcome

    def rest_here(self) -> None:
        """Later walks start where the frames point now, with what is known and walked so far."""
        state = self.state
        state.base = list(self.frames)
        state.values, state.sources = dict(self.known), dict(self.sources)
        state.walked_before = [way for way in state.walked if way[2] != "here"]

    def _say(self, step: Step, path: str) -> str:
        cites: list[str] = []
        for name in sorted(step.fills):
            cites += [row for row in self.sources.get(name, []) if row not in cites]
        self.tell(step.id, path, step.subject, self.filling(step), tuple(cites))
        self.mark(path, "say", "said", "")
        for name in step.forget:
            self._forget(name)
        return "said"

    def tell(self, step_id: str, path: str, key: str, facts: Mapping[str, Json], cites: tuple[str, ...]) -> None:
        mark = f"{path}#{short_hash(key, dict(facts))}"
        self._said_here.append((path, mark))
        if mark not in self.state.said:
            self.state.said.append(mark)
            self.effects.append(Say(step_id, key, dict(facts), cites))

    def _forget(self, name: str) -> None:
        keep_proof(self.state, self.needs[name], self._pinned("order_number"))
        empty_slot(self.state, self.needs[name])
        self.known.pop(name, None)
        # what was said after the slot was asked for may be said again when it comes out the same
        asked_at = next((i for i, w in enumerate(self.state.walked) if w[1] == "collect" and self._asks(w[0], name)), 0)
        since = {way[0] for way in self.state.walked[asked_at:]}
        gone = {mark for path, mark in self._said_here if path in since}
        self.state.said = [mark for mark in self.state.said if mark not in gone]

    def _asks(self, path: str, slot: str) -> bool:
        name, _, step_id = path.rpartition(">")[2].partition(".")
        step = self.book.playbooks[name].steps.get(step_id) if name in self.book.playbooks else None
        return step is not None and slot in step.slots

    def _task(self, step: Step, path: str) -> str:
        mark = f"task:{path}"
        if mark not in self.state.said:
            self.state.said.append(mark)
            facts = {name: self.known[known] for name, known in step.args.items() if known in self.known}
            self.effects.append(Task(step.id, step.department, step.subject, facts, step.due_in_days))
        self.mark(path, "task", "done", "")
        return "done"

    def _wait(self, step: Step, path: str) -> str | None:
        if self.state.answers.get(path) == "happened":
            self.mark(path, "wait", "happened", "")
            return "happened"
        mark = f"wait:{path}"
        if mark not in self.state.said:
            self.state.said.append(mark)
            self.effects.append(Wait(step.id, event=step.subject))
        self.mark(path, "wait", "here", "")
        self.state.asking = Asking(path, "wait", put=True)
        return None

    def _close(self, step: Step, path: str) -> str | None:
        self.mark(path, "close", step.subject, "")
        if len(self.frames) > 1:
            self.frames.pop()
            return f"<{step.subject}"
        self.state.status = "closed"
        self.state.disposition = step.subject
        self.effects.append(Close(step.id, step.subject, step.root_cause))
        return None

    # ---- standing still, and a person ----

    def worded(self, key: str, is_again: bool) -> str:
        """A question asked in vain is worded otherwise the second time, where the pack has such a text."""
        return f"{key}.again" if is_again and self.book.has_text(f"{key}.again") else key

    def stand(self, path: str, kind: Literal["collect", "offer", "confirm", "ladder"], was: Asking | None, *,
               slots: Sequence[str] = (), options: Sequence[str] = (), deed: str = "") -> None:  # fmt: skip
        was_put = was is not None and was.path == path and was.deed == deed and was.put
        self.state.asking = Asking(path, kind, list(slots), list(options), was_put, deed)
        self.mark(path, kind, "here", "")

    def in_vain(self, question: str, tries: int) -> bool:
        state = self.state
        return state.questions_put >= QUESTIONS_AT_MOST or (self.answered and state.asked.get(question, 0) >= tries)

    def note(self, key: str, facts: Mapping[str, Json]) -> None:
        self.effects.append(Note(self.frames[-1][1] if self.frames else "", key, dict(facts)))

    def hand_over(self, reason: str, *, queue: str = "", priority: int = 0, tell: bool = True) -> None:
        """To a person, with all that is known. Ends the walk and, for the assistant, the case."""
        state = self.state
        playbook = self.book.playbooks.get(state.playbook)
        step = self.frames[-1][1] if self.frames else ""
        urgent = 1 if reason in ("angry", "urgent") else 0
        if tell:
            self.effects.append(Say(step, f"hand_over.{reason}", {"brand_name": self.facts.brand_name}))
        state.status = "handed_over"
        summary = summary_of(state, self.needs, self.facts, step=path_of(self.frames), reason=reason)
        self.effects.append(
            HandOver(step, queue or (playbook.queue if playbook else "support"), reason, summary, max(priority, urgent))
        )
