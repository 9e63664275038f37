"""The newest model of a brand, in this process. Another process may publish one at any time: a look at two numbers,
at most every few seconds, tells."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.db.models import Q

from kefu.assistant.models import TrainedModel
from kefu.assistant.understanding import frozen
from kefu.assistant.understanding.frozen import Damaged, Trained
from kefu.assistant.understanding.model import Model, in_use, key_of_pack, read_again, trained_of

log = logging.getLogger(__name__)

#: seconds between two looks
LOOK_EVERY = 5.0
#: brands whose own model stays in memory, a few megabytes each
KEPT = 16


@dataclass(slots=True)
class _Known:
    looked_at: float
    row: int | None = None
    model: Model | None = None


_known: OrderedDict[tuple[str, int], _Known] = OrderedDict()
_looking = threading.Lock()
_unusable: set[int] = set()


def model_for(pack: str, brand_id: int) -> Model | None:
    """What this brand's customers are understood with; None: the pack's own model as the files have it."""
    place = (pack, brand_id)
    found = _known.get(place)
    if found is not None and time.monotonic() - found.looked_at < LOOK_EVERY:
        return found.model
    with _looking:
        found = _known.get(place)
        if found is None or time.monotonic() - found.looked_at >= LOOK_EVERY:
            found = _looked(pack, brand_id, found)
            _known[place] = found
            _known.move_to_end(place)
            if len(_known) > KEPT:
                _known.popitem(last=False)
        return found.model


def forget() -> None:
    """The next reader looks at once, for tests and for the process that has just learnt."""
    with _looking:
        _known.clear()
        _unusable.clear()


def _looked(pack: str, brand_id: int, before: _Known | None) -> _Known:
    now = time.monotonic()
    for row, key in newest(pack, brand_id):
        if before is not None and before.row == row:
            return _Known(now, row, before.model)
        if row in _unusable or not _fits(pack, key, row):
            continue
        shared = next((known for (_, _), known in _known.items() if known.row == row), None)
        if shared is not None:  # the pack's own model serves many brands
            return _Known(now, row, shared.model)
        try:
            trained = frozen.thawed(bytes(TrainedModel.objects.values_list("data", flat=True).get(pk=row)))
            return _Known(now, row, in_use(pack, trained))
        except (Damaged, TrainedModel.DoesNotExist) as fault:
            _unusable.add(row)
            log.error(
                "trained model %s is damaged (%s); an older or the pack's own answers. Run `kefu learn`", row, fault
            )
    return _Known(now)


def newest(pack: str, brand_id: int | None) -> list[tuple[int, str]]:
    """Number and key of the brand's newest model, then of the pack's."""
    rows = (
        TrainedModel.objects.filter(Q(brand_id=brand_id) | Q(brand__isnull=True), pack=pack)
        .order_by("brand_id", "-id")
        .distinct("brand_id")
        .values_list("id", "key", "brand_id")
    )
    return [(row, key) for row, key, _ in sorted(rows, key=lambda found: found[2] is None)]


def _fits(pack: str, key: str, row: int) -> bool:
    """A model is for the pack's files as they were; newer files in this process's folder are read again first."""
    if key_of_pack(pack) == key:
        return True
    read_again(pack)
    if key_of_pack(pack) == key:
        return True
    _unusable.add(row)
    log.warning("trained model %s is for other examples of %s than lie here. Run `kefu learn`", row, pack)
    return False


def running(pack: str, brand_id: int | None) -> Trained:
    """What the brand is understood with now, whole: the newest row that can be used, else the pack's own model."""
    for row, _ in newest(pack, brand_id):
        try:
            return frozen.thawed(bytes(TrainedModel.objects.values_list("data", flat=True).get(pk=row)))
        except Damaged as fault:
            log.warning("trained model %s is damaged (%s); it is not compared with", row, fault)
    return trained_of(pack)
