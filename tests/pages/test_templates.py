"""R23 for every branch of every template: a text that people read stands in `_()`, `ngettext` or `{% trans %}`."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from chalicelib import emails, pages

FOLDERS = [Path(package.__path__[0]) for package in (pages, emails)]
TEMPLATES = sorted(path for folder in FOLDERS for ending in ("html", "txt") for path in folder.rglob(f"*.{ending}"))
JINJA = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
IN_ENGLISH = {"docs.html"}
"""The reference of the API, which is written in English like the OpenAPI document."""
OF_MENUS = {
    *("Agenda", "Sessions", "Customers", "Contracts", "Discounts", "Orders", "Reports", "Settings"),
    *("Organisation", "Staff", "Integrations", "Audit log"),
}
"""By these, menus know the current page; their words are marked apart."""
MARKS = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
NAMES = {"here", "tab", "kind", "wide", "body"}
"""Blocks with a word for the style sheet or the menu, which nobody reads."""
SHOWN = {"title", "placeholder", "aria-label", "alt", "data-label"}
SILENT = {"script", "style", "code"}
PROPER = re.compile(r"Rollbook|owner@demo\.test|Price Code|S, M, L")
WORD = re.compile(r"[A-Za-z]{2}")
SENTENCE = re.compile(r"^[A-Z][a-z]+( |$)|[a-z]{2,} [a-z]{2,}")
STYLE = re.compile(r"font-family:.*|[a-z -]+;")
JOINED = re.compile(r'(?:href|action)="\{\{[^{}]*\}\}[/?][^"]*')
"""A language chosen by hand is part of what `path` returns: what is joined to it would end up in the query."""


class Reader(HTMLParser):
    """The texts of a template, and the attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        self.found += [value or "" for name, value in attrs if name in SHOWN]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def markup(node: nodes.Node) -> Iterator[str]:
    """Yield the parts of a template outside its expressions, without blocks that are words of the program."""
    for inner in node.iter_child_nodes():
        if isinstance(inner, nodes.TemplateData):
            yield inner.data
        elif isinstance(inner, nodes.Block) and inner.name in NAMES:
            yield ""
        else:
            yield from markup(inner)


def constants(node: nodes.Node) -> Iterator[str]:
    """Yield the strings in the expressions of a template that are not marked for translation."""
    for inner in node.iter_child_nodes():
        if isinstance(inner, nodes.Call) and isinstance(inner.node, nodes.Name) and inner.node.name in MARKS:
            yield from (text for one in inner.kwargs for text in constants(one))
        elif isinstance(inner, nodes.Const) and isinstance(inner.value, str):
            yield inner.value
        elif isinstance(inner, nodes.Compare):
            yield ""
        else:
            yield from constants(inner)


def unmarked(source: str) -> list[str]:
    """Return the texts and strings of a template that people read without a translation."""
    tree, reader = JINJA.parse(source), Reader()
    reader.feed("".join(markup(tree)))
    texts = [text for text in reader.found if "=" not in text and WORD.search(PROPER.sub("", text))]
    strings = [text for text in constants(tree) if text not in OF_MENUS and SENTENCE.search(PROPER.sub("", text))]
    return [" ".join(text.split()) for text in texts] + strings


def test_the_reader_finds_what_is_not_marked() -> None:
    source = '<p>Bad</p>{{ _("Good") }}{{ field("name", "Bad name", hint=_("good %(x)s", x="Bad too")) }}'
    assert unmarked(source) == ["Bad", "Bad name", "Bad too"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_text_of_a_template_is_marked(template: Path) -> None:
    if template.name not in IN_ENGLISH:
        assert unmarked(template.read_text()) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_is_joined_to_an_address_that_may_have_a_query(template: Path) -> None:
    source = template.read_text()
    assert JOINED.findall(source) == []
    for name in re.findall(r"set (\w+) = path\(", source):
        assert not re.search(rf"\b{name} ~", source), name
