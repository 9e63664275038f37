"""Who writes and where they live, as far as a message says it soundly: a name after the words that announce one,
and addresses in the order their country writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon, any_of
from kefu.assistant.understanding.normal import Text

_UPPER, _ANY = "A-ZÀ-ÖØ-Þ", "A-Za-zÀ-ÖØ-öø-ÿĀ-ž"
_PARTICLE = r"(?:(?:de|da|do|dos|das|del|la|van|von|der|den|el|al|bin|du|di|le|y|e|of) )"
_CAPITAL_NAME = re.compile(
    rf"[{_UPPER}][{_ANY}'’-]{{1,24}}(?: {_PARTICLE}{{0,2}}|[ ])?"
    rf"(?:[{_UPPER}][{_ANY}'’.-]{{0,24}}(?: {_PARTICLE}{{0,2}}|[ ])?){{0,3}}"
)
_SMALL_NAME = re.compile(rf"[{_ANY}'’-]{{2,20}}(?: [{_ANY}'’-]{{2,20}}){{1,2}}")
_HAN_NAME = re.compile(r"[㐀-鿿·]{2,4}(?=$|[,;. !]|和|邮|电|手|订|单|地)")
_JA_NAME = re.compile(r"([㐀-鿿々ぁ-んァ-ヶー]{1,6} ?[㐀-鿿々ぁ-んァ-ヶー]{1,6})(?:と申します|と言います|といいます)")
_KO_NAME = re.compile(r" ?([가-힣]{2,4}?)(?=이고|입니다|이에요|예요|이라고|라고|고,|,|$| 이고| 입니다)")

#: a postcode and a city in the order of the continent: "75012 Paris", "D-10115 Berlin", "1010 AB Amsterdam"
_CODE_CITY = (
    rf"(?:[A-Z]{{1,2}}-)?(?P<postcode>\d{{5}}-\d{{3}}|\d{{4,5}}(?: ?[A-Z]{{2}}(?![a-z]))?) "
    rf"(?P<city>[{_UPPER}][{_ANY}'’.-]*"
    rf"(?:[ -](?:am|an der|im|sur|sous|de|la|del|los|las|[{_UPPER}][{_ANY}'’-]*)){{0,4}})"
)
#: and of Britain, America, Canada, Australia: "Norwich NR3 1AB", "Austin, TX 78701"
_CITY_CODE = (
    rf"(?P<city>[{_UPPER}][{_ANY}'’-]+(?: [{_UPPER}][{_ANY}'’-]+){{0,2}}),?(?: (?P<region>[A-Z]{{2,3}}),?)? "
    r"(?P<postcode>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{5}(?:-\d{4})?|\d{4})(?![\d-])"
)
_BRAZIL = (
    rf"(?P<city>[{_UPPER}][{_ANY}'’ -]{{2,30}}?)(?: ?[-/,] ?(?P<region>[A-Z]{{2}}))?,? (?:CEP:? ?)?"
    r"(?P<postcode>\d{5}-\d{3}|\d{4}-\d{3})"
)
_GROUP = re.compile(r"\?P<(\w+)>")
#: one expression can't have two groups of a name
_BRAZIL_BESIDE = _GROUP.sub(r"?P<\1_br>", _BRAZIL)
_AFTER_STREET = re.compile(rf"[ ,;\n-]*(?:[^,;\n]{{1,30}}, ?)?(?:{_CODE_CITY})|[ ,;\n-]*(?:{_BRAZIL_BESIDE})")
_CITY_AFTER_STREET = re.compile(rf"[ ,;\n-]*(?:{_CITY_CODE})")
_PLACE = re.compile("|".join(_GROUP.sub("?:", shape) for shape in (_CODE_CITY, _BRAZIL, _CITY_CODE)))
_CHINA = re.compile(
    r"(?:[寄送发改换搬到成为是在至往址]{1,4})?(?P<region>[^\W寄送改换搬到址a-zA-Z\d]{2,6}?(?:省|自治区|特别行政区))?"
    r"(?P<city>[^\W寄送改换搬到址a-zA-Z\d]{2,5}?市)"
    r"(?P<street>[㐀-鿿]{1,8}?(?:区|县|镇)[^\s,;.]{2,60}?[ ]?\d+[ ]?(?:[号號弄栋座幢室单元巷楼-][^\s,;.吗吧呢]{0,30})?)"
)
#: a street and its number, where an address is spoken of: "文三路 100 号", "테헤란로 123"
_CHINA_STREET = re.compile(
    r"(?P<street>(?:(?![寄送发改换搬到成为是在至往址])[㐀-鿿]){2,12}?(?:路|街|巷|大道|胡同)"
    r"[ ]?\d+[ ]?[号號弄][^\s,;.吗吧呢\d]{0,12})"
)
_KOREA_STREET = re.compile(
    r"(?P<street>[가-힣\d]{1,12}(?:로|길)(?:\d+번?길)? ?\d+(?:-\d+)?(?: ?[가-힣\d]{1,12}[동호층](?= |$|,))*)"
)
#: the postcode beside an address of those countries, before or after it. Source: POSTCODES of addresses.py
_CODE_NEAR = {
    "zh": r"(?<![\d-])\d{6}(?![\d-])",
    "ko": r"(?<![\d-])\d{5}(?![\d-])",
    "ja": r"(?<![\d-])\d{3}-\d{4}(?![\d-])",
}
#: letters between an address and its postcode: ", 邮编", " (우편번호 "
_NEAR = 12
_JAPAN = re.compile(
    r"(?P<region>東京都|东京都|北海道|(?:京都|大阪)府|[㐀-鿿]{2,3}県|[㐀-鿿]{2,3}县)(?P<city>[㐀-鿿ぁ-んァ-ヶ]{1,6}?[市区村町郡])"
    r"(?P<street>[㐀-鿿ぁ-んァ-ヶー\w]{0,14}?\d[\d丁目番地号-]*(?:[ ]?[㐀-鿿ァ-ヶー\w]{1,16}号室)?)"
)
#: cities that are no part of a province: their district (구) belongs to the street. Source: juso.go.kr, road names
_GREAT = r"[가-힣]{2,3}(?:특별시|광역시|특별자치시)|(?:서울|부산|대구|인천|광주|대전|울산|세종)시?"
_KOREAN_CITY = re.compile(_GREAT)
_KOREA = re.compile(
    rf"(?:(?P<region>{_GREAT}|[가-힣]{{2,7}}(?:도|특별자치도)) )?"
    r"(?:(?P<city>[가-힣]{1,5}[시군구]) )"
    r"(?:[가-힣]{1,5}[구군] )?(?P<street>[가-힣\d]{1,12}(?:로|길|동)(?:\d+번?길)? ?\d+(?:-\d+)?"
    r"(?: ?[가-힣\d]{1,12}[동호층](?= |$|,))*)"
)


def names(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    """A person's name. "I'm" and the like need a full name in capitals, or a postcode or order number beside it."""
    asked = "name" in listening.kinds
    shown, folded = text.shown, text.folded
    for hit in _JA_NAME.finditer(shown):
        yield Entity("name", hit[1].strip(), hit.start(1), hit.end(1), 0.9)
        return
    for cue in words.pattern("name_before").finditer(folded):
        if (found := _name_at(shown, cue.end(), least=1, strict=True)) is not None:
            yield Entity("name", shown[slice(*found)], *found, 0.9)
            return
    has_proof = asked or any(letter.isdigit() for letter in folded)
    for cue in words.pattern("name_weak").finditer(folded):
        if (found := _name_at(shown, cue.end(), least=2, strict=not has_proof)) is not None:
            said = folded[slice(*found)].split()
            if any(word in words.group("generic") or word in words.group("item_stop") for word in said):
                continue
            yield Entity("name", shown[slice(*found)], *found, 0.8)
            return
    if asked and not any(letter.isdigit() for letter in folded) and "?" not in folded:
        whole = re.fullmatch(
            rf"[{_ANY}'’.-]+(?: [{_ANY}'’.-]+){{0,3}}|[㐀-鿿·]{{2,4}}|[가-힣]{{2,4}}", shown.strip(" .!,")
        )
        is_talk = any(
            folded.strip(" .!,") in words.group(group) for group in ("yes", "no", "stop", "greeting", "thanks")
        )
        if whole and not is_talk:
            yield Entity("name", whole[0], shown.index(whole[0]), shown.index(whole[0]) + len(whole[0]), 0.7)


def _name_at(shown: str, start: int, *, least: int, strict: bool) -> tuple[int, int] | None:
    """Where a name of at least so many words stands right after a cue; strict: it must be in capitals."""
    gap = re.compile(r"[ ]?(?:is|es|est|ist|é|:|：|是|は|이|은)?[ :]{0,2}").match(shown, start)
    at = gap.end() if gap else start
    if (hit := _HAN_NAME.match(shown, at)) or (hit := _KO_NAME.match(shown, at)):
        place = hit.span(1) if hit.re is _KO_NAME else hit.span()
        return place if place[1] - place[0] >= 2 and least <= 2 else None
    hit = _CAPITAL_NAME.match(shown, at)
    if hit is None and not strict:
        hit = _SMALL_NAME.match(shown, at)
    if hit is None:
        return None
    said = re.sub(rf"(?:[ ]{_PARTICLE.strip()})+$", "", hit[0].rstrip(" .,'-"))
    return (at, at + len(said)) if len(said.split()) >= least and len(said) >= 2 else None


def addresses(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    """Street, postcode, city, region. Without a word that announces an address, a street with its number and a
    postcode are needed."""
    shown = text.shown
    if not any(letter.isdigit() for letter in shown):
        return
    announced = any(kind in listening.kinds for kind in ("street", "city", "region")) or words.has(
        "address_words", text.folded
    )
    for shape in (_KOREA, _JAPAN, _CHINA):
        if shape is _CHINA and language == "ja":
            continue
        if hit := shape.search(shown):
            is_city = shape is _KOREA and _KOREAN_CITY.fullmatch(hit["region"] or "")
            yield from _in_a_great_city(shown, hit) if is_city else _parts(hit, ("region", "city", "street"))
            yield from _code_near(shown, hit, _WRITTEN[shape])
            return
    if announced:
        for shape in (_CHINA_STREET, _KOREA_STREET):
            if language == _WRITTEN[shape] and (hit := shape.search(shown)):
                yield from _parts(hit, ("street",))
                yield from _code_near(shown, hit, language)
                return
    street = _street(text, words)
    place = _place_after(shown, street) if street else None
    if place is None and _PLACE.search(shown):
        # people write in one language of a house in another's country: it counts with its postcode and city only
        abroad = _street(text, words.within(*words.languages))
        if (there := _place_after(shown, abroad) if abroad else None) is not None:
            street, place = abroad, there
    if street is None or (place is None and not announced):
        return
    yield _with_its_door(shown, street, place)
    if place is not None:
        groups = place.groupdict()
        for kind in ("postcode", "city", "region"):
            for name in (kind, f"{kind}_br"):
                if groups.get(name):
                    value = re.sub(r" (?:instead|please|svp|bitte|statt|gracias|merci)$", "", groups[name].strip(" ,-"))
                    start = place.start(name)
                    yield Entity(kind, value, start, start + len(value), 0.85)
    elif hit := re.compile(rf", ?([{_UPPER}][{_ANY}'’ -]{{2,30}})").match(shown, street.end):
        yield Entity("city", hit[1].strip(), *hit.span(1), 0.7)


def _in_a_great_city(shown: str, hit: re.Match[str]) -> Iterator[Entity]:
    """서울특별시 강남구 테헤란로 123: the city, and the street with its district."""
    yield Entity("city", hit["region"], *hit.span("region"), 0.85)
    start, end = hit.start("city"), hit.end("street")
    yield Entity("street", shown[start:end].strip(), start, end, 0.85)


_WRITTEN = {_KOREA: "ko", _KOREA_STREET: "ko", _JAPAN: "ja", _CHINA: "zh", _CHINA_STREET: "zh"}


def _place_after(shown: str, street: Entity) -> re.Match[str] | None:
    """The postcode and city that follow a street."""
    return _AFTER_STREET.match(shown, street.end) or _CITY_AFTER_STREET.match(shown, street.end)


#: a flat, a floor or a door, as it is written between street and postcode
_DOOR = re.compile(
    r" ?(?:apto?\.?|apartamento|bloco|casa|piso|puerta|esc\.?|bajo|bât\.?|bâtiment|appt?\.?|appartement|étage"
    r"|flat|apt\.?|unit|suite|etage|og|whg\.?|wohnung|top|sala|fundos|planta) ?[\wº°ª .-]{0,12}"
    r"|\d{1,2}[ºª°] ?\w{0,3}",
    re.IGNORECASE,
)


def _with_its_door(shown: str, street: Entity, place: re.Match[str] | None) -> Entity:
    """The street with the flat that stands between it and the postcode: a parcel needs it."""
    first = min((place.start(name) for name in place.groupdict() if place[name]), default=0) if place else 0
    between = shown[street.end : first].strip(" ,;\n-")
    if not between or _DOOR.fullmatch(between) is None:
        return street
    end = street.end + shown[street.end : first].index(between) + len(between)
    return replace(street, value=f"{street.value}, {between}", end=end)


def _code_near(shown: str, place: re.Match[str], written: str) -> Iterator[Entity]:
    """The postcode right beside an address."""
    code = re.compile(_CODE_NEAR[written])
    first = max(0, place.start() - _NEAR)
    before = list(code.finditer(shown, first, place.start()))
    hit = code.search(shown, place.end(), place.end() + _NEAR) or (before[-1] if before else None)
    if hit is not None:
        yield Entity("postcode", hit[0], hit.start(), hit.end(), 0.85)


def _parts(hit: re.Match[str], kinds: tuple[str, ...]) -> Iterator[Entity]:
    for kind in kinds:
        if hit[kind]:
            yield Entity(kind, hit[kind].strip(), *hit.span(kind), 0.85)


def _street(text: Text, words: Lexicon) -> Entity | None:
    for shape in _street_shapes(words):
        for hit in shape.finditer(text.folded):
            start = hit.start() + _led(text.folded[hit.start() : hit.end()])
            shown = text.shown[start : hit.end()].strip(" ,")
            return Entity("street", shown, start, start + len(shown), 0.85)
    return None


#: "schicken Sie es bitte an den Rosenweg 5": what leads to a street isn't its name; "An der Linde 5" is
_LEADING_TO = re.compile(r".*\b(?:(?:an|nach|in|auf|zu|ist|lautet|zur|zum|sie|bitte)(?: (?:den|die|das|meine|unsere))? "
                         r"(?!der |dem ))")  # fmt: skip


def _led(folded: str) -> int:
    """Letters of a found street, before its number, that only lead to it."""
    hit = None if folded[:1].isdigit() else _LEADING_TO.match(folded)
    return hit.end() if hit else 0


@lru_cache(maxsize=64)
def _street_shapes(words: Lexicon) -> tuple[re.Pattern[str], ...]:
    """By where the kind of street stands: "48 Mill Lane", "12 rue des Lilas", "Lindenallee 7", "Calle Mayor 14"."""
    word = r"[a-z][a-z'.]{0,24}"
    after, before, between = words.group("street_after"), words.group("street_before"), words.group("street_words")
    shapes = []
    if after:
        names = any_of([*after]).replace(r"(?<![a-z0-9])", "")
        shapes.append(
            re.compile(
                rf"(?<![\d-])\d{{1,5}}[a-z]? (?:{word} ){{1,4}}{names}(?:,? (?:apt|unit|flat|suite|#)\.? ?\w{{1,5}})?"
            )
        )
        shapes.append(
            re.compile(
                rf"(?:{word}[ -]){{0,3}}{word}{names} \d{{1,4}} ?[a-z]?(?![a-z0-9])"
                rf"|(?:{word}[ -]){{1,3}}{names} \d{{1,4}} ?[a-z]?(?![a-z0-9])"
            )
        )
    if between:
        shapes.append(
            re.compile(
                rf"(?<![\d-])\d{{1,4}} ?(?:bis|ter|[a-z](?= ))?,? {any_of([*between])}"
                rf"(?: (?:l'|d')?{word}){{1,6}}?(?=,|\d|\n|$| \d)"
            )
        )
        shapes.append(re.compile(rf"{any_of([*between])} (?:{word} ){{1,3}}\d{{1,4}}[a-z]?(?![a-z0-9])"))
    if before:
        shapes.append(
            re.compile(rf"{any_of([*before])} ?(?:{word},? ){{1,6}}?,?(?:n[oº.]{{0,2}} ?)?\d{{1,5}}[a-z]?(?![\d-])")
        )
    return tuple(shapes)
