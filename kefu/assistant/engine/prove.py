"""What holds for a whole playbook: steps are reached, paths end, texts have no holes, deeds are confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kefu.assistant.engine.nodes import Fault
from kefu.assistant.engine.playbook import WAITING, Book, Playbook, Step

#: values that are always there
ALWAYS = frozenset({"brand_name"})
Known = frozenset[str]


def prove(book: Book) -> list[Fault]:
    """All faults of all playbooks that only show when one looks at the whole."""
    faults: list[Fault] = []
    used = _used(book)
    for playbook in book.playbooks.values():
        if ring := _ring(book, playbook.name):
            faults.append(_fault(playbook, playbook.steps[playbook.first], f"The playbook comes back to itself: {ring}",
                                 "Let one of them end instead"))  # fmt: skip
            continue
        faults += _unreached(playbook)
        faults += _circles(playbook)
        faults += _unconfirmed(book, playbook)
        faults += _holes(book, playbook)
        faults += _no_person(playbook)
        faults += _clashes(book, playbook)
        if not playbook.keeps_case:
            faults += _small_talk(playbook)
        if not playbook.intents and playbook.name not in used and not playbook.is_shared:
            faults.append(_fault(playbook, playbook.steps[playbook.first], "Nothing begins this playbook",
                                 "Give it `intents`, or mark it `shared: true`"))  # fmt: skip
    return faults


def _fault(playbook: Playbook, step: Step, problem: str, cure: str) -> Fault:
    return Fault(playbook.file, step.line, step.id, problem, cure)


def _inner(step: Step) -> Iterator[tuple[str, str]]:
    """Exits to steps of the same playbook."""
    for outcome, target in step.exits.items():
        if target and target[0] not in "@!":
            yield outcome, target


def _others(playbook: Playbook) -> set[str]:
    names = {target[1:] for step in playbook.steps.values() for target in step.exits.values() if target[:1] == "@"}
    return names | {step.subject for step in playbook.steps.values() if step.kind == "use"}


def _unasked_others(playbook: Playbook) -> set[str]:
    """The same without those that a customer chooses from an offer: coming back that way is their own wish."""
    steps = [step for step in playbook.steps.values() if step.kind not in ("offer", "ladder")]
    names = {target[1:] for step in steps for target in step.exits.values() if target[:1] == "@"}
    return names | {step.subject for step in steps if step.kind == "use"}


def _used(book: Book) -> set[str]:
    return {name for playbook in book.playbooks.values() for name in _others(playbook)}


def _ring(book: Book, name: str) -> str:
    """ "a > b > a" when a playbook uses or goes over to itself, through others too."""
    trail: list[str] = []

    def visit(current: str) -> str:
        if current in trail:
            return " > ".join([*trail[trail.index(current) :], current]) if current == name else ""
        if current not in book.playbooks:
            return ""
        trail.append(current)
        found = next((ring for other in sorted(_unasked_others(book.playbooks[current])) if (ring := visit(other))), "")
        trail.pop()
        return found

    return visit(name)


def _reached(playbook: Playbook) -> set[str]:
    seen: set[str] = set()
    waiting = [playbook.first]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        waiting += [target for _, target in _inner(playbook.steps[current])]
    return seen


def _unreached(playbook: Playbook) -> list[Fault]:
    reached = _reached(playbook)
    return [
        _fault(playbook, step, "No step leads here", "Name it as a target, move it, or delete it")
        for step in playbook.steps.values()
        if step.id not in reached
    ]


def _circles(playbook: Playbook) -> list[Fault]:
    """A way back leads only through a question asked anew: a collect whose slot is forgotten on the way."""
    faults = []
    for component in _components(playbook):
        forgotten = {slot for step_id in component for slot in playbook.steps[step_id].forget}
        rest = {
            step_id
            for step_id in component
            if not (playbook.steps[step_id].kind == "collect" and forgotten & set(playbook.steps[step_id].slots))
        }
        if _has_circle(playbook, rest):
            first = min((playbook.steps[step_id] for step_id in component), key=lambda step: step.line)
            names = ", ".join(step_id for step_id in playbook.steps if step_id in component)
            faults.append(_fault(playbook, first, f"The steps {names} go round without asking anew",
                                 "On the way back, `forget` the slot that is collected in the circle"))  # fmt: skip
    return faults


def _components(playbook: Playbook) -> list[set[str]]:
    """Steps that can reach each other."""
    reach = {step_id: _from(playbook, step_id) for step_id in playbook.steps}
    found: list[set[str]] = []
    for step_id in playbook.steps:
        together = {other for other in reach[step_id] if step_id in reach[other]}
        if together and not any(step_id in component for component in found):
            found.append(together | {step_id})
    return found


def _from(playbook: Playbook, step_id: str) -> set[str]:
    seen: set[str] = set()
    waiting = [target for _, target in _inner(playbook.steps[step_id])]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += [target for _, target in _inner(playbook.steps[current])]
    return seen


def _has_circle(playbook: Playbook, among: set[str]) -> bool:
    left = set(among)
    while True:
        ends = {one for one in left if not any(target in left for _, target in _inner(playbook.steps[one]))}
        if not ends:
            return bool(left)
        left -= ends


def _unconfirmed(book: Book, playbook: Playbook) -> list[Fault]:
    """An action that wants a confirmation is entered only through the yes of the confirmation of exactly this act."""
    faults = []
    for act in playbook.steps.values():
        spec = book.actions.get(act.subject) if act.kind == "act" else None
        if spec is None or not spec.confirm:
            continue
        doors = [
            (step, outcome)
            for step in playbook.steps.values()
            for outcome, target in _inner(step)
            if target == act.id and not _is_yes(step, outcome, act)
        ]
        for step, _ in doors:
            faults.append(_fault(playbook, act, f"{act.subject} can be reached from {step.id} without its confirmation",
                                 f"Let only the yes of a confirm step lead to {act.id}"))  # fmt: skip
        if act.id == playbook.first:
            faults.append(_fault(playbook, act, f"{act.subject} is done without a confirmation",
                                 "Put a confirm step before it"))  # fmt: skip
        confirms = [step for step in playbook.steps.values() if step.kind == "confirm" and step.deed == act.id]
        if len(confirms) > 1:
            faults.append(_fault(playbook, act, f"{act.subject} has two confirmations", "Keep one for each act"))
    return faults


def _is_yes(step: Step, outcome: str, act: Step) -> bool:
    if step.kind == "ladder":
        return outcome in step.options
    return step.kind == "confirm" and step.deed == act.id and outcome == "yes"


def _no_person(playbook: Playbook) -> list[Fault]:
    """Somewhere on the way a customer must get to a person: a question, an act, or a hand-over."""
    if not playbook.keeps_case or playbook.is_shared:
        return []
    leads = any(
        step.kind in WAITING or step.kind in ("hand_over", "act", "use")
        or any(target[:1] in "@!" for target in step.exits.values() if target)
        for step in playbook.steps.values()
    )  # fmt: skip
    if leads:
        return []
    first = playbook.steps[playbook.first]
    return [_fault(playbook, first, "No way leads to a person",
                   "Let it end in offer_person or hand_over, or mark it `case: false`")]  # fmt: skip


def _small_talk(playbook: Playbook) -> list[Fault]:
    return [
        _fault(playbook, step, f"Small talk (`case: false`) may not {step.kind}", "Only say and close stand in it")
        for step in playbook.steps.values()
        if step.kind not in ("say", "close")
    ]


def _clashes(book: Book, playbook: Playbook) -> list[Fault]:
    """Slots of used playbooks share one space; the same name must mean the same kind."""
    faults = []
    kinds = {need.name: (need.kind, playbook.name) for need in playbook.needs.values()}
    for other in book.reached_from(playbook.name):
        for need in other.needs.values():
            kind, where = kinds.setdefault(need.name, (need.kind, other.name))
            if kind != need.kind:
                step = playbook.steps[playbook.first]
                both = f"{kind} in {where}, {need.kind} in {other.name}"
                faults.append(_fault(playbook, step, f"Slot {need.name} is {both}",
                                     "Rename one of them"))  # fmt: skip
    return faults


# ---- texts without holes: which values are there on every way to a step ----


def _holes(book: Book, playbook: Playbook) -> list[Fault]:
    at, _ = _flow(book, playbook, {})
    faults = []
    for step in playbook.steps.values():
        if step.id not in at:
            continue
        lacking = sorted(step.fills - at[step.id])
        if lacking:
            there = ", ".join(sorted(at[step.id])) or "nothing"
            what = "The task is given" if step.kind == "task" else "The text asks for"
            faults.append(_fault(playbook, step, f"{what} {', '.join(lacking)}, which isn't known on every way here",
                                 f"Known here: {there}"))  # fmt: skip
        unasked = sorted(_required(book, step) - at[step.id])
        if unasked:
            faults.append(_fault(playbook, step, f"{step.subject} needs {', '.join(unasked)}, not yet known here",
                                 f"Collect {', '.join(unasked)} before"))  # fmt: skip
    return faults


def _required(book: Book, step: Step) -> Known:
    spec = book.checks.get(step.subject) if step.kind == "check" else book.actions.get(step.subject)
    return _needed(spec.optional, step) if spec and step.kind in ("check", "act") else frozenset()


def _flow(
    book: Book, playbook: Playbook, done: dict[str, Mapping[str, Known]]
) -> tuple[dict[str, Known], Mapping[str, Known]]:
    """What is known for certain at each step, and at each ending (close word) of the playbook."""
    at: dict[str, Known] = {playbook.first: ALWAYS}
    ends: dict[str, Known] = {}
    waiting = [playbook.first]
    while waiting:
        step = playbook.steps[waiting.pop()]
        known = at[step.id]
        if step.kind == "close":
            ends[step.subject] = ends[step.subject] & known if step.subject in ends else known
        for outcome, target in step.exits.items():
            after = (known | _gains(book, step, outcome, done)) - set(step.forget)
            if target[:1] == "@" and target[1:] in book.playbooks:
                for word, gained in _ends_of(book, target[1:], done).items():
                    ends[word] = ends[word] & (after | gained) if word in ends else after | gained
            elif target and target[0] not in "@!" and at.get(target) != (at.get(target, after) & after):
                at[target] = at.get(target, after) & after
                waiting.append(target)
    return at, ends


def _ends_of(book: Book, name: str, done: dict[str, Mapping[str, Known]]) -> Mapping[str, Known]:
    if name not in done:
        done[name] = {}  # a ring is reported elsewhere
        done[name] = _flow(book, book.playbooks[name], done)[1]
    return done[name]


def _gains(book: Book, step: Step, outcome: str, done: dict[str, Mapping[str, Known]]) -> Known:
    """What is known after this outcome besides what was known before."""
    if step.kind == "collect":
        return frozenset(step.slots) if outcome == "filled" else frozenset()
    if step.kind == "check" and step.subject in book.checks:
        return book.checks[step.subject].outcomes.get(outcome, frozenset()) | _needed(
            book.checks[step.subject].optional, step
        )
    if step.kind == "act" and step.subject in book.actions:
        spec = book.actions[step.subject]
        return (spec.returns if outcome in ("ok", "not_found") else frozenset()) | _needed(spec.optional, step)
    if step.kind == "use" and step.subject in book.playbooks:
        return _ends_of(book, step.subject, done).get(outcome, frozenset())
    return frozenset()


def _needed(optional: frozenset[str], step: Step) -> Known:
    """Slots whose values an act or check cannot go without."""
    return frozenset(slot for arg, slot in step.args.items() if arg not in optional)
