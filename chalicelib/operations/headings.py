"""The headings of CSV files: in the language of the reader when they are written, in every language when they are read."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from chalicelib import i18n
from chalicelib.languages import SUPPORTED
from chalicelib.rules.imports.csv_reader import Sheet


def headings(columns: Sequence[str], locale: str, others: Iterable[str] = ()) -> list[str]:
    """Return the headings of columns in a language, then the `others`, which people named.

    A column keeps its English heading if one of the others means it in some language: the file can then be imported again.
    """
    named = list(others)
    gettext, taken = i18n.translation(locale).gettext, {_meaning(tuple(columns)).get(_compared(name)) for name in named}
    return [*(column if column in taken else gettext(column) for column in columns), *named]


def in_english(sheet: Sheet, columns: Sequence[str]) -> tuple[Sheet, Mapping[str, str]]:
    """Return the sheet with the headings of these columns in English, and English heading → heading in the file.

    A column with an English heading counts more than another one that means the same in some language, which stays as it is.
    """
    cells = [cell.strip() for cell in sheet.header.cells]
    meaning, present = _meaning(tuple(columns)), {_compared(cell) for cell in cells}
    english = {column for column in columns if _compared(column) in present}
    meant = [found if (found := meaning.get(_compared(cell))) and found not in english else cell for cell in cells]
    renamed = {name: cell for name, cell in zip(meant, cells, strict=True) if name != cell}
    return sheet._replace(header=sheet.header._replace(cells=tuple(meant))), renamed


@cache
def _meaning(columns: tuple[str, ...]) -> Mapping[str, str]:
    """Return the heading of each column in each language, as compared → the column."""
    return {_compared(i18n.translation(locale).gettext(column)): column for locale in SUPPORTED for column in columns}


def _compared(heading: str) -> str:
    return heading.strip().casefold().replace("’", "'").replace("\u00a0", " ")
