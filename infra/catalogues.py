"""The catalogues of translated texts: `python -m infra.catalogues` reads the sources, brings every catalogue up to date and compiles it.

They are committed, compiled too, since a deployment compiles nothing. What is still to be translated is printed.
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

from chalicelib.languages import CATALOGUES, DOMAIN, SUPPORTED

HERE = Path(__file__).parent.parent
KEYWORDS = {**DEFAULT_KEYWORDS, "marked": None, "PydanticCustomError": (2,)}
IN_THE_SOURCES = "en"


def main() -> int:
    """Bring the catalogues up to date; return how many texts wait for a translation."""
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
    return [locale for locale in SUPPORTED if locale != IN_THE_SOURCES]


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
    """Return the catalogue with the sources' texts: new ones empty, those that are gone dropped."""
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
    write_po(written, catalogue, width=120, sort_output=True, include_lineno=False)
    return written.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    written = BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
