"""The tasks' wishes spoken by the simulated customer through the conversation's own door; the end state decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from bench.report import Table, percentiles
from bench.tau2.act import user_of
from bench.tau2.compare import differences, expected_state
from bench.tau2.export import export
from bench.tau2.files import Expected, Task
from bench.tau2.scenarios import scenario_of
from kefu.academy.customer import Said
from kefu.academy.play import Heard, Played, play
from kefu.assistant.language import ListeningFor
from kefu.assistant.turn.run import take_turn
from kefu.assistant.understanding import understand
from kefu.desk.inbound import Inbound
from kefu.desk.models import Channel, Conversation, Owner
from kefu.desk.services import receive_message
from kefu.kernel.ids import new_id
from kefu.people.models import Brand

Json = Any


class Door:
    """One conversation as a customer has it: a message in, the words and buttons of the answer out."""

    def __init__(self, brand: Brand) -> None:
        self.channel = Channel.objects.get(brand=brand, kind="chat")
        self.public_id = str(new_id())
        self.seconds: list[float] = []
        self.seen = 0

    def __call__(self, said: Said) -> Heard:
        began = perf_counter()
        message = receive_message(
            self.channel,
            Inbound(str(new_id()), f"bench:{self.public_id}", said.text, choice=said.choice,
                    conversation_id=self.public_id),
        )  # fmt: skip
        take_turn(message.conversation_id)
        self.seconds.append(perf_counter() - began)
        news = list(
            message.conversation.messages.filter(author="assistant", kind="message", pk__gt=message.pk).order_by("pk")
        )
        conversation = Conversation.objects.get(pk=message.conversation_id)
        self.conversation = conversation
        choices = tuple((one["value"], one["label"]) for one in (news[-1].extras.get("choices") or ())) if news else ()
        return Heard("\n\n".join(one.text for one in news), choices, conversation.owner != Owner.ASSISTANT)


def talked(
    brand: Brand, db: Json, tasks: Sequence[Task], expected: Mapping[str, Expected], *, seeds: int, show: bool = False
) -> Table:
    """Every task `seeds` times, each on the shop as it was at the start."""
    from bench.tau2.measure import undone

    understand("where is my order", ListeningFor(language="en"), pack=brand.pack)
    passed: dict[str, int] = {task.id: 0 for task in tasks}
    forbidden, turns, seconds, with_person = 0, 0, [], 0
    for task in tasks:
        want = expected_state(db, expected[task.id].changed)
        users = _touched(task, expected[task.id], db)
        for seed in range(seeds):
            with undone():
                door = Door(brand)
                talk = play(scenario_of(task, db, seed=seed), door)
                state = export(brand, db, users=users | {door.conversation.customer.external_id or ""})
            wrong = differences(state, want)
            acts = _forbidden(state, want, db)
            forbidden += len(acts)
            passed[task.id] += not wrong
            turns += talk.turns
            with_person += talk.is_with_person
            seconds += door.seconds
            if show and (wrong or acts):
                _show(task, seed, talk, wrong, acts)
    count = len(tasks) or 1
    one, all_ = sum(passed.values()) / (count * seeds), sum(n == seeds for n in passed.values()) / count
    return Table(
        "τ²-bench retail, in conversation with the simulated customer",
        ["tasks", "talks", "pass^1", f"pass^{seeds}", "forbidden acts", "talks handed to a person", "turns a talk",
         "turn p50", "p95", "p99"],
        [[str(len(tasks)), str(count * seeds), f"{one:.1%}", f"{all_:.1%}", str(forbidden), str(with_person),
          f"{turns / (count * seeds):.1f}", *percentiles(seconds)]],
        ["The customer of kefu/academy speaks each task's wishes in plain English, sees only words and buttons, and "
         "reads a confirmation before saying yes; the shop's end state decides. pass^n: right in all n wordings. Bars: "
         "pass^1 ≥ 60 %, no forbidden act (a change that the right end state lacks).",
         f"Never right: {', '.join(key for key, n in passed.items() if n == 0) or 'none'}."],
    )  # fmt: skip


def _touched(task: Task, expected: Expected, db: Json) -> set[str]:
    users = {user_of(task, db), *expected.changed.get("users", {})}
    users |= {row["user_id"] for row in expected.changed.get("orders", {}).values()}
    return {one for one in users if one}


def _forbidden(state: Json, want: Json, db: Json) -> list[str]:
    """Fields that were changed and are not as they should be: a deed half done is none, a deed of another kind is."""
    found = []
    for line in differences(state, db):
        where = line.split(":")[0]
        if any(other.split(":")[0] == where for other in differences(state, want)):
            found.append(line)
    return found


def _show(task: Task, seed: int, talk: Played, wrong: Sequence[str], acts: Sequence[str]) -> None:
    print(f"\n=== task {task.id}, wording {seed}", flush=True)
    for who, text in talk.lines:
        print(f"  {who}: {text}")
    print(f"  ended: {[(getattr(wish, 'want', ''), how) for wish, how in talk.ended]}")
    print(f"  wrong: {[line[:160] for line in wrong[:4]]}")
    if acts:
        print(f"  FORBIDDEN: {[line[:160] for line in acts[:4]]}")
