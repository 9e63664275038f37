"""Looking up what a playbook's steps name: targets, slots, texts, actions, checks; and where every outcome leads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kefu.assistant.engine.effects import HAND_OVER_REASONS
from kefu.assistant.engine.nodes import Fault, Node, Reader, strings
from kefu.assistant.engine.offering import SPENT
from kefu.assistant.engine.playbook import Need, Playbook, Step, Texts, placeholders
from kefu.assistant.engine.read import NAME, PERSON, Draft, endings, text_of
from kefu.assistant.engine.specs import ActionSpec, CheckSpec


def finish(draft: Draft, drafts: Mapping[str, Draft], *, actions: Mapping[str, ActionSpec],
           checks: Mapping[str, CheckSpec], texts: Texts) -> tuple[Playbook, list[Fault]]:  # fmt: skip
    """Look up all that the steps name. Faulty steps stay in with what is known of them."""
    worker = _Finisher(draft, drafts, actions, checks, texts, Reader(draft.file))
    steps = worker.steps()
    worker.needs()
    root = draft.root
    intents = draft.intents
    playbook = Playbook(
        name=draft.name, version=_deep_version(draft, drafts), intents=intents, needs=draft.needs, steps=steps,
        when=text_of(root, "when"), not_when=text_of(root, "not_when"), queue=text_of(root, "queue") or "support",
        keeps_case="case" not in root or root["case"].value is not False,
        is_shared="shared" in root and root["shared"].value is True, file=draft.file,
    )  # fmt: skip
    return playbook, worker.reader.faults


def _deep_version(draft: Draft, drafts: Mapping[str, Draft]) -> str:
    """Changes when the playbook or any it uses changes."""
    seen: dict[str, str] = {}
    waiting = [draft.name]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in drafts:
            continue
        seen[name] = drafts[name].version
        for kind, node in drafts[name].steps.values():
            if kind == "use":
                waiting.append(text_of(node.mapping(), "use"))
    return hashlib.sha256(json.dumps(sorted(seen.items())).encode()).hexdigest()[:12]


@dataclass(slots=True)
class _Finisher:
    draft: Draft
    drafts: Mapping[str, Draft]
    actions: Mapping[str, ActionSpec]
    checks: Mapping[str, CheckSpec]
    texts: Texts
    reader: Reader

    def needs(self) -> None:
        node = self.draft.root.get("needs")
        for need in self.draft.needs.values():
            line = node.mapping()[need.name].line if node else 1
            is_asked = any(need.name in self._slots_of(kind, item) for kind, item in self.draft.steps.values())
            if need.ask:
                self._text_exists(need.ask, line, "")
            elif is_asked:
                self.reader.fault(line, f"Slot {need.name} is collected but has no question", "Give it `ask: text.key`")
            prefix = {"choice": "choice", "wish": "wish"}.get(need.kind)
            for value in need.of if prefix else ():
                self._text_exists(f"{prefix}.{value}", line, "")

    def _slots_of(self, kind: str, node: Node) -> list[str]:
        return [value for value, _ in strings(node.mapping().get("collect"))] if kind == "collect" else []

    def _text_exists(self, key: str, line: int, step: str) -> None:
        for language, own in self.texts.items():
            if key not in own:
                self.reader.fault(line, f"The text {key} is missing in {language}",
                                  f"Write it in replies/{language}", step)  # fmt: skip

    def steps(self) -> dict[str, Step]:
        return {step_id: self._step(step_id, kind, node) for step_id, (kind, node) in self.draft.steps.items()}

    def _step(self, step_id: str, kind: str, node: Node) -> Step:
        said = node.mapping()
        subject = said[kind].text() or ""
        label = text_of(said, "label")
        step = Step(step_id, kind, subject, node.line, label=label)  # type: ignore[arg-type]
        if label:
            self._text_exists(f"rail.{label}", node.line, step_id)
        if kind != "collect" and not subject:
            self.reader.fault(node.line, f"`{kind}` says nothing", "Name what it is about", step_id)
        finish_one = getattr(self, f"_{kind}")
        finished: Step = finish_one(step, said)
        return finished

    # ---- targets ----

    def _target(self, step: Step, name: str, line: int, reason: str = "needed") -> str:
        if name == PERSON:
            return f"!{reason}"
        if name in self.draft.steps:
            return name
        if name in self.drafts:
            return f"@{name}"
        self.reader.fault(line, f"The target {name} is neither a step here nor a playbook",
                          "Name a step of this playbook, another playbook, or hand_over", step.id)  # fmt: skip
        return "!failed"

    def _next(self, step: Step, said: Mapping[str, Node], key: str = "then") -> str:
        """Where the step goes when all is well: its `then`, or the step written after it."""
        if key in said:
            return self._target(step, said[key].text() or "", said[key].line)
        ids = list(self.draft.steps)
        place = ids.index(step.id) + 1
        if place < len(ids):
            return ids[place]
        self.reader.fault(step.line, "The step has no way out", "Add `then:`, or a step after it", step.id)
        return "!failed"

    def _on(self, step: Step, said: Mapping[str, Node], outcomes: frozenset[str]) -> dict[str, str]:
        exits = {}
        node = said.get("on")
        for outcome, target in (node.mapping() if node else {}).items():
            if outcome not in outcomes:
                self.reader.fault(target.line, f"`{outcome}` is no outcome of {step.subject}",
                                  f"It can end in {', '.join(sorted(outcomes))}", step.id)  # fmt: skip
                continue
            exits[outcome] = self._target(step, target.text() or "", target.line)
        return exits

    def _all(self, step: Step, said: Mapping[str, Node], exits: dict[str, str], outcomes: frozenset[str]) -> None:
        """Whatever isn't named goes to `otherwise`; without one, that is a fault."""
        if "otherwise" in said:
            target = self._target(step, said["otherwise"].text() or "", said["otherwise"].line)
            for outcome in outcomes:
                exits.setdefault(outcome, target)
        missing = sorted(outcomes - set(exits))
        if missing:
            self.reader.fault(step.line, f"Nothing is said for the outcome {', '.join(missing)}",
                              "Name it under `on`, or add `otherwise`", step.id)  # fmt: skip
            ids = list(self.draft.steps)  # go on reading as if they led to the next step, so that one fault stays one
            after = ids[ids.index(step.id) + 1 :]
            exits.update(dict.fromkeys(missing, after[0] if after else "!failed"))

    def _fills(self, step: Step, key: str) -> frozenset[str]:
        self._text_exists(key, step.line, step.id)
        return placeholders(self.texts, key)

    def _with(self, step: Step, said: Mapping[str, Node], args: Mapping[str, str],
              optional: frozenset[str]) -> dict[str, str]:  # fmt: skip
        node = said.get("with")
        given: dict[str, str] = {}
        if node is not None and isinstance(node.value, dict):
            given = {arg: value.text() or "" for arg, value in node.mapping().items()}
        elif node is not None:
            given = {value: value for value, _ in strings(node)}
        line = node.line if node else step.line
        for arg, slot in given.items():
            need = self._need(slot)
            if arg not in args:
                self.reader.fault(
                    line, f"{step.subject} takes no `{arg}`", f"It takes {', '.join(args) or 'nothing'}", step.id
                )
            elif need is None:
                self.reader.fault(line, f"There is no slot `{slot}`", "Declare it under `needs`", step.id)
            elif need.kind != args[arg] and {need.kind, args[arg]} != {"text", "question"}:
                self.reader.fault(line, f"`{slot}` is {need.kind}, but {step.subject} takes {args[arg]} as {arg}",
                                  "Give the slot the right kind or name another", step.id)  # fmt: skip
        for arg in sorted(set(args) - optional - set(given)):
            self.reader.fault(line, f"{step.subject} needs `{arg}`", f"Add it: `with: [{arg}]`", step.id)
        return {arg: slot for arg, slot in given.items() if arg in args and self._need(slot)}

    def _need(self, slot: str) -> Need | None:
        if slot in self.draft.needs:
            return self.draft.needs[slot]
        for kind, node in self.draft.steps.values():
            used = self.drafts.get(text_of(node.mapping(), "use")) if kind == "use" else None
            if used and slot in used.needs:
                return used.needs[slot]
        return None

    # ---- the kinds ----

    def _collect(self, step: Step, said: Mapping[str, Node]) -> Step:
        slots = tuple(value for value, _ in strings(said["collect"]))
        for slot in slots:
            if slot not in self.draft.needs:
                self.reader.fault(step.line, f"There is no slot `{slot}`", "Declare it under `needs`", step.id)
        slots = tuple(slot for slot in slots if slot in self.draft.needs)
        if not slots:
            self.reader.fault(step.line, "Nothing to collect", "Name a slot: `collect: order`", step.id)
        together = text_of(said, "ask")
        keys = [together] if together else []
        keys += [self.draft.needs[slot].ask for slot in slots if self.draft.needs[slot].ask]
        fills = frozenset[str]().union(*(placeholders(self.texts, key) for key in keys))
        if together:
            self._text_exists(together, step.line, step.id)
        for key in [f"{key}.again" for key in keys]:
            if any(key in own for own in self.texts.values()):
                fills |= self._fills(step, key)
        exits = {"filled": self._next(step, said)}
        is_optional = "optional" in said and said["optional"].value is True
        if is_optional:
            exits["missing"] = self._next(step, said, "otherwise" if "otherwise" in said else "then")
        if "in_vain" in said:
            exits["in_vain"] = self._target(step, said["in_vain"].text() or "", said["in_vain"].line, "unsure")
        return replace(step, subject=together, slots=slots, fills=fills, exits=exits, is_optional=is_optional)

    def _check(self, step: Step, said: Mapping[str, Node]) -> Step:
        spec = self.checks.get(step.subject)
        if spec is None:
            self.reader.fault(
                step.line, f"Unknown check `{step.subject}`", f"Checks are {', '.join(sorted(self.checks))}", step.id
            )
            return replace(step, exits={"": self._next(step, said)})
        outcomes = frozenset(spec.outcomes)
        exits = self._on(step, said, outcomes)
        if spec.passes not in exits:
            exits[spec.passes] = self._next(step, said)
        self._all(step, said, exits, outcomes)
        return replace(step, exits=exits, args=self._with(step, said, spec.args, spec.optional))

    def _offer(self, step: Step, said: Mapping[str, Node]) -> Step:
        options = said["options"].mapping() if "options" in said else {}
        if not options:
            self.reader.fault(step.line, "An offer without options", "Add `options: {its_name: target}`", step.id)
        exits = {name: self._target(step, node.text() or "", node.line, "asked") for name, node in options.items()}
        for name in options:
            self._text_exists(f"option.{name}", step.line, step.id)
        for key in ("yes", "no"):
            if key in said and said[key].text() not in options:
                self.reader.fault(
                    said[key].line, f"`{key}` names no option", f"Options are {', '.join(options)}", step.id
                )
        return replace(step, options=tuple(options), exits=exits, yes=text_of(said, "yes"), no=text_of(said, "no"),
                       fills=self._fills(step, step.subject))  # fmt: skip

    def _ladder(self, step: Step, said: Mapping[str, Node]) -> Step:
        """One text for each way, `<subject>.<option>`; `of` names the value that lists the ways there are."""
        options = said["options"].mapping() if "options" in said else {}
        if not options or "of" not in said:
            self.reader.fault(
                step.line, "A ladder without ways", "Add `of: value` and `options: {way: target}`", step.id
            )
        exits = {name: self._target(step, node.text() or "", node.line) for name, node in options.items()}
        exits[SPENT] = self._next(step, said, SPENT)
        fills = frozenset[str]().union(*(self._fills(step, f"{step.subject}.{name}") for name in options))
        unmet = text_of(said, "unmet")
        if unmet:
            fills |= self._fills(step, unmet)
        of = text_of(said, "of")
        return replace(step, options=tuple(options), exits=exits, tell=unmet, args={"of": of} if of else {},
                       fills=fills | ({of} if of else frozenset()))  # fmt: skip

    def _confirm(self, step: Step, said: Mapping[str, Node]) -> Step:
        exits = {"yes": self._next(step, said)}
        deed = text_of(said, "for") or (exits["yes"] if exits["yes"] in self.draft.steps else "")
        if deed not in self.draft.steps or self.draft.steps[deed][0] != "act":
            self.reader.fault(
                step.line, "The confirmation is for no act", "Put the act after it, or name it with `for`", step.id
            )
        elif exits["yes"] != deed:
            self.reader.fault(step.line, f"A yes must lead straight to {deed}",
                              "Collect and check before the confirmation, not after it", step.id)  # fmt: skip
        if "otherwise" not in said:
            self.reader.fault(step.line, "Nothing is said for a no", "Add `otherwise: target`", step.id)
            exits["no"] = "!failed"
        else:
            exits["no"] = self._target(step, said["otherwise"].text() or "", said["otherwise"].line)
        fills = self._fills(step, step.subject)
        again = f"{step.subject}.again"
        if any(again in own for own in self.texts.values()):
            fills |= self._fills(step, again)
        return replace(step, exits=exits, deed=deed, fills=fills)

    def _act(self, step: Step, said: Mapping[str, Node]) -> Step:
        spec = self.actions.get(step.subject)
        if spec is None:
            self.reader.fault(step.line, f"Unknown action `{step.subject}`",
                              f"Actions are {', '.join(sorted(self.actions))}", step.id)  # fmt: skip
            return replace(step, exits={"ok": self._next(step, said)})
        outcomes = spec.refusals | ({"not_found"} if "found" in spec.returns else set())
        exits = self._on(step, said, frozenset(outcomes))
        exits["ok"] = self._next(step, said)
        for outcome, key, reason in (("error", "on_error", "failed"), ("refused", "on_refused", "refused")):
            exits[outcome] = (
                self._target(step, said[key].text() or "", said[key].line, reason)
                if key in said
                else self._default_refusal()
                if outcome == "refused"
                else f"!{reason}"
            )
        if "not_found" in outcomes and "not_found" not in exits:
            self.reader.fault(
                step.line, "Nothing is said for not finding anything", "Add `on: {not_found: …}`", step.id
            )
            exits["not_found"] = "!failed"
        gives = tuple(value for value, _ in strings(said.get("gives")))
        for name in gives:
            if self._need(name) is None or name not in spec.returns:
                self.reader.fault(step.line, f"`{name}` is no slot that {step.subject} could fill",
                                  f"It gives {', '.join(sorted(spec.returns))}", step.id)  # fmt: skip
        return replace(step, exits=exits, args=self._with(step, said, spec.args, spec.optional), gives=gives)

    def _default_refusal(self) -> str:
        """A refusal is told (its text comes with the result), then a person is offered."""
        return "@offer_person" if "offer_person" in self.drafts and self.draft.name != "offer_person" else "!refused"

    def _say(self, step: Step, said: Mapping[str, Node]) -> Step:
        forget = tuple(value for value, _ in strings(said.get("forget")))
        for slot in forget:
            if self._need(slot) is None:
                self.reader.fault(step.line, f"There is no slot `{slot}` to forget", "Name a slot of `needs`", step.id)
        return replace(
            step, fills=self._fills(step, step.subject), forget=forget, exits={"said": self._next(step, said)}
        )

    def _task(self, step: Step, said: Mapping[str, Node]) -> Step:
        department = text_of(said, "department")
        if not department:
            self.reader.fault(step.line, "The task is for nobody", "Add `department:`", step.id)
        days = said["due_in_days"].value if "due_in_days" in said else None
        if days is not None and (not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= 90):
            self.reader.fault(step.line, "`due_in_days` must be 0 to 90", "Write working days as a number", step.id)
            days = None
        facts = {value: value for value, _ in strings(said.get("facts"))}
        self._text_exists(f"task.{step.subject}", step.line, step.id)
        return replace(step, department=department, args=facts, fills=frozenset(facts),
                       exits={"done": self._next(step, said)},
                       due_in_days=days if isinstance(days, int) else None)  # fmt: skip

    def _wait(self, step: Step, said: Mapping[str, Node]) -> Step:
        return replace(step, exits={"happened": self._next(step, said)})

    def _use(self, step: Step, said: Mapping[str, Node]) -> Step:
        used = self.drafts.get(step.subject)
        if used is None:
            self.reader.fault(step.line, f"There is no playbook {step.subject}", "Name one of this pack", step.id)
            return replace(step, exits={"": self._next(step, said)})
        outcomes = endings(used, self.drafts)
        exits = self._on(step, said, outcomes)
        open_ones = sorted(outcomes - set(exits))
        if len(open_ones) == 1 or (open_ones and "otherwise" in said and not exits):
            exits[open_ones[0]] = self._next(step, said)
        self._all(step, said, exits, outcomes)
        return replace(step, exits=exits)

    def _close(self, step: Step, said: Mapping[str, Node]) -> Step:
        if not NAME.match(step.subject):
            self.reader.fault(step.line, f"`{step.subject}` is no disposition", "Use a word like answered", step.id)
        return replace(step, root_cause=text_of(said, "root_cause"))

    def _hand_over(self, step: Step, said: Mapping[str, Node]) -> Step:
        if step.subject not in HAND_OVER_REASONS:
            self.reader.fault(step.line, f"Unknown reason `{step.subject}`",
                              f"Reasons are {', '.join(HAND_OVER_REASONS)}", step.id)  # fmt: skip
        tell = text_of(said, "tell")
        priority = said["priority"].value if "priority" in said else 0
        if priority not in (0, 1, 2) or isinstance(priority, bool):
            self.reader.fault(step.line, "`priority` must be 0, 1 or 2", "0 is normal, 2 urgent", step.id)
            priority = 0
        return replace(step, queue=text_of(said, "queue"), tell=tell, priority=int(str(priority)),
                       fills=self._fills(step, tell) if tell else frozenset())  # fmt: skip
