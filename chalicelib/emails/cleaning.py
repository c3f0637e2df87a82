"""What staff typed becomes harmless HTML: Markdown or HTML in, a small and well-formed part of HTML out.

Nothing runs, nothing is sent anywhere, and nothing reaches beyond the body: every element that is opened is closed. A name in braces may
stand in text, in `alt` and in `title`; in an address only the link may, alone: whatever an e-mail knows never becomes part of another
address, where opening the mail would hand it over.
"""

import re
from typing import NamedTuple

import nh3
from markdown_it import MarkdownIt

from chalicelib.rules.templates import Named, parts

ELSEWHERE = "https://link.invalid/"
"""The main link stands for itself as an address until the real one is filled in."""
BEGINS, ENDS = "\ue000", "\ue001"
"""Around names while the text is on its way. Nobody can have typed them: what staff write has no private characters."""
TEXT = "p br hr h1 h2 h3 h4 strong b em i u s del sub sup small span div blockquote pre code ul ol li a img"
TABLES = "table thead tbody tfoot tr th td caption"
TAGS = set(f"{TEXT} {TABLES}".split())
FRAME = {"html", "head", "body"}
"""What surrounds a whole page: left out without a word."""
ATTRIBUTES = {
    "*": {"style"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
}
ADDRESSES = {"href", "src"}
TELLING = {"alt", "title"}
STYLES = {"color", "background-color", "text-align", "font-weight", "font-style", "text-decoration"}
SCHEMES = {"https", "http", "mailto", "tel"}
OPENING = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)")
HANDLERS = {"on"}
"""How the names of attributes begin that run something. They are looked at only to be told of."""
SEEN = {"javascript", "data", "vbscript", "file"}
"""Likewise schemes: without them such an address would be left out before anybody could say so."""


class Clean(NamedTuple):
    """Harmless HTML with marks for names, and what was left out: tags, attributes, addresses."""

    html: str
    left_out: list[str]


def mark(name: str) -> str:
    """Return what stands for a name on its way."""
    return f"{ELSEWHERE if name == 'link' else ''}{BEGINS}{name}{ENDS}"


def cleaned(body: str) -> Clean:
    """Return the body as harmless HTML. It is HTML already when it begins with a tag, else Markdown."""
    marked = "".join(mark(part.name) if isinstance(part, Named) else part for part in parts(body))
    html = marked if marked.lstrip().startswith("<") else _markdown().render(marked)
    left_out = dict.fromkeys(f"<{tag}>" for tag in map(str.lower, OPENING.findall(html)) if tag not in TAGS | FRAME)

    def attribute(tag: str, name: str, value: str) -> str | None:
        kept = _attribute(tag, name, value)
        if kept is None and tag in TAGS:
            left_out[f"{name} of <{tag}>"] = None
        return kept

    kept = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags={"script", "style", "title", "textarea", "select", "iframe", "object", "template", "svg", "math"},
        attributes=ATTRIBUTES,
        attribute_filter=attribute,
        generic_attribute_prefixes=HANDLERS,
        url_schemes=SCHEMES | SEEN,
        url_relative="deny",
        filter_style_properties=STYLES,
        link_rel=None,
    )
    return Clean(kept, list(left_out))


def _markdown() -> MarkdownIt:
    """Return a reader of Markdown that keeps lines, passes HTML on and leaves addresses to the cleaning."""
    reader = MarkdownIt("commonmark", {"breaks": True, "html": True}).enable(["table", "strikethrough"])
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    return reader


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return the attribute's value, or None to leave it out."""
    if name not in ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()):
        return None
    if name == "style":
        return None if "(" in value or "\\" in value or BEGINS in value else value
    if name in ADDRESSES:
        return value if _leads_somewhere(tag, value) else None
    return value if BEGINS not in value or name in TELLING else None


def _leads_somewhere(tag: str, address: str) -> bool:
    if BEGINS in address:
        return tag == "a" and address == mark("link")
    return address.partition(":")[0].lower() in SCHEMES
