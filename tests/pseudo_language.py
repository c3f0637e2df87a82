"""A language whose catalogue marks every text, so that a text that goes around the catalogue is found wherever it is shown."""

import gettext
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser

import pytest

from chalicelib import i18n
from chalicelib.emails import render
from infra import catalogues

MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
DATA = re.compile(r"\S*[@/:#_]\S*|\S*\d\S*|\b(?:EUR|CSV|JSON|Demo|Rollbook|Stripe|The|leader|manager|owner|viewer)\b")
"""What is no sentence: addresses, paths, ids, names of the demo organisation."""
OTHER_LANGUAGE = re.compile(r'<div class="proof".*?</section>', re.S)
"""The preview of an e-mail, in the language of that e-mail."""
SHOWN = ("title", "placeholder", "aria-label", "alt", "data-label")
INLINE = {"a", "b", "strong", "em", "i", "span", "time", "code", "br", "bdi"}
SILENT = {"script", "style", "code", "textarea", "datalist"}


@cache
def _extracted() -> frozenset[str]:
    """Return the texts that the catalogues have. A text that the sources do not mark is in none, and stays English for everybody."""
    ids = [message.id for message in catalogues.read("fr") if message.id]
    return frozenset(id for one in ids for id in ([one] if isinstance(one, str) else one))


class Pseudo(gettext.NullTranslations):
    """Translations that mark every text of the catalogues and make it longer. Patterns of dates and names of languages stay."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}~~~⟧" if message in _extracted() else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}~~~⟧"

    def pgettext(self, context: str, message: str) -> str:
        return "⟦⟧" if "language" in context else self.gettext(message) if context.startswith("of ") else message


@contextmanager
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every language be the pseudo-language, with Russian dates."""
    monkeypatch.setattr(gettext, "translation", lambda *_, **__: Pseudo())
    for language in ("en", "fr"):
        monkeypatch.setitem(i18n.WRITING, language, "ru")
    from chalicelib.pages import rendering  # Pages need Chalice, e-mails do not.

    caches: tuple[Callable[..., object], ...] = (i18n.translation, rendering._environment, render.environment)
    _forget(caches)
    yield
    monkeypatch.undo()
    _forget(caches)


def _forget(caches: Iterable[Callable[..., object]]) -> None:
    for cached in caches:
        cached.cache_clear()  # type: ignore[attr-defined]


class Reader(HTMLParser):
    """The visible texts and attributes of a page, without those in other languages. A text goes on through tags within its line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = [""]
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        shown = [value or "" for name, value in attrs if name in SHOWN]
        if tag in INLINE:
            self.found[-1] += " "
            self.found[:0] = shown
        else:
            self.found += [*shown, ""]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT
        if tag in INLINE:
            self.found[-1] += " "
        else:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found[-1] += data


def untranslated(html: str, *, names: Iterable[str] = ()) -> list[str]:
    """Return the texts of a page with letters that are neither marked nor data. `names` are data too."""
    reader = Reader()
    reader.feed(OTHER_LANGUAGE.sub("", html))
    return unmarked(reader.found, names=names)


def unmarked(texts: Iterable[str], *, names: Iterable[str] = ()) -> list[str]:
    """Return the texts with letters that are neither marked nor data."""
    bare = (_bare(text, names) for text in texts)
    return [" ".join(text.split()) for text in bare if re.search(r"[A-Za-z]{2}", text)]


def _bare(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = text.replace(name, " ")
    while MARKED.search(text):
        text = MARKED.sub(" ", text)
    return DATA.sub(" ", text)
