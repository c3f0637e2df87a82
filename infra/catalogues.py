"""The catalogues of translated texts: `python -m infra.catalogues` reads the sources, brings every catalogue up to date and compiles it.

With a language, such as `python -m infra.catalogues de`, it begins that catalogue.

Sources and compiled catalogues are committed, since a deployment compiles nothing. Untranslated texts are printed.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from chalicelib.languages import CATALOGUES, DOMAIN

HERE = Path(__file__).parent.parent
KEYWORDS = {**DEFAULT_KEYWORDS, "PydanticCustomError": (2,)}
"""The functions that mark a text: gettext's own, `N_` among them, and the second argument of a validator's error."""


def main() -> int:
    """Update the catalogues and return the number of untranslated texts."""
    for locale in sys.argv[1:]:
        begin(locale)
    sources = extracted()
    waiting = 0
    for locale in translated():
        catalogue = updated(read(locale), sources)
        po(locale).write_bytes(as_po(catalogue))
        po(locale).with_suffix(".mo").write_bytes(as_mo(catalogue))
        for message in untranslated(catalogue):
            print(f"{locale}: {message.id!r}")
            waiting += 1
    return waiting


def translated() -> list[str]:
    """Return the languages that have a catalogue, compiled or not yet."""
    return sorted(file.parent.parent.name for file in CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def begin(locale: str) -> None:
    """Make an empty catalogue for a language, unless it has one."""
    if not po(locale).exists():
        po(locale).parent.mkdir(parents=True, exist_ok=True)
        po(locale).write_bytes(as_po(Catalog(locale=locale, domain=DOMAIN)))


def po(locale: str) -> Path:
    return CATALOGUES / locale / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(locale: str) -> Catalog:
    with po(locale).open("rb") as file:
        catalogue = read_po(file, locale=locale, domain=DOMAIN)
    catalogue.project, catalogue.version, catalogue.msgid_bugs_address = "Rollbook", "1", ""
    return catalogue


def extracted() -> Catalog:
    """Return every text in the sources that people read."""
    with (HERE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    catalogue = Catalog(domain=DOMAIN)
    for name, _, text, comments, context in extract_from_dir(HERE, methods, options, KEYWORDS):
        catalogue.add(text, None, [(Path(name).as_posix(), 0)], auto_comments=comments, context=context)
    return catalogue


def updated(catalogue: Catalog, sources: Catalog) -> Catalog:
    """Return the catalogue with the texts of the sources: new texts are empty, and removed texts are dropped."""
    catalogue.update(sources, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def untranslated(catalogue: Catalog) -> Iterator[Message]:
    for message in catalogue:
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and (message.fuzzy or not all(texts)):
            yield message


def as_po(catalogue: Catalog) -> bytes:
    written = BytesIO()
    write_po(written, catalogue, width=120, sort_output=True, no_location=True)
    return written.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    written = BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
