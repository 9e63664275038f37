"""Taking in what the customer said: into slots, answers and confirmations of one case. No facts are judged here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kefu.assistant.engine.naming import NAMES_ITEM, likeness
from kefu.assistant.engine.playbook import Need, Step
from kefu.assistant.engine.resolve import ACCEPTS, find_order
from kefu.assistant.engine.state import CaseState, Heard, Json, Slot
from kefu.assistant.facts import Facts
from kefu.assistant.language import Affirm, Choose, Command, Correct, Deny, Feel, Fill

TEXT_LIMIT = 2000
HEARD_AT_MOST = 24
#: messages kept of what a case was told
TOLD_AT_MOST = 12
#: what names a line piece by piece: a new colour keeps the words, new words drop colour and size
_PIECES = {"color": {"ordinal"}, "size": {"ordinal"}, "item_words": {"ordinal", "color", "size"}}


def absorb(state: CaseState, commands: Sequence[Command], needs: Mapping[str, Need], asked: Step | None,
           facts: Facts) -> None:  # fmt: skip
    """Change `state` by what was said. `asked`: the step whose question was put last, if it was this case's.

    Values first, then yes and no: a yes that comes with a change was for what stood before, and counts for nothing.
    """
    commands = [_plain(state, one, asked) for one in commands]
    changed = _hear_several(state, commands, needs)
    for command in commands:
        if isinstance(command, Fill | Correct):
            changed |= _hear(state, command, needs, asked, facts)
        elif isinstance(command, Feel):
            state.mood = command.mood
    _turn_down(state, commands, asked)
    for command in commands:
        if isinstance(command, Choose):
            changed |= _choose(state, command.option, needs, asked, facts)
    if changed:
        void(state)
        return
    yes = [one for one in commands if isinstance(one, Affirm)]
    if any(isinstance(one, Deny) for one in commands):
        if not yes:  # both in one breath is neither
            _deny(state, asked)
    elif yes and not any(one.is_conditional for one in yes):
        _affirm(state, asked)


def _hear_several(state: CaseState, commands: Sequence[Command], needs: Mapping[str, Need]) -> bool:
    """Items named beside each other in one message, or left out of "all but …", are kept together; a message that
    names one alone later takes the several back."""
    slot = next((name for name, need in needs.items() if need.kind == "order_lines"), "")
    names = [str(one.value) for one in commands if isinstance(one, Fill | Correct) and one.kind == "item_words"]
    for kind in ("size", "color"):  # "the jacket in L and the fleece in S": each wants its own
        if len({str(one.value) for one in commands if isinstance(one, Fill | Correct) and one.kind == kind}) > 1:
            return False
    has_all = any(isinstance(one, Fill | Correct) and one.kind == "all_of" for one in commands)
    if not slot or not (names or has_all):
        return False
    if len(names) == 1 and not has_all:
        empty_slot(state, needs[slot])
        return False
    if names:
        hear(state, "items", names)
    before = state.slots.pop(slot, None)
    return before is not None


def _plain(state: CaseState, command: Command, asked: Step | None) -> Command:
    """The buttons of a confirmation as the yes or no they are; one that names an older deed ("yes:<fingerprint>") is
    for nothing."""
    if not isinstance(command, Choose) or asked is None or asked.kind not in ("confirm", "offer", "ladder"):
        return command
    word, _, of_deed = command.option.partition(":")
    if word not in ("yes", "no") or (of_deed and of_deed != state.shown):
        return command
    return Affirm(command.score, command.words) if word == "yes" else Deny(command.score, command.words)


def _turn_down(state: CaseState, commands: Sequence[Command], asked: Step | None) -> None:
    """On a ladder, who asks for another way than the one offered has declined that one."""
    if asked is None or asked.kind != "ladder" or state.asking is None or not state.shown:
        return
    wished = [one.value for one in commands if isinstance(one, Fill | Correct) and one.kind == "remedy"]
    if wished and wished[-1] != state.asking.way and not any(isinstance(one, Affirm) for one in commands):
        state.declined.append(state.shown)


def void(state: CaseState) -> None:
    """Something changed: no yes, no and no choice given before it holds any longer."""
    state.confirmed = state.shown = ""
    state.answers.clear()


def hear(state: CaseState, kind: str, value: Json, words: str = "") -> None:
    """Keep a fill; the newest of a kind counts."""
    state.heard = [item for item in state.heard if item.kind != kind][-HEARD_AT_MOST + 1 :]
    state.heard.append(Heard(kind, value[:TEXT_LIMIT] if isinstance(value, str) else value, words[:200]))


def empty_slot(state: CaseState, need: Need, *, keep: frozenset[str] = frozenset()) -> None:
    """Forget the slot's value and all that could fill it again by itself, save the kinds in `keep`."""
    state.slots.pop(need.name, None)
    gone = ACCEPTS[need.kind] - keep
    state.heard = [item for item in state.heard if item.kind not in gone]


def tell(state: CaseState, text: str, needs: Mapping[str, Need]) -> bool:
    """Add a message to what the customer has told this case, where a slot keeps that."""
    need = next((need for need in needs.values() if need.kind == "told"), None)
    if need is None:
        return False
    slot = state.slots.get(need.name)
    before = list(slot.value) if slot else []
    state.slots[need.name] = Slot([*before, text[:TEXT_LIMIT]][-TOLD_AT_MOST:], "said")
    return True


def _hear(state: CaseState, command: Fill | Correct, needs: Mapping[str, Need], asked: Step | None,
          facts: Facts) -> bool:  # fmt: skip
    kind, value = command.kind, command.value
    free = asked is not None and asked.kind == "collect" and _takes_words(asked, needs) and isinstance(command, Fill)
    if free and kind in ("order_number", "postcode") and str(value).replace(" ", "").isdigit():
        return False  # a number in an address or a story names no other order and proves nothing
    if kind == "free_text" and tell(state, str(value), needs):
        return True
    if kind == "free_text":
        wanted = [needs[name] for name in asked.slots if name in needs] if asked and asked.kind == "collect" else []
        if not any("free_text" in ACCEPTS[need.kind] for need in wanted):
            return False
    elif not any(kind in ACCEPTS[need.kind] for need in needs.values()) and kind != "other":
        return False
    if _says_less(state, kind, value, needs, facts):
        return False
    if kind == "order_number" and _is_no_order(state, str(value), needs, asked, facts):
        return False
    changed = False
    for need in needs.values():
        slot = state.slots.get(need.name)
        if slot is None or kind not in ACCEPTS[need.kind] or kind == "free_text":
            continue
        if free and kind in _DESCRIBING:  # "size L please", "it's green": the answer, not another item
            continue
        if need.kind == "order_line" and kind in ("color", "size") and _wants_variant(needs):
            continue  # "in blue, size L" is what is wanted instead of the line
        if isinstance(command, Correct) or _contradicts(need, slot.value, kind, value, facts):
            keep = ACCEPTS["order_line"] - _PIECES.get(kind, set()) if need.kind == "order_line" else frozenset()
            if need.kind in ("variant", "address"):  # the other size, the house number: the rest stays
                keep = ACCEPTS[need.kind] - {kind, "free_text"}
            if need.kind == "order_line" and kind == "order_number":
                keep = frozenset()
            before = slot.value
            empty_slot(state, need, keep=keep)
            if need.kind == "order_line" and kind in ("color", "size"):
                state.before[need.name] = str(before)
            changed = True
    hear(state, kind, value, command.words)
    return changed


#: what describes an item, and may as well describe what is wrong with it or wanted instead of it
_DESCRIBING = frozenset({"item_words", "color", "size"})


def _is_no_order(state: CaseState, number: str, needs: Mapping[str, Need], asked: Step | None, facts: Facts) -> bool:
    """A number in an answer in one's own words, while the order is settled: a VAT number, a house number."""
    if asked is None or asked.kind != "collect" or not _takes_words(asked, needs) or find_order(facts, number):
        return False
    return any(need.kind in ("order", "order_line") and name in state.slots for name, need in needs.items())


def _takes_words(asked: Step, needs: Mapping[str, Need]) -> bool:
    return any("free_text" in ACCEPTS[needs[name].kind] for name in asked.slots if name in needs)


def _wants_variant(needs: Mapping[str, Need]) -> bool:
    return any(need.kind == "variant" for need in needs.values())


def _says_less(state: CaseState, kind: str, value: Json, needs: Mapping[str, Need], facts: Facts) -> bool:
    """Whether what was heard of this kind before says more: "too small, it doesn't fit", "the lantern's glass"."""
    before = next((item.value for item in state.heard if item.kind == kind), None)
    if kind == "reason":
        if value == "damaged" and "defective" in [one.value for one in state.slots.values()]:
            return True
        had = [before, *(slot.value for name, slot in state.slots.items() if name in needs)]
        return any(value in need.narrow and set(map(str, had)) & set(need.of) for need in needs.values())
    if kind != "item_words" or not facts.orders:
        return False
    lines = [line for order in facts.orders for line in order.lines]
    names = any(likeness(str(value).lower()[:200], line) >= NAMES_ITEM for line in lines)
    has_line = any(need.kind == "order_line" and need.name in state.slots for need in needs.values())
    return not names and (has_line or before is not None)


def _contradicts(need: Need, value: Json, kind: str, said: Json, facts: Facts) -> bool:
    """Whether what was said now is at odds with the slot's value. An ordinal alone never is."""
    if need.kind == "order_line":
        line = facts.line(value)
        if line is None:
            return True
        if kind == "color":
            return str(said).lower() not in line.color.lower()
        if kind == "size":
            return str(said).upper() != line.size.upper()
        if kind == "item_words":
            return likeness(str(said).lower()[:200], line) < NAMES_ITEM
        return kind == "order_number" and _is_other_order(value.rpartition("/")[0], str(said), facts)
    if need.kind in ("order", "order_number"):
        return kind == "order_number" and _is_other_order(str(value), str(said), facts)
    if need.kind == "choice":
        return said in need.of and said != value
    if need.kind == "proof":
        return isinstance(value, dict) and value != {"kind": kind, "value": said}
    if need.kind in ("variant", "address"):
        return not (isinstance(value, dict) and value.get(kind) == said)
    if need.kind == "order_lines":
        return False
    return (kind == "quantity" or kind == need.kind) and value != said


def _is_other_order(number: str, said: str, facts: Facts) -> bool:
    """KF-1042 and 1042 are one order when facts know it."""
    meant = find_order(facts, said)
    return number.upper() not in (said.upper(), meant.number.upper() if meant else "")


def _choose(state: CaseState, option: str, needs: Mapping[str, Need], asked: Step | None, facts: Facts) -> bool:
    if asked is not None and state.asking is not None and option in state.asking.options:
        if asked.kind == "offer":
            state.answers[state.asking.path] = option
            return False
        if needs[state.asking.slots[0]].kind == "answer":
            return tell(state, option, needs)
        return _pin(state, needs[state.asking.slots[0]], option)
    for need in needs.values():
        known = (
            (need.kind == "order" and facts.order(option) is not None)
            or (need.kind == "order_line" and facts.line(option) is not None)
            or (need.kind == "choice" and option in need.of)
        )
        if known and (need.name not in state.slots or state.slots[need.name].value != option):
            return _pin(state, need, option)
    return False


def _pin(state: CaseState, need: Need, value: str) -> bool:
    was = state.slots.get(need.name)
    empty_slot(state, need)
    state.slots[need.name] = Slot(value, "chosen")
    return was is not None and was.value != value


def _affirm(state: CaseState, asked: Step | None) -> None:
    if asked is None or state.asking is None:
        return
    if asked.kind in ("confirm", "ladder") and state.shown:
        state.confirmed = state.shown
    elif asked.kind == "offer" and asked.yes:
        state.answers[state.asking.path] = asked.yes


def _deny(state: CaseState, asked: Step | None) -> None:
    if asked is None or state.asking is None:
        return
    if asked.kind == "confirm" and state.shown:
        state.confirmed = ""
        state.answers[state.asking.path] = f"no:{state.shown}"
    elif asked.kind == "ladder" and state.shown:
        state.confirmed = ""
        state.declined.append(state.shown)
    elif asked.kind == "offer" and asked.no:
        state.answers[state.asking.path] = asked.no
    elif asked.kind == "collect" and asked.is_optional:
        state.answers[state.asking.path] = "skip"
