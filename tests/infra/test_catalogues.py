"""The committed catalogues: complete, compiled, and up to date with the sources."""

import re

import pytest
from babel.messages.catalog import Message

from infra import catalogues

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
LOCALES = pytest.mark.parametrize("locale", catalogues.translated())


def texts(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, tuple | list) else (message.string or "",)


@LOCALES
def test_every_text_of_the_sources_is_in_the_catalogue_and_no_other(locale: str) -> None:
    in_sources = {message.id for message in catalogues.extracted() if message.id}
    in_catalogue = {message.id for message in catalogues.read(locale) if message.id}
    assert in_sources - in_catalogue == set(), "run python -m infra.catalogues"
    assert in_catalogue - in_sources == set(), "run python -m infra.catalogues"


@LOCALES
def test_every_text_is_translated(locale: str) -> None:
    assert [message.id for message in catalogues.untranslated(catalogues.read(locale))] == []


@LOCALES
def test_translations_have_the_placeholders_of_the_source(locale: str) -> None:
    for message in catalogues.read(locale):
        if message.id:
            sources = message.id if isinstance(message.id, tuple | list) else (message.id,)
            expected = {name for source in sources for name in PLACEHOLDER.findall(source)}
            assert {name for text in texts(message) for name in PLACEHOLDER.findall(text)} == expected, message.id


@LOCALES
def test_the_compiled_catalogue_is_up_to_date(locale: str) -> None:
    compiled = catalogues.po(locale).with_suffix(".mo").read_bytes()
    assert compiled == catalogues.as_mo(catalogues.read(locale)), "run python -m infra.catalogues"


def test_french_puts_no_breaking_space_before_high_punctuation() -> None:
    wrong = [text for message in catalogues.read("fr") if message.id for text in texts(message) if re.search(r" [:;?!»]", text)]
    assert wrong == []
