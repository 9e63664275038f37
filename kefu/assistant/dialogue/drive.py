"""One turn of a talk, from understood messages to effects. Pure but for `perform`, which the caller gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from kefu.assistant.dialogue.again import retell
from kefu.assistant.dialogue.agreeing import (
    SUMS,
    asks,
    is_of_something_else,
    only_for_what_was_shown,
    only_tells,
    sums_of,
)
from kefu.assistant.dialogue.follow_ups import FOLLOWED, Answer, answer_after, asked, remembered, told_in
from kefu.assistant.dialogue.instead import (
    as_told,
    can_act,
    cannot_be_had,
    has_acted,
    is_barred,
    is_handing_over,
    is_turned_down,
)
from kefu.assistant.dialogue.route import (
    CLARIFY,
    OFF_TOPIC,
    ORDERS_NAMED,
    PERSON,
    QUESTION,
    Opening,
    Plan,
    accepted,
    route,
)
from kefu.assistant.dialogue.talk import HEARD_AT_MOST, Outcome, Talk, Told, Traced
from kefu.assistant.dialogue.wishes import takes_question
from kefu.assistant.engine.effects import Act, ActionResult, Ask, Close, Confirm, Effect, HandOver, Say
from kefu.assistant.engine.playbook import Book, Playbook
from kefu.assistant.engine.resolve import ACCEPTS
from kefu.assistant.engine.state import CaseState, Heard
from kefu.assistant.engine.step import Input, asked_step, needs_of, open_case, put, step, taken_back
from kefu.assistant.facts import Facts
from kefu.assistant.language import (
    WAY,
    Affirm,
    AskPerson,
    Command,
    Deny,
    Feel,
    Fill,
    FillKind,
    ListeningFor,
    Start,
    Understanding,
)

Perform = Callable[[str, Act], tuple[ActionResult, Facts]]

#: actions of one case in one drive; more is a playbook going round
ACTS_AT_MOST = 8
#: how often an interrupted question is put again before it is only listened for
REMINDERS_AT_MOST = 3


def drive(talk: Talk, understood: Sequence[Understanding], facts: Facts, book: Book, perform: Perform) -> Outcome:
    """Deal with all messages of a turn.

    talk: as the last drive left it (it isn't changed). understood: one for each message, oldest first.
    perform(case key, act) does one action and gives its result and the facts as they are then; what it raises goes
    through. A case that is handed over ends the drive: from then on a person speaks.
    """
    turn = _Turn(talk.copy(), facts, book, perform)
    turn.forget_closed()
    for one in understood:
        turn.talk.language = one.language or turn.talk.language
        turn.take(one)
        if turn.is_over:
            break
    if not turn.is_over:
        turn.look_again()
    if not turn.is_over:
        turn.tell_anew()
    if not turn.is_over:
        turn.ask()
    turn.talk.lately = remembered(turn.talk.lately, turn._told_here())
    return turn.outcome()


def resume(talk: Talk, case_key: str) -> Talk:
    """A person hands the conversation back: the case goes on with the next message, or is done if its way had ended
    with that person. The other cases are as they were."""
    talk = talk.copy()
    if case_key in talk.cases:
        talk.cases[case_key] = taken_back(talk.cases[case_key])
        if talk.cases[case_key].is_open and case_key not in talk.order:
            talk.order.insert(0, case_key)
    talk.focus, talk.unsure, talk.listening = "", 0, ListeningFor(language=talk.language)
    return talk


@dataclass(slots=True)
class _Turn:
    talk: Talk
    facts: Facts
    book: Book
    perform: Perform
    effects: list[tuple[str, Effect]] = field(default_factory=list)
    questions: dict[str, Ask | Confirm] = field(default_factory=dict)
    #: cases that got something in this drive: what they ask now is no reminder
    moved: set[str] = field(default_factory=set)
    opened: list[str] = field(default_factory=list)
    trace: dict[str, Traced] = field(default_factory=dict)
    is_over: bool = False
    #: a question about what was just asked was answered: it is put again, without "back to where we were", or not
    is_following: bool = False
    is_quiet: bool = False
    _facts_seen: dict[str, int] = field(default_factory=dict)

    def forget_closed(self) -> None:
        talk = self.talk
        talk.cases = {key: state for key, state in talk.cases.items() if state.status != "closed"}
        talk.order = [key for key in talk.order if key in talk.cases]
        talk.instead = {key: told for key, told in talk.instead.items() if key in talk.cases}
        talk.rest = {key: told for key, told in talk.rest.items() if key in talk.cases}
        talk.barred = [key for key in talk.barred if key in talk.cases]

    # ---- one message ----

    def take(self, understood: Understanding) -> None:
        focus = self.talk.focus if self.talk.focus in self.talk.open_keys else ""
        commands = only_for_what_was_shown(self.talk, understood.commands, focus)
        understood = replace(understood, commands=tuple(commands))
        standing, before = self._standing(), len(self.opened)
        if not self._follow_up(understood):
            self._take(understood)
        elif standing and standing in self.talk.open_keys and not self.is_over:
            self._ask_nothing_over(standing, self.opened[before:], understood)

    def _follow_up(self, understood: Understanding) -> bool:
        """Answer a question about what was just asked or done, after what the same message says besides: a yes."""
        meant = asked(understood, self.facts.pack)
        if not meant or any(isinstance(one, AskPerson) or (isinstance(one, Feel) and one.mood == "angry")
                            for one in understood.commands):  # fmt: skip
            return False
        answers = [one for one in understood.commands if isinstance(one, Affirm | Deny)]
        is_answer = bool(answers) and self.talk.listening.is_confirming
        if not is_answer and answer_after(meant, self.talk.lately) is None:
            return False
        if is_answer and any(isinstance(one, Start) and one.is_beside for one in understood.commands):
            return False  # "yes, and also cancel the other one": a wish of its own
        if is_answer and not any(isinstance(one, Affirm) and one.is_conditional for one in answers):
            self._take(replace(understood, commands=tuple(answers)))
            if self.is_over:
                return True
        found = answer_after(meant, [*self._told_here(), *self.talk.lately])
        return (found is not None and self._answer(*found, understood)) or is_answer

    def _answer(self, answer: Answer, about: Told, understood: Understanding) -> bool:
        """False when the facts that the answer needs were never told."""
        if answer.say:
            needed = self.book.placeholders(answer.say)
            if not needed <= about.facts.keys():
                return False
            self.effects.append((FOLLOWED, Say("", answer.say, {name: about.facts[name] for name in needed})))
            self.trace[FOLLOWED] = Traced(FOLLOWED, "follow_up", "", (), about.rules, ())
        else:
            intent = answer.start or QUESTION
            playbook = self.book.for_intent(intent)
            if playbook is None:
                return False
            words = (answer.question or {}).get(understood.language, understood.text)
            known = [Fill(1.0, "", cast(FillKind, kind), code) for kind, fact in answer.given.items()
                     if (code := _code_in(about.facts.get(fact)))]  # fmt: skip
            heard = [Start(1.0, intent=intent), Fill(1.0, "", "free_text", words), *known]
            self._begin(Opening(playbook, intent, heard))
            if self.opened[-1] in self.talk.open_keys:
                self.talk.order = [self.opened[-1], *(key for key in self.talk.order if key != self.opened[-1])]
        self.talk.unsure = 0
        self.is_following, self.is_quiet = True, answer.is_quiet
        return True

    def _told_here(self) -> list[Told]:
        rules = {key: traced.rules for key, traced in self.trace.items()}
        return told_in(self.effects, rules, self.talk.lately, self.opened)

    def _take(self, understood: Understanding) -> None:
        plan = route(self.talk, understood, self.book)
        standing = self._standing()
        self._keep(plan)
        has_strayed = any(opening.intent == OFF_TOPIC for opening in plan.openings)
        self.talk.strayed = self.talk.strayed + 1 if has_strayed else 0
        if plan.is_unclear and standing and asks(understood):
            self._show_again(standing)
            return
        if plan.is_unclear or self.talk.strayed > 1:
            self._unclear(understood)
            return
        self.talk.unsure = 0
        if plan.too_many:
            self._hand_over_all("many")
            return
        self._give_up(plan)
        for key, commands in plan.to_cases.items():
            if plan.openings and self.talk.cases[key].playbook == CLARIFY:
                continue  # the wish is told: nothing else of the message answers "what is it about?"
            if plan.instead is not None and not plan.openings:
                self.talk.instead[key] = (plan.instead.intent, plan.instead.words)
            self._move(key, commands)
            if self.is_over:
                return
        before = len(self.opened)
        for opening in plan.openings:
            self._begin(opening)
            if self.is_over:
                return
        if standing and standing in self.talk.open_keys:
            self._ask_nothing_over(standing, self.opened[before:], understood)
        fresh = [key for key in self.opened[before:] if key in self.talk.open_keys]
        self.talk.order = fresh + [key for key in self.talk.order if key not in fresh]

    def _give_up(self, plan: Plan) -> None:
        """Who was told that it is not to be had, and goes on to another wish, has let go of it."""
        focus = self.talk.focus
        again = [
            key for key, given in plan.to_cases.items() if key != focus and any(isinstance(one, Start) for one in given)
        ]
        acts = any(can_act(opening.playbook.name, self.book) for opening in plan.openings)
        if (
            focus in self.talk.barred
            and focus in self.talk.open_keys
            and focus not in plan.to_cases
            and (again or acts)
        ):
            self._close(focus, "explained")
        self.talk.order = again + [key for key in self.talk.order if key not in again]

    # ---- while a confirmation stands ----

    def _standing(self) -> str:
        """Key of the case whose confirmation stands and may be put once more, "" for none."""
        talk = self.talk
        key = talk.focus if talk.listening.is_confirming and talk.focus in talk.open_keys else ""
        return key if key and sum(talk.cases[key].reminded.values()) < REMINDERS_AT_MOST else ""

    def _ask_nothing_over(self, standing: str, fresh: Sequence[str], understood: Understanding) -> None:
        """A question at a confirmation is answered, and the confirmation stands. What could only answer by asking in
        turn ("would you like a colleague?") gives way: the next yes must be for the deed and for nothing else."""
        asking = [
            key for key in fresh if key in self.questions and only_tells(self.book, self.talk.cases[key].playbook)
        ]
        for key in asking:
            tells = is_of_something_else(understood) and takes_question(
                self.book, self.book.playbooks.get(self.talk.cases[key].playbook)
            )
            if not tells:  # what it said of another state of things is no answer to what would be
                self.effects = [one for one in self.effects if one[0] != key or not isinstance(one[1], Say)]
                self._show_again(standing)
            self._close(key, "asked_meanwhile")

    def _show_again(self, standing: str) -> None:
        """The deed with its sums and days answers most of what is asked of it."""
        lead = Say("", "dialogue.once_more", {})
        if self.book.has_text(lead.key) and (standing, lead) not in self.effects:
            self.effects.append((standing, lead))

    def _keep(self, plan: Plan) -> None:
        """Values that no case takes now wait for the next one."""
        for fill in plan.keep:
            self.talk.heard = [item for item in self.talk.heard if item.kind != fill.kind][-HEARD_AT_MOST + 1 :]
            self.talk.heard.append(Heard(fill.kind, fill.value, fill.words[:200]))

    def _begin(self, opening: Opening) -> str:
        """Open a case, give it what was heard, take its first steps."""
        talk, playbook = self.talk, opening.playbook
        if playbook.name != CLARIFY:
            self._clarified()
        key = f"{'' if playbook.keeps_case else '~'}{talk.next_key}"
        talk.next_key += 1
        state = open_case(playbook, intent=opening.intent, about=talk.about, offered=opening.offered)
        needs = needs_of(self.book, playbook.name)
        takes = accepted(self.book, playbook.name)
        state.heard = [item for item in talk.heard if item.kind in takes]
        if playbook.name != CLARIFY:
            talk.heard = [item for item in talk.heard if item.kind not in takes]
        for command in opening.commands:  # a question comes with its words before anything was asked
            if isinstance(command, Fill) and command.kind == "free_text":
                name = next((n for n, need in needs.items() if need.kind in ("text", "question")), "")
                if name and not any(need.kind == "told" for need in needs.values()):
                    state.heard.append(Heard("free_text", str(command.value)[:2000]))
        talk.cases[key] = state
        talk.order.append(key)
        self.opened.append(key)
        if opening.instead is not None:
            talk.instead[key] = (opening.instead.intent, opening.instead.words)
        self._move(key, opening.commands)
        return key

    def _clarified(self) -> None:
        """A wish has come: the question what is wished for needs no answer any more."""
        talk = self.talk
        for key in talk.open_keys:
            if talk.cases[key].playbook == CLARIFY:
                self._close(key, "clarified")

    def _close(self, key: str, disposition: str) -> None:
        state = self.talk.cases[key].copy()
        state.status, state.disposition = "closed", disposition
        self.talk.cases[key] = state
        self.effects.append((key, Close(state.step, disposition)))
        self._done_with(key)

    def _done_with(self, key: str) -> None:
        self.questions.pop(key, None)
        self.talk.order = [other for other in self.talk.order if other != key]
        if self.talk.focus == key:
            self.talk.focus = ""

    # ---- moving one case ----

    def _move(self, key: str, commands: Sequence[Command]) -> None:
        """Step the case, do what it wants done, and again, until it waits for somebody."""
        self.moved.add(key)
        inputs: Sequence[Input] = [one for one in commands if not isinstance(one, Start)] or list(commands)
        acts: list[ActionResult] = []
        for _ in range(ACTS_AT_MOST + 1):
            result = step(self.book, self.talk.cases[key], inputs, self.facts)
            self.talk.cases[key] = result.state
            act: Act | None = None
            for effect in result.effects:
                if isinstance(effect, Act):
                    act = effect
                else:
                    self.effects.append((key, effect))
            if act is None or len(acts) >= ACTS_AT_MOST:
                break
            done, self.facts = self.perform(key, act)
            acts.append(done)
            inputs = [done]
        if act is not None:
            result = step(self.book, self.talk.cases[key], [AskPerson(1.0)], self.facts)
            self.talk.cases[key] = result.state
            self.effects += [(key, effect) for effect in result.effects]
        self._facts_seen[key] = id(self.facts)
        self._trace(key, result.rules, result.rows, acts)
        for done in acts:
            if "rest" in done.value:
                self.talk.rest[key] = str(done.value["rest"])
        if acts:
            barred = is_barred(acts) and result.question is not None
            self.talk.barred = [one for one in self.talk.barred if one != key] + ([key] if barred else [])
        if self._falls_back(key, commands, acts, result.question):
            return
        self._after(key, result.question)
        self._goes_on(key, commands)

    def _falls_back(
        self, key: str, commands: Sequence[Command], acts: Sequence[ActionResult], question: Ask | Confirm | None
    ) -> bool:
        """What was wished for is not to be had, and they said what they would have instead: begin that."""
        told = self.talk.instead.get(key)
        state = self.talk.cases[key]
        if told is None:
            return False
        if has_acted(acts, self.book) or is_turned_down(commands):
            del self.talk.instead[key]
            return False
        playbook = self.book.for_intent(told[0])
        is_barred = cannot_be_had(state.status, question is not None, acts)
        if playbook is None or not is_barred or not can_act(state.playbook, self.book):
            return False
        del self.talk.instead[key]
        self.talk.rest.pop(key, None)
        self.effects = [one for one in self.effects if not (one[0] == key and is_handing_over(one[1]))]
        if state.status != "closed":
            self._close(key, "explained")
        else:
            self._done_with(key)
        if self.book.has_text("dialogue.instead"):
            self.effects.append((key, Say(state.step, "dialogue.instead", {"wish": {"key": f"wish.{told[0]}"}})))
        order = next((str(slot.value).partition("/")[0] for name, need in needs_of(self.book, state.playbook).items()
                      if need.kind in ("order", "order_line") and (slot := state.slots.get(name))), "")  # fmt: skip
        self._begin_next(Opening(playbook, told[0], as_told(told[1], order)))
        return True

    def _goes_on(self, key: str, commands: Sequence[Command]) -> None:
        """One of several orders is dealt with: the same wish, for what is left."""
        state = self.talk.cases[key]
        rest = self.talk.rest.get(key, "")
        playbook = self.book.for_intent(state.intent)
        if state.is_open or not rest or playbook is None:
            return
        del self.talk.rest[key]
        if state.status == "closed" and not is_turned_down(commands):
            self._begin_next(Opening(playbook, state.intent, as_told(rest)))

    def _begin_next(self, opening: Opening) -> None:
        """Begin what follows from a case that is over, before anything else that is open."""
        self._begin(opening)
        newest = self.opened[-1]
        if newest in self.talk.open_keys:
            self.talk.order = [newest, *(key for key in self.talk.order if key != newest)]

    def _after(self, key: str, question: Ask | Confirm | None) -> None:
        state = self.talk.cases[key]
        self._about(state)
        if state.status == "handed_over":
            # what only waits for somebody's approval leaves the assistant the rest of the talk
            self.is_over = self.is_over or not self._awaits_approval(key)
            self._tell_others(key)
        if not state.is_open:
            self._done_with(key)
        elif question is not None:
            self.questions[key] = question
        else:
            self.questions.pop(key, None)
        if state.status == "closed":
            self._wished(state)

    def _awaits_approval(self, key: str) -> bool:
        over = [effect for owner, effect in self.effects if owner == key and isinstance(effect, HandOver)]
        return bool(over) and over[-1].reason == "approval"

    def _wished(self, state: CaseState) -> None:
        """A clarifying case has ended with a wish: begin it."""
        for name, need in needs_of(self.book, state.playbook).items():
            slot = state.slots.get(name)
            playbook = self.book.for_intent(str(slot.value)) if need.kind == "wish" and slot else None
            if playbook is None:
                continue
            self.talk.heard += [item for item in state.heard if item.kind != "free_text"]
            self._begin_next(Opening(playbook, str(slot.value) if slot else ""))
            return

    def _about(self, state: CaseState) -> None:
        """The order a case has settled on is what the talk is about now."""
        for name, need in needs_of(self.book, state.playbook).items():
            slot = state.slots.get(name)
            if slot is not None and need.kind in ("order", "order_line"):
                self.talk.about = str(slot.value).partition("/")[0]

    def _tell_others(self, key: str) -> None:
        """The person who takes over sees what else is open."""
        others = [
            {"wish": self.talk.cases[other].intent, "step": self.talk.cases[other].step}
            for other in self.talk.open_keys
            if other != key
        ]
        for place, (owner, effect) in enumerate(self.effects):
            if owner == key and isinstance(effect, HandOver) and others:
                self.effects[place] = (owner, replace(effect, summary={**effect.summary, "also_open": others}))

    def _trace(self, key: str, rules: Sequence[str], rows: Sequence[str], acts: Sequence[ActionResult]) -> None:
        state, old = self.talk.cases[key], self.trace.get(key)
        all_rules = [*(old.rules if old else ()), *rules, *(act.rule for act in acts if act.rule)]
        self.trace[key] = Traced(
            case=key, playbook=state.playbook, version=state.version,
            steps=tuple((way[0], way[1], way[2], way[3]) for way in state.walked),
            rules=tuple(dict.fromkeys(all_rules)),
            rows=tuple(dict.fromkeys([*(old.rows if old else ()), *rows])),
            acts=(*(old.acts if old else ()), *acts),
        )  # fmt: skip

    # ---- not understood ----

    def _unclear(self, understood: Understanding) -> None:
        """Ask once, clearly; unsure twice in a row, a person takes over."""
        talk = self.talk
        talk.unsure += 1
        focus = talk.focus if talk.focus in talk.open_keys else ""
        if focus and not self._likely(focus, understood):
            self._move(focus, understood.commands or (Command(0.0),))
            return
        if focus:  # asked what it is about, they send the order's number: then it is about that order
            likely, intent = self._likely(focus, understood)[0]
            self.talk.heard += [
                Heard(one.kind, one.value, one.words) for one in understood.commands if isinstance(one, Fill)
            ]
            self._begin(Opening(likely, intent))
            return
        playbook = self.book.for_intent(CLARIFY)
        if playbook is None or talk.unsure > 1:
            self._hand_over_all("unsure")
            return
        near = [intent for intent, _ in understood.alternatives if self._can_offer(intent)][:3]
        offered = (*near, PERSON) if near else ()
        self._begin(Opening(playbook, CLARIFY, [], offered=tuple(dict.fromkeys(offered))))

    def _likely(self, focus: str, understood: Understanding) -> list[tuple[Playbook, str]]:
        """The wish to begin when somebody is asked what they wish and only names a thing that suggests one."""
        names_a_thing = any(isinstance(one, Fill) and one.kind in ORDERS_NAMED for one in understood.commands)
        if self.talk.cases[focus].playbook != CLARIFY or not names_a_thing:
            return []
        found = [(self.book.for_intent(intent), intent) for intent, _ in understood.alternatives]
        return [(playbook, intent) for playbook, intent in found if playbook is not None and self._can_offer(intent)]

    def _can_offer(self, intent: str) -> bool:
        playbook = self.book.for_intent(intent)
        return playbook is not None and playbook.keeps_case and self.book.has_text(f"wish.{intent}")

    def _hand_over_all(self, reason: str) -> None:
        """No single case is at fault: the one with the floor, or a new one, carries the talk to a person."""
        key = next(iter(self.talk.open_keys), "")
        if not key:
            playbook = self.book.for_intent(PERSON)
            if playbook is None:
                return
            key = str(self.talk.next_key)
            self.talk.next_key += 1
            state = open_case(playbook, intent=PERSON, about=self.talk.about)
            state.heard = list(self.talk.heard)
            self.talk.cases[key] = state
            self.talk.order.insert(0, key)
            self.opened.append(key)
        result = step(self.book, self.talk.cases[key], [AskPerson(1.0)], self.facts)
        self.talk.cases[key] = result.state
        for effect in result.effects:
            if isinstance(effect, HandOver):
                effect = replace(effect, reason=reason, summary={**effect.summary, "reason": reason})
            elif isinstance(effect, Say):
                effect = replace(effect, key=f"hand_over.{reason}")
            self.effects.append((key, effect))
        self._trace(key, (), (), ())
        self._after(key, None)

    # ---- the end of the turn ----

    def look_again(self) -> None:
        """Facts may have changed under the other cases (a proof was given): they go on by themselves."""
        for key in list(self.talk.open_keys):
            if self.is_over or not self.talk.cases[key].is_open:
                continue
            if self._facts_seen.get(key) != id(self.facts):
                moved = set(self.moved)
                self._move(key, ())
                self.moved = moved

    def tell_anew(self) -> None:
        """What was told before comes in other words; told a third time in a row, a person takes over."""
        retold = retell(self.effects, self.talk.told, self.book, self.talk.language)
        self.effects, self.talk.told = retold.effects, retold.told
        self.talk.repeated = self.talk.repeated + 1 if retold.has_repeated else 0
        if self.talk.repeated > 1:
            self.effects = [
                one for one in self.effects if not (isinstance(one[1], Say) and one[1].key.endswith(".again"))
            ]
            self._hand_over_all("needed")

    def ask(self) -> None:
        """Put one question: that of the case with the floor. One that was interrupted is put again."""
        talk = self.talk
        for key in talk.open_keys:
            question = self.questions.get(key)
            if question is None:
                continue
            state = talk.cases[key]
            is_reminder = key not in self.moved and asked_step(self.book, state) is not None
            reminded = sum(state.reminded.values())
            if self.is_quiet and is_reminder and not isinstance(question, Confirm):
                self._listen(key, question)
                return
            if is_reminder and reminded >= REMINDERS_AT_MOST:
                self._listen(key, question)
                return
            is_led = self.is_following or any(
                isinstance(one, Say) and one.key == "dialogue.once_more" for _, one in self.effects
            )
            if is_reminder and self.effects and not is_led and self.book.has_text("dialogue.back"):
                self.effects.append(
                    (key, Say(question.step, "dialogue.back", {"wish": {"key": f"wish.{state.intent}"}}))
                )
            talk.cases[key] = put(state, question, is_reminder=is_reminder)
            self.effects.append((key, question))
            self._listen(key, question)
            return
        talk.focus = ""
        talk.listening = ListeningFor(language=talk.language)

    def _listen(self, key: str, question: Ask | Confirm) -> None:
        talk = self.talk
        talk.focus = key
        state = talk.cases[key]
        kinds: set[str] = set()
        needs = needs_of(self.book, state.playbook)
        for name in state.asking.slots if state.asking else []:
            kinds |= ACCEPTS[needs[name].kind] if name in needs else set()
        if state.asking and state.asking.kind == "ladder":  # another way may be asked for
            kinds.add("remedy")
        options = question.options if isinstance(question, Ask) else ()
        country = self.facts.customer.country if self.facts.customer else ""
        talk.listening = ListeningFor(
            kinds=tuple(sorted(kinds)), options=options, is_confirming=isinstance(question, Confirm),
            language=talk.language or self.facts.language, country=country,
            extras=self._shown(question, state.asking.way if state.asking else ""),
        )  # fmt: skip

    def _shown(self, question: Ask | Confirm, way: str) -> dict[str, object]:
        """What understanding has to know of the deed that is put to the customer."""
        return {SUMS: sums_of(question.deed.amounts), WAY: way} if isinstance(question, Confirm) else {}

    def outcome(self) -> Outcome:
        if self.is_over:
            self.talk.focus, self.talk.listening = "", ListeningFor(language=self.talk.language)
        return Outcome(self.talk, tuple(self.effects), tuple(self.trace.values()), self.talk.listening, self.facts)


def _code_in(fact: object) -> str:
    """The code that a fact has beside its words: {"text": {"en": "Switzerland"}, "code": "CH"} -> "CH"."""
    return str(fact.get("code", "")) if isinstance(fact, dict) else ""
