"""HTML of strangers: made harmless for the desk, and turned into words for reading."""

from __future__ import annotations

import html as entities
import re

import inscriptis
import lxml.etree
import lxml.html
import nh3
from inscriptis.model.config import ParserConfig

#: characters of HTML that are looked at; what is longer is read as plain words only
HTML_LIMIT = 600_000
#: the parsers' time grows with the square of the depth, and inscriptis loses the text below libxml2's 255
DEPTH_LIMIT = 200
ATTRIBUTE_LIMIT = 120

_TAGS = {"a", "abbr", "b", "big", "blockquote", "br", "center", "code", "dd", "del", "div", "dl", "dt", "em", "font",
         "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "small",
         "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u",
         "ul"}  # fmt: skip
_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "ol": {"start"},
}
_DROPPED_WITH_CONTENT = {"script", "style", "title", "head", "noscript", "iframe", "object", "svg", "math", "template",
                         "textarea", "select", "xml", "xmp", "noembed", "noframes"}  # fmt: skip
#: tags that never close, or that browsers close by themselves: they don't add to the depth
_FLAT = {"br", "hr", "img", "meta", "link", "input", "col", "base", "wbr", "area", "embed", "param", "source", "p",
         "li", "td", "th", "tr", "dt", "dd", "option", "tbody", "thead", "tfoot", "html", "body"}  # fmt: skip
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})([^<>]*)>")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_ANY_TAG = re.compile(r"<[^<>]*>")
_CONDITIONAL = re.compile(r"<!\[(?:if|endif)[^<>]*\]>", re.IGNORECASE)

_WORDS = ParserConfig(display_links=False, display_images=False)


def is_too_deep(html: str) -> bool:
    """Whether the HTML would cost the parsers more than it is worth. Time grows with its length alone."""
    depth = 0
    for found in _TAG.finditer(html):
        name = found[2].lower()
        if len(found[3]) > 2 * ATTRIBUTE_LIMIT and len(_QUOTED.sub("", found[3]).split()) > ATTRIBUTE_LIMIT:
            return True
        if name in _FLAT or found[3].endswith("/"):
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > DEPTH_LIMIT:
            return True
    return html.count("<") > 60_000


def words_of(html: str) -> str:
    """The visible words, blocks on lines of their own."""
    html = _without_comments(html[:HTML_LIMIT])
    if not is_too_deep(html):
        try:
            text = inscriptis.get_text(html, _WORDS)
        except (RecursionError, ValueError, TypeError, AttributeError, LookupError, AssertionError):
            text = ""
        if text.strip():
            return _tidy(text)
    return _tidy(_stripped(html))


def _without_comments(html: str) -> str:
    """Comments hold Word's second copy of the styles, and whatever else a sender likes to hide."""
    return _CONDITIONAL.sub("", _without(html, "<!--", "-->"))


def _without(html: str, start: str, end: str) -> str:
    """What stands between `start` and `end` taken out; without an `end`, the rest stays. One pass."""
    low, out, at = html.lower(), [], 0
    while (begin := low.find(start, at)) >= 0:
        close = low.find(end, begin + len(start))
        if close < 0:
            break
        out.append(html[at:begin])
        at = close + len(end)
    return "".join([*out, html[at:]])


def _stripped(html: str) -> str:
    """For what no parser should be shown: line ends for blocks, tags away."""
    for name in ("script", "style", "title"):
        html = _without(html, f"<{name}", f"</{name}")
    html = re.sub(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|hr)\b[^<>]*>", "\n", html, flags=re.IGNORECASE)
    return entities.unescape(_ANY_TAG.sub("", html))


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.replace("\xa0", " ").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def harmless(html: str, *, content_ids: frozenset[str] = frozenset()) -> str:
    """HTML that may stand on a page of the desk: known tags, no scripts, styles, forms or foreign addresses.

    Images stay as `src="cid:…"` where `content_ids` (the mail's own files) has them; the page puts its own address
    there. Images elsewhere lose their address: fetching one would tell the sender when and where the mail was read.
    """
    if len(html) > HTML_LIMIT or is_too_deep(html):
        return "<pre>" + entities.escape(words_of(html)) + "</pre>"

    def keep(tag: str, name: str, value: str) -> str | None:
        if (tag, name) == ("img", "src"):
            wanted = value[4:].strip() if value.lower().startswith("cid:") else ""
            return f"cid:{wanted}" if wanted in content_ids else None
        return value

    return nh3.clean(
        _without_comments(html),
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    ).strip()


#: what mail programs wrap a quote in, as XPath tests
_QUOTES = (
    "self::blockquote[@type='cite' or @cite or contains(@class,'gmail_quote') or contains(@class,'protonmail_quote')"
    " or @id='isReplyContent' or @id='ntes-pcmac-signature']",
    "contains(concat(' ',@class,' '),' gmail_quote ')",
    "contains(concat(' ',@class,' '),' gmail_quote_container ')",
    "contains(@class,'yahoo_quoted')",
    "contains(@class,'moz-cite-prefix')",
    "contains(@class,'qmbox') and .//@id='isReplyContent'",
    "@id='OLK_SRC_BODY_SECTION'",
    "@id='mail-editor-reference-message-container'",
)
#: what stands above a quote that goes on to the end of the mail
_RULER = "─" * 10
_QUOTES_FROM_HERE = ("@id='divRplyFwdMsg'", "@id='appendonsend'", "@id='stopSpelling'", "@id='zwchr'",
                     "@id='reply-intro'")  # fmt: skip


def without_quoted(html: str) -> str:
    """The HTML without what mail programs mark as quoted; unchanged when it is too deep or too long to look into."""
    if len(html) > HTML_LIMIT or is_too_deep(html) or not html.strip():
        return html
    try:
        tree = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", html))
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return html
    for element in tree.xpath(f"//*[{' or '.join(_QUOTES)}]"):
        _drop(element)
    for element in tree.xpath(f"//*[{' or '.join(_QUOTES_FROM_HERE)}]"):
        while element is not None and element.tag != "body":
            for later in list(element.itersiblings()):
                _drop(later)
            element.tail = None
            upper = element.getparent()
            if element.get("id"):
                _drop(element)
            element = upper
    for line in tree.xpath("//hr"):  # often all that stands between the words and the quote
        line.tag, line.text = "div", _RULER
    return str(lxml.html.tostring(tree, encoding="unicode"))


def _drop(element: lxml.html.HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()
