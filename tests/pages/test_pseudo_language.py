"""R23: in a language whose catalogue marks every text, a page shows nothing that goes around the catalogue."""

import gettext
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest

from chalicelib import i18n
from chalicelib.emails import render
from chalicelib.pages import rendering
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser
from tests.pages.test_every_page import FOR_STAFF, path_of

MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
DATA = re.compile(r"\S*[@/:#_]\S*|\S*\d\S*|\b(?:EUR|CSV|Demo|Judo|Rollbook|Stripe|The|leader|manager|owner|viewer)\b")
"""What is no sentence: addresses, paths, ids, names of the demo organisation."""
OTHER_LANGUAGE = re.compile(r'<div class="proof".*?</section>', re.S)
"""The preview of an e-mail, in the language of that e-mail."""
SHOWN = ("title", "placeholder", "aria-label", "alt", "data-label")
SILENT = {"script", "style", "code", "textarea", "svg", "datalist"}


class Pseudo(gettext.NullTranslations):
    """Translations that mark every text and make it longer. Patterns of dates and names of languages stay."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}~~~⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}~~~⟧"

    def pgettext(self, context: str, message: str) -> str:
        return "⟦⟧" if "language" in context else message


class Reader(HTMLParser):
    """The visible texts and attributes of a page, without those in other languages."""

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


def untranslated(html: str) -> list[str]:
    """Return the texts of a page with letters that are neither marked nor data."""
    reader = Reader()
    reader.feed(OTHER_LANGUAGE.sub("", html))
    left = []
    for text in reader.found:
        bare = text
        while MARKED.search(bare):
            bare = MARKED.sub(" ", bare)
        if re.search(r"[A-Za-z]{2}", DATA.sub(" ", bare)):
            left.append(" ".join(text.split()))
    return left


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every text is marked, and dates have Cyrillic names."""
    monkeypatch.setattr(gettext, "translation", lambda *_, **__: Pseudo())
    monkeypatch.setitem(i18n.WRITING, "en", "ru")
    caches = (i18n.translation, rendering._environment, render.environment)
    for cached in caches:
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


def test_the_reader_finds_what_goes_around_the_catalogue() -> None:
    assert untranslated('<p>⟦Save⟧</p><a title="Bad title">⟦%d of ⟦x⟧⟧ ana@example.org</a><b>Bad</b>') == ["Bad title", "Bad"]


def test_no_staff_page_shows_a_text_that_is_not_translated(
    pseudo: None, as_role: Callable[[str], Browser], make_session: Callable[..., Session], invite: Callable[..., tuple[Invitation, str]]
) -> None:
    session = make_session(title="Дзюдо", tiers=[{"name": "Цена", "price": {"amount": 1200, "currency": "EUR"}}])
    invitation, _ = invite("ana@example.org", to=session)
    owner, found = as_role("owner"), dict[str, list[str]]()
    for page in FOR_STAFF:
        if page.method != "GET":
            continue
        path = path_of(page, session=session.id).replace(f"{session.id}-1", f"{session.id}-{invitation.id}")
        answer = owner.get(path)
        if "html" in answer.headers.get("content-type", "") and (left := untranslated(answer.html)):
            found[page.path] = left
    assert not found, "\n".join(f"{path}: {left}" for path, left in found.items())
