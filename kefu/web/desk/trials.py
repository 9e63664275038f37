"""A draft tried against the scenario book: begun by a button, played by a job, read on the draft's page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from kefu.academy.book.drafts import Trial, Turned, try_draft
from kefu.academy.book.judging import Ended
from kefu.assistant.editions import services
from kefu.assistant.editions.errors import DraftHasFaults
from kefu.assistant.editions.faults import faults_of
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import digest
from kefu.kernel import clock
from kefu.kernel.jobs import job
from kefu.people.actors import Actor
from kefu.people.models import Agent, Brand
from kefu.web.models import DraftTrial, TrialState

#: the talks as published may take so long, and those with the draft as long again; what isn't reached is said
SECONDS = 300.0
#: a story takes a second or two: a trial that has said nothing for so long has died with its process, or none took it
GIVEN_UP = timedelta(minutes=5)
#: stories that come out otherwise are listed up to so many
LISTED = 60


class TrialGone(Exception):
    """The draft was edited, published or thrown away, or another trial was begun: nobody waits for this one."""


@transaction.atomic
def begin_trial(brand: Brand, file: str, *, by: Actor, author: Agent) -> DraftTrial:
    """Have the draft of a file played against the book; one that runs already for the same text is the answer.

    Raises NotAllowed, DraftHasFaults.
    """
    by.require(services.RIGHT, on=services.border(brand))
    Brand.objects.select_for_update().get(pk=brand.pk)
    draft = Edition.objects.get(brand=brand, file=file, number=None)
    if faults := faults_of(brand, file, draft.text):
        raise DraftHasFaults(file=file, faults=[str(fault) for fault in faults[:20]])
    running = DraftTrial.objects.filter(brand=brand, file=file, of_text=digest(draft.text), state=TrialState.RUNNING)
    if found := running.filter(moved_at__gte=clock.now() - GIVEN_UP).first():
        return found
    DraftTrial.objects.filter(brand=brand, file=file).delete()  # only the newest says anything
    trial = DraftTrial.objects.create(
        brand=brand, file=file, of_text=digest(draft.text), asked_by=author, asked_at=clock.now(), moved_at=clock.now()
    )
    play_trial.defer(trial_id=trial.pk)
    return trial


def newest_trial(brand: Brand, file: str) -> DraftTrial | None:
    """The trial of the draft as it stands now; None when its text has changed since."""
    found = DraftTrial.objects.filter(brand=brand, file=file).order_by("-pk").first()
    draft = Edition.objects.filter(brand=brand, file=file, number=None).values_list("text", flat=True).first()
    return found if found is not None and draft is not None and found.of_text == digest(draft) else None


@job(queue="kernel", name="web.play_trial", retry=False)
def play_trial(trial_id: int) -> None:
    """Asked for again by its button, never by itself."""
    play(trial_id)


def play(trial_id: int) -> None:
    """Play the stories, and keep what came out. A trial that is over or gone is left alone."""
    trial = DraftTrial.objects.select_related("brand", "asked_by").filter(pk=trial_id).first()
    if trial is None or trial.state != TrialState.RUNNING:
        return
    draft = Edition.objects.filter(brand=trial.brand, file=trial.file, number=None).first()
    if draft is None or digest(draft.text) != trial.of_text:
        trial.delete()
        return
    with ThreadPoolExecutor(max_workers=1) as aside:  # what is played is rolled back; its progress must not be
        played = 0

        def heard(_told: object) -> None:
            nonlocal played
            played += 1
            if not aside.submit(_moved, trial.pk, played).result():
                raise TrialGone

        try:
            found = try_draft(
                trial.brand, {trial.file: draft.text}, author=trial.asked_by, seconds=SECONDS, heard=heard
            )
        except TrialGone:
            aside.submit(_gone, trial.pk).result()
        except Exception:
            aside.submit(_ended, trial.pk, TrialState.FAILED, {}).result()
            raise  # our fault keeps its traceback in the log
        else:
            aside.submit(_ended, trial.pk, TrialState.DONE, told(found)).result()


def has_stopped(trial: DraftTrial) -> bool:
    """Whether a trial that never ended has been silent for too long: its worker was stopped, or none is running."""
    return bool(trial.state == TrialState.RUNNING and trial.moved_at < clock.now() - GIVEN_UP)


def _moved(pk: int, played: int) -> bool:
    """Keep how far the trial is; False when nobody waits for it any more."""
    trial = DraftTrial.objects.filter(pk=pk, state=TrialState.RUNNING).first()
    if trial is None:
        return False
    draft = Edition.objects.filter(brand=trial.brand_id, file=trial.file, number=None)
    text = draft.values_list("text", flat=True).first()
    if text is None or digest(text) != trial.of_text:
        return False
    return bool(DraftTrial.objects.filter(pk=pk).update(played=played, moved_at=clock.now()))


def _gone(pk: int) -> None:
    DraftTrial.objects.filter(pk=pk).delete()
    connection.close()  # this thread is over


def _ended(pk: int, state: TrialState, result: dict[str, Any]) -> None:
    DraftTrial.objects.filter(pk=pk).update(state=state, result=result, moved_at=clock.now())
    connection.close()  # this thread is over


def told(trial: Trial) -> dict[str, Any]:
    """What the page shows of a trial: figures, and the stories that come out otherwise, those that get worse first."""
    turned = sorted(trial.turned, key=lambda one: (not one.is_worse, one.is_better))
    return {
        "of": trial.of,
        "played": trial.played,
        "left_out": trial.left_out,
        "worse": len(trial.worse),
        "turned": [_turned(one) for one in turned[:LISTED]],
        "more": max(0, len(turned) - LISTED),
    }


def _turned(one: Turned) -> dict[str, Any]:
    before, after = words_of(one.before), words_of(one.after)
    return {
        "story": one.story.name,
        "language": one.story.language,
        "how": "worse" if one.is_worse else "better" if one.is_better else "other",
        "before": [said for said in before if said not in after],
        "after": [said for said in after if said not in before],
        "faults": list(one.faults_after[:5]),
        "talk": [list(line) for line in one.lines_after[:20]],
    }


def words_of(ended: Ended) -> list[str]:
    """How a talk ended, one thing a line: what was done, who has it, how each case closed. trial_words reads them."""
    return [*ended.changes, *([f"person {ended.person}"] if ended.person else []),
            *(f"case {one}" for one in ended.cases)]  # fmt: skip
