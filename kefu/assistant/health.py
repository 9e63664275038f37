"""What `kefu check` looks at here: can the packs' playbooks, policies and texts be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings

from kefu.assistant.actions.registry import action_specs
from kefu.assistant.engine.nodes import PlaybookFaults
from kefu.assistant.policy.loader import BadPolicies, load
from kefu.assistant.remedies.table import BadRemedies
from kefu.assistant.remedies.table import load as load_remedies
from kefu.assistant.replies.texts import BadTexts
from kefu.assistant.turn.book import book_of, texts_of
from kefu.commerce.tables import BadTables
from kefu.commerce.tables import load as load_tables
from kefu.kernel.checks import Finding, Level, register

CURE = "mend the line it names; every process must then be started anew"


@register("packs", needs_database=False)
def packs_can_be_used() -> Iterator[Finding]:
    for pack in settings.PACKS:
        folder = settings.PACKS_DIR / pack
        if not folder.is_dir():
            yield Finding(f"there is no pack {pack!r} at {folder}", cure="correct KEFU_PACKS_ON or KEFU_PACKS")
            continue
        readers: list[Callable[[], object]] = [
            lambda pack=pack: texts_of(pack),  # type: ignore[misc]
            lambda pack=pack: book_of(pack),  # type: ignore[misc]
            lambda folder=folder: load(folder / "policies", actions=action_specs()),  # type: ignore[misc]
            lambda folder=folder: load_tables(folder / "tables"),  # type: ignore[misc]
        ]
        if (folder / "remedies").is_dir():  # not every trade makes faults good by a table
            readers.append(lambda folder=folder: load_remedies(folder / "remedies"))  # type: ignore[misc]
        for read in readers:
            try:
                read()
            except (PlaybookFaults, BadTexts, BadPolicies, BadTables, BadRemedies) as bad:
                yield from (Finding(f"{pack}: {fault}", cure=CURE) for fault in bad.faults)


@register("understanding")
def trained_models_can_be_used() -> Iterator[Finding]:
    from kefu.assistant.models import TrainedModel
    from kefu.assistant.understanding.frozen import Damaged, thawed

    newest = TrainedModel.objects.order_by("pack", "brand_id", "-id").distinct("pack", "brand_id")
    for row in newest.select_related("brand")[:200]:
        try:
            thawed(bytes(row.data))
        except Damaged as fault:
            whose = row.brand.name if row.brand else row.pack
            what = f"the trained model {row.pk} of {whose} is damaged ({fault})"
            yield Finding(what, cure="run `kefu learn`", level=Level.WEAK)
