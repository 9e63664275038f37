"""How people hedge what they want, in eight languages: "or else", "not the lamp", "only", "one size smaller", "the
cheapest", and letters that went astray. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

#: words between a first choice and the next one
_OR_ELSE = re.compile(
    r",? ?\b(?:or else|otherwise|or if (?:that|it|this|they)(?:'s|'re| is| are)?(?: not|n't)[^,;.]{0,24}[,:]?"
    r"|(?:and )?if (?:that|it|this|there|not)(?:'s|s)?(?: is| are)?(?: not|n't| none| no)?[^,;.]{0,24},"
    r"|failing that|second choice|alternatively|prefer(?:ably|red)? .{0,12}over"
    r"|sonst|ansonsten|andernfalls|falls nicht,?|notfalls|(?:ou|et) sinon|sinon|à défaut"
    r"|o si no|si no hay,?|en su defecto|ou então|senão|se não (?:tiver|houver|der),?)\b[:,]?"
    r"| ?[>›] ?|(?:要是|如果)?(?:没有|不行|缺货)的?话?[，,]?(?:就|换成|换)?|，?(?:或者|否则)"
    r"|(?:もし)?(?:それが)?(?:なければ|ない場合は?|無理なら)、?|(?:그게 )?(?:없으면|안 되면|아니면),? ?"
)
#: ", or blue if that isn't available": the condition stands behind
_OR_IF = re.compile(
    r",? \b(?:or|oder|o|ou) (?P<next>[^.;]{2,120}?),? (?:if|falls|wenn|si|se|caso)"
    r" (?:that|it|es|das|non|no|não|n)\b[^.;]*"
)
#: right before a name: that thing is left as it is
_NOT_THIS = re.compile(
    r"(?:\bnot|\bleave(?: out)?|\bkeep(?:ing)?|\bwithout|\bforget(?: about)?|\bexcept(?: for)?|\bapart from|\bdrop"
    r"|\bnicht|\bohne|\bausser|\bbehalte|\blassen sie|\bpas|\bsauf|\bsans|\blaissez|\bgardez|\bexcepto|\bsin|\bdeje"
    r"|\bmenos|\bexceto|\bsem|\bdeixe|除了|不要|不退|不换|不用|保留|留下)"
    r"(?:\s+(?:the|my|a|den|die|das|dem|le|la|les|el|los|las|o|os|as|l'))?\s*$"
)
#: right after a name, in languages that say it there
_NOT_THIS_AFTER = re.compile(r"^\s?(?:以外|不动|不用|除外|は(?:そのまま|やめ|除)|은\(?는?\)? ?(?:빼|그대로|제외)|는 (?:빼|그대로|제외)|을? 빼고|를 빼고|(?: no| nicht| não| non),)")  # fmt: skip  # noqa: E501
_ONLY = re.compile(
    r"\b(?:only|just|solely|nur|bloss|seulement|uniquement|solo|sólo|solamente|só|somente|apenas)\b|只|だけ|만"
)
_ALL_ORDERS = re.compile(
    r"\b(?:all|both|every|each|any)\b[^.,;?!]{0,40}\borders?\b|\b(?:alle|beide|sämtliche)\b[^.,;?!]{0,30}"
    r"\bbestellungen\b"
    r"|\b(?:toutes|les deux)\b[^.,;?!]{0,30}\bcommandes\b|\b(?:todos|ambos|los dos|os dois)\b[^.,;?!]{0,30}"
    r"\bpedidos\b"
    r"|(?:所有|全部|两个|每个).{0,8}订单|订单(?:都|全部)|(?:すべて|全て|全部|両方)の.{0,6}注文"
    r"|注文(?:を|は)?(?:すべて|全部)|(?:모든|전체|두) .{0,6}주문"
)
_CHEAPEST = ("cheapest", "least expensive", "lowest price", "günstigste", "billigste", "moins cher", "más barat",
             "mais barat", "最便宜", "一番安い", "最安", "가장 싼", "제일 싼")  # fmt: skip
_DEAREST = ("most expensive", "priciest", "highest price", "teuerste", "plus cher", "más car", "mais car", "最贵",
            "一番高い", "가장 비싼", "제일 비싼")  # fmt: skip
#: letters from which a word is worth mending
MENDED_FROM = 5

_MORE = ("bigger", "larger", "longer", "taller", "brighter", "higher", "stronger", "wider", "heavier", "more", "up",
         "grösser", "länger", "heller", "höher", "plus grand", "plus long", "plus lumineux", "más grande", "más largo",
         "más brillante", "maior", "mais longo", "mais brilhante", "大一", "更大", "更长", "更亮", "大点", "大きい",
         "大きめ",          "長い", "明るい", "더 큰", "더 긴", "더 밝은", "큰 걸로", "한 치수 크")  # fmt: skip
_LESS = ("smaller", "shorter", "dimmer", "less bright", "lower", "lighter", "narrower", "fewer", "less", "down",
         "kleiner", "kürzer", "dunkler", "niedriger", "plus petit", "plus court", "moins lumineux", "más pequeñ",
         "más corto", "menos brillante", "menor", "mais curto", "小一", "更小", "更短", "更暗", "小点", "小さい",
         "小さめ",          "短い", "暗い", "더 작은", "더 짧은", "더 어두운", "한 치수 작")  # fmt: skip
_LETTERS = ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl")
_GRADES = ("low", "small", "basic", "beginner", "medium", "intermediate", "standard", "high", "large", "premium",
           "professional", "expert")  # fmt: skip


def choices_told(words: str) -> list[str]:
    """What is said, cut into the first choice and those told for when it cannot be had."""
    if behind := _OR_IF.search(words):
        return [words[: behind.start()], *choices_told(behind["next"])]
    parts = [part.strip(" ,;:.") for part in _OR_ELSE.split(words)]
    told = [part for part in parts if part]
    return told or [words]


def is_left_out(before: str, after: str) -> bool:
    """Whether a thing named between these words is one that shall stay as it is."""
    return bool(_NOT_THIS.search(before) or _NOT_THIS_AFTER.match(after))


def says_only(text: str) -> bool:
    return _ONLY.search(text) is not None


def means_all_orders(texts: Iterable[str]) -> bool:
    """ "cancel all my pending orders", 所有订单."""
    return any(_ALL_ORDERS.search(text) for text in texts)


Extreme = Literal["", "cheapest", "dearest"]


def extreme_told(words: str) -> Extreme:
    """Whether the cheapest or the most expensive one is wanted."""
    if any(word in words for word in _DEAREST):
        return "dearest"
    return "cheapest" if any(word in words for word in _CHEAPEST) else ""


Degree = Literal["", "more", "less"]


def degree_told(words: str) -> Degree:
    """Whether a little more or less of something is wanted: "one size smaller", "a brighter one"."""
    less = any(_stands(word, words) for word in _LESS)
    more = any(_stands(word, words) for word in _MORE)
    return "less" if less and not ("more" in words and "less" not in words) else "more" if more else ""


def _stands(word: str, words: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", words) is not None if word.isascii() else word in words


def rank_of(value: str) -> float | None:
    """Where a value stands among its like: 9 inches before 10, S before M, low before high; None for what has no
    order."""
    plain = value.strip().casefold()
    if plain in _LETTERS:
        return float(_LETTERS.index(plain))
    if plain in _GRADES:
        return float(_GRADES.index(plain))
    number = re.search(r"\d+(?:[.,]\d+)?", plain)
    if number is None:
        return None
    rank = float(number[0].replace(",", "."))
    return rank * 1000 if re.search(r"\d\s?(?:tb|l|liters?|kg|m)\b", plain) else rank


def neighbour(value: str, of: Sequence[str], degree: Degree) -> list[str]:
    """The values on the wanted side, the nearest first: ("M", ["S", "L", "XL"], "more") -> ["L", "XL"]."""
    own = rank_of(value)
    if own is None or not degree:
        return []
    ranked = {other: rank for other in of if (rank := rank_of(other)) is not None}
    if degree == "more":
        return sorted((other for other, rank in ranked.items() if rank > own), key=lambda one: ranked[one])
    return sorted((other for other, rank in ranked.items() if rank < own), key=lambda one: -ranked[one])


def mended(text: str, known: frozenset[str]) -> str:
    """The text (plain) with words set right that are one slip away from exactly one known word: "blcak" -> "black"."""

    def mend(hit: re.Match[str]) -> str:
        word = hit[0]
        if word in known:
            return word
        near = [other for other in known if abs(len(other) - len(word)) <= 1 and _is_one_slip(word, other)]
        return near[0] if len(near) == 1 else word

    return re.sub(rf"(?<![\w@.#])[a-zà-ÿ]{{{MENDED_FROM},}}(?![\w@])", mend, text)


def words_of(names: Iterable[str]) -> frozenset[str]:
    """Words that a text may be mended towards."""
    return frozenset(word for name in names for word in re.findall(r"[a-zà-ÿ]+", name) if len(word) >= MENDED_FROM)


def _is_one_slip(one: str, other: str) -> bool:
    """One letter changed, missing, too much, or two that changed places."""
    if len(one) == len(other):
        wrong = [at for at in range(len(one)) if one[at] != other[at]]
        if len(wrong) == 1:
            return wrong[0] > 0  # "boots" and "roots": another first letter is another word
        return (
            len(wrong) == 2 and wrong[1] == wrong[0] + 1
            and one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]
        )  # fmt: skip
    short, long = sorted((one, other), key=len)
    at = next((at for at in range(len(short)) if short[at] != long[at]), len(short))
    return at > 0 and short[at:] == long[at + 1 :] and not long.endswith("s")


def values_by_option(of: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """Every value that each option has, in the order they come."""
    found: dict[str, dict[str, None]] = {}
    for options in of:
        for name, value in options.items():
            found.setdefault(name, {})[value] = None
    return {name: list(values) for name, values in found.items()}
