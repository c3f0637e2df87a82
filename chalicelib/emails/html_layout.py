"""Lays out clean HTML as the body of an e-mail: as HTML in the layout's style and as text, with placeholders filled in.

A placeholder in a text or an attribute becomes text; a block goes between paragraphs. A paragraph that contains only the main link
becomes the button.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from markupsafe import Markup, escape

from chalicelib.emails.sanitize import BEGINS, ENDS, LINK_STAND_IN, placeholder_token

PLACEHOLDER_TOKEN = re.compile(f"(?:{re.escape(LINK_STAND_IN)})?{BEGINS}(\\w+){ENDS}")
CELL = "padding:6px 12px 6px 0;font-size:15px;line-height:22px;text-align:left;vertical-align:top;"
LIST = "margin:0 0 14px;padding:0 0 0 24px;font-size:16px;line-height:25px;"
STYLES = {
    "p": "margin:0 0 14px;font-size:16px;line-height:25px;",
    "div": "margin:0 0 14px;font-size:16px;line-height:25px;",
    "h1": "margin:0 0 16px;font-size:24px;line-height:31px;font-weight:650;",
    "h2": "margin:0 0 12px;font-size:20px;line-height:27px;font-weight:650;",
    "h3": "margin:0 0 10px;font-size:17px;line-height:25px;font-weight:650;",
    "h4": "margin:0 0 10px;font-size:16px;line-height:25px;font-weight:650;",
    "ul": LIST,
    "ol": LIST,
    "a": "color:#3b4844;word-break:break-word;",
    "blockquote": "margin:0 0 14px;padding:0 0 0 14px;border-left:3px solid #dde3e0;",
    "hr": "border:0;border-top:1px solid #dde3e0;margin:18px 0;",
    "img": "max-width:100%;height:auto;border:0;",
    "pre": "margin:0 0 14px;white-space:pre-wrap;",
    "table": "margin:0 0 14px;border-collapse:collapse;",
    "td": CELL,
    "th": CELL,
}
VOID_TAGS = {"br", "hr", "img"}
BLOCK_TAGS = {"p", "div", "h1", "h2", "h3", "h4", "ul", "ol", "blockquote", "pre", "table", "hr", "caption"}
TEXT_BEFORE = {"li": "\n- ", "tr": "\n", "br": "\n", "td": " ", "th": " "}
BLOCK_PARENTS = {"div", "td", "li", "blockquote", ""}


@dataclass(frozen=True)
class Block:
    """The value of a placeholder with several lines, as HTML and as text."""

    html: Markup
    text: str


@dataclass(frozen=True)
class PlaceholderValues:
    """The values of the placeholders. `labelled` joins a label and a URL as the language does; `button` renders a button with a label."""

    values: Mapping[str, str]
    blocks: Mapping[str, Block]
    labelled: Callable[[str, str], str]
    button: Callable[[Markup], Markup]


@dataclass(frozen=True)
class EmailBody:
    """The body as sent, and the placeholders shown in it. `linked`: the main link can be followed."""

    html: Markup
    text: str
    shown: frozenset[str]
    linked: bool


def email_body(html: str, values: PlaceholderValues) -> EmailBody:
    """Return the body that clean HTML becomes."""
    writer = _BodyWriter(values)
    writer.feed(html)
    writer.close()
    text = PLACEHOLDER_TOKEN.sub(lambda found: _text_of(found[1], values), _compact("".join(writer.text)))
    return EmailBody(Markup("".join(writer.html)), text, frozenset(writer.shown), writer.linked)  # noqa: S704 - escaped piece by piece


def _compact(text: str) -> str:
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _text_of(name: str, values: PlaceholderValues) -> str:
    return values.blocks[name].text if name in values.blocks else values.values.get(name, "")


class _BodyWriter(HTMLParser):
    """A parser that writes the HTML body and the text body in one pass over clean HTML."""

    def __init__(self, values: PlaceholderValues) -> None:
        super().__init__()
        self._values = values
        self._main_link = f'<a href="{escape(values.values["link"])}"'
        self._open: list[str] = []
        self._paragraph = 0
        self._address, self._label = "", 0
        self.html: list[str] = []
        self.text: list[str] = []
        self.shown: set[str] = set()
        self.linked = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.text.append("\n\n" if tag in BLOCK_TAGS else TEXT_BEFORE.get(tag, ""))
        if tag == "p":
            self._paragraph = len(self.html)
        elif tag == "a":
            self._begin_link(attributes.get("href", ""))
        elif tag == "img":
            self.text.append(attributes.get("alt", ""))
        self.html.append(self._tag(tag, attributes))
        if tag not in VOID_TAGS:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()
        if tag == "p":
            self._end_paragraph()
        else:
            self.html.append(f"</{tag}>")
        if tag == "a":
            self._end_link()
        self.text.append("\n\n" if tag in BLOCK_TAGS else "")

    def handle_data(self, data: str) -> None:
        self.text.append(data if "pre" in self._open else re.sub(r"\s+", " ", data))
        words, *named = PLACEHOLDER_TOKEN.split(data)
        self.html.append(escape(words))
        for name, words in zip(named[::2], named[1::2], strict=True):
            self._name(name)
            self.html.append(escape(words))

    def _tag(self, tag: str, attributes: Mapping[str, str]) -> str:
        style = STYLES.get(tag, "") + attributes.get("style", "")
        kept = {**attributes, **({"style": style} if style else {})}
        written = (f' {name}="{escape(self._inline(value))}"' for name, value in kept.items())
        return f"<{tag}{''.join(written)}>"

    def _inline(self, value: str) -> str:
        return PLACEHOLDER_TOKEN.sub(lambda found: _on_one_line(_text_of(found[1], self._values)), value)

    def _name(self, name: str) -> None:
        self.shown.add(name)
        if name in self._values.blocks:
            self._block(self._values.blocks[name])
        elif name == "link" and "a" not in self._open:
            self.linked = True
            self.html.append(f"{self._tag('a', {'href': placeholder_token('link')})}{escape(self._inline(placeholder_token('link')))}</a>")
        else:
            self.html.append(escape(self._values.values.get(name, "")))

    def _block(self, block: Block) -> None:
        within = self._open[-1] if self._open else ""
        if within == "p":
            self._end_paragraph()
            self.html.append(block.html)
            self._paragraph = len(self.html)
            self.html.append(self._tag("p", {}))
        elif within in BLOCK_PARENTS:
            self.html.append(block.html)
        else:
            self.html.append(escape(_on_one_line(block.text)))

    def _end_paragraph(self) -> None:
        inner = [piece for piece in self.html[self._paragraph + 1 :] if piece.strip()]
        if not inner:
            del self.html[self._paragraph :]
        elif inner[0].startswith(self._main_link) and inner[-1] == "</a>" and inner.count("</a>") == 1:
            self.html[self._paragraph :] = [self._values.button(Markup("".join(inner[1:-1])))]  # noqa: S704 - escaped piece by piece
        else:
            self.html.append("</p>")

    def _begin_link(self, address: str) -> None:
        self._address, self._label = address, len(self.text)
        if address == placeholder_token("link"):
            self.linked = True

    def _end_link(self) -> None:
        label = "".join(self.text[self._label :]).strip()
        if label and self._address and label not in self._address:
            main = self._address == placeholder_token("link")
            self.text[self._label :] = [self._values.labelled(label, self._address) if main else f"{label} ({self._address})"]


def _on_one_line(text: str) -> str:
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())
