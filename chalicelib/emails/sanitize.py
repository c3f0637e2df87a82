"""Sanitises what staff typed: Markdown or HTML in, a small, harmless and well-formed subset of HTML out.

The result runs no code, sends no data and cannot affect anything outside the body, because every element is closed. Placeholders may
occur in text, `alt` and `title`. A URL may contain only the link, and nothing beside it: a fact within another URL would be sent to its
server when the e-mail is opened.
"""

import re
from typing import NamedTuple

import nh3
from markdown_it import MarkdownIt

from chalicelib.rules.email_templates import FoundPlaceholder, parts

LINK_STAND_IN = "https://link.invalid/"
"""The stand-in for the main link's URL until the real one is filled in."""
BEGINS, ENDS = "\ue000", "\ue001"
"""The delimiters of placeholders between sanitising and layout. Staff cannot type them: private characters are refused."""
TEXT = "p br hr h1 h2 h3 h4 strong b em i u s del sub sup small span div blockquote pre code ul ol li a img"
TABLES = "table thead tbody tfoot tr th td caption"
TAGS = set(f"{TEXT} {TABLES}".split())
PAGE_TAGS = {"html", "head", "body"}
"""The frame of a whole page, which is left out without a notice."""
ATTRIBUTES = {
    "*": {"style"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
}
URL_ATTRIBUTES = {"href", "src"}
TEXT_ATTRIBUTES = {"alt", "title"}
STYLES = {"color", "background-color", "text-align", "font-weight", "font-style", "text-decoration"}
SCHEMES = {"https", "http", "mailto", "tel"}
OPENING_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)")
HANDLER_PREFIXES = {"on"}
"""The prefix of attributes that run code. They reach the filter only to be listed as left out."""
DANGEROUS_SCHEMES = {"javascript", "data", "vbscript", "file"}
"""Schemes of dangerous URLs, which reach the filter for the same reason."""


class SanitizedHtml(NamedTuple):
    """Harmless HTML with tokens for placeholders, and the tags and attributes that were left out."""

    html: str
    left_out: list[str]


def placeholder_token(name: str) -> str:
    """Return the token that stands for a placeholder between sanitising and layout."""
    return f"{LINK_STAND_IN if name == 'link' else ''}{BEGINS}{name}{ENDS}"


def sanitized(body: str) -> SanitizedHtml:
    """Return the body as harmless HTML. A body that begins with a tag is read as HTML, any other as Markdown."""
    with_tokens = "".join(placeholder_token(part.name) if isinstance(part, FoundPlaceholder) else part for part in parts(body))
    html = with_tokens if with_tokens.lstrip().startswith("<") else _markdown().render(with_tokens)
    left_out = dict.fromkeys(f"<{tag}>" for tag in map(str.lower, OPENING_TAG.findall(html)) if tag not in TAGS | PAGE_TAGS)

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
        generic_attribute_prefixes=HANDLER_PREFIXES,
        url_schemes=SCHEMES | DANGEROUS_SCHEMES,
        url_relative="deny",
        filter_style_properties=STYLES,
        link_rel=None,
    )
    return SanitizedHtml(kept, list(left_out))


def _markdown() -> MarkdownIt:
    """Return a Markdown parser that keeps line breaks and passes on HTML and URLs, which are sanitised afterwards."""
    reader = MarkdownIt("commonmark", {"breaks": True, "html": True}).enable(["table", "strikethrough"])
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    return reader


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return the attribute's value; None leaves the attribute out."""
    if name not in ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()):
        return None
    if name == "style":
        return None if "(" in value or "\\" in value or BEGINS in value else value
    if name in URL_ATTRIBUTES:
        return value if _leads_somewhere(tag, value) else None
    return value if BEGINS not in value or name in TEXT_ATTRIBUTES else None


def _leads_somewhere(tag: str, address: str) -> bool:
    if BEGINS in address:
        return tag == "a" and address == placeholder_token("link")
    return address.partition(":")[0].lower() in SCHEMES
