"""Which of a brand's files a page of procedures is about, and the text its draft or its edition holds."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404

from kefu.assistant.editions import services
from kefu.assistant.editions.faults import EditionFault, faults_of
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import pack_sources, sources_of
from kefu.people.models import Brand
from kefu.web.middleware import AgentRequest

FAULTS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class BrandFile:
    """text: the draft's where there is one, else what works."""

    brand: Brand
    file: str
    working: str
    draft: Edition | None

    @property
    def text(self) -> str:
        return self.draft.text if self.draft else self.working

    @property
    def kind(self) -> str:
        return self.file.partition("/")[0]

    @property
    def name(self) -> str:
        return self.file.partition("/")[2]

    @property
    def is_own(self) -> bool:
        return self.working != pack_sources(self.brand.pack, services.kind_of(self.file)).get(self.file)

    def faults(self, text: str | None = None) -> list[EditionFault]:
        return faults_of(self.brand, self.file, self.text if text is None else text)[:FAULTS_SHOWN]


def brand_of(request: AgentRequest, slug: str) -> Brand:
    """One of the agent's brands; another one does not exist for them."""
    brand = next((one for one in request.brands.values() if one.slug == slug), None)
    if brand is None:
        raise Http404("no such brand")
    return brand


def file_of(request: AgentRequest, slug: str, file: str) -> BrandFile:
    brand = brand_of(request, slug)
    working = sources_of(brand, services.kind_of(file)).get(file)
    if working is None:
        raise Http404("no such file")
    draft = Edition.objects.filter(brand=brand, file=file, number=None).select_related("author").first()
    return BrandFile(brand, file, working, draft)


def editable(request: AgentRequest, slug: str, file: str) -> BrandFile:
    """As file_of, for who may change it. Raises NotAllowed."""
    request.actor.require(services.RIGHT, on=services.border(brand_of(request, slug)))
    return file_of(request, slug, file)


def faults_shown(found: list[EditionFault], name: str) -> list[tuple[int, str]]:
    """(line, what is wrong and what to do), those of this very file first."""
    listed = [(one.line, one.said) if one.file == name else (0, f"{one.file}: {one.said}") for one in found]
    return sorted(listed, key=lambda one: (one[0] == 0, one[0]))
