"""What is wrong with a file, row by row and all at once: columns first, then cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from chalicelib.rules.imports.reading import Row, Table
from chalicelib.rules.imports.refusals import MOST_CHARACTERS

SHOWN = 60
"""How much of a wrong value is shown again."""
SENTENCES = {
    "string_too_long": ("too_long", "This is too long: write at most {max_length} characters."),
}


class Issue(NamedTuple):
    """`row` is the line as a spreadsheet shows it, `column` the header; `detail` says what to do."""

    row: int
    column: str
    value: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a kind of import knows. `holds` is the type of what stands in it."""

    name: str
    holds: Any
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns are: those that are known by their name, others by their header as it is written."""

    known: Mapping[str, int]
    others: Mapping[str, int]
    names: Sequence[str]

    def has(self, column: str) -> bool:
        return column in self.known

    def cell(self, row: Row, column: str) -> str:
        """Return what stands in a known column; nothing when the column is not there."""
        return row.cell(self.known[column]).strip() if column in self.known else ""


def issue(row: int, column: str, value: str, code: str, detail: str) -> Issue:
    """Return an issue with as much of the value as fits a table."""
    return Issue(row, column, value if len(value) <= SHOWN else value[: SHOWN - 1] + "…", code, detail)


def laid_out(table: Table, columns: Sequence[Column]) -> tuple[Layout, list[Issue]]:
    """Return where the columns are, and what is wrong with the header: then the rows cannot be read."""
    names = [cell.strip() for cell in table.header.cells]
    known = {column.name.casefold(): column.name for column in columns}
    places: dict[str, int] = {}
    found: list[Issue] = []
    for place, name in enumerate(names):
        if not name and not any(row.cell(place) for row in table.rows):
            continue
        called = known.get(name.casefold(), name)
        if not name:
            found.append(
                _at_header(table, "", "nameless_column", f"Column {place + 1} has no name. Name it in the first row, or empty it.")
            )
        elif called.casefold() in map(str.casefold, places):
            found.append(_at_header(table, name, "duplicate_column", "There are two columns of this name. Delete or rename one."))
        else:
            places[called] = place
    found += [
        _at_header(table, column.name, "missing_column", "This column is missing. Add it, and keep its name in the first row.")
        for column in columns
        if column.needed and column.name not in places
    ]
    named = {column.name for column in columns}
    return Layout(
        known={name: place for name, place in places.items() if name in named},
        others={name: place for name, place in places.items() if name not in named},
        names=names,
    ), found


def of_shape(layout: Layout, row: Row) -> Iterator[Issue]:
    """Find cells that are too long, and those beyond the last column."""
    for place, cell in enumerate(row.cells):
        column = layout.names[place] if place < len(layout.names) else ""
        if len(cell) > MOST_CHARACTERS:
            yield issue(row.number, column, cell, "cell_too_long", "A cell can have 2,000 characters. Shorten this one.")
        if place >= len(layout.names) and cell.strip():
            yield issue(
                row.number, "", cell, "too_many_cells", "This row has more cells than there are columns. Quote text with separators."
            )


def read_cell(column: Column, text: str, row: int) -> tuple[str, list[Issue]]:
    """Return what a cell holds, or what is wrong with it. One that is too long for any cell is an issue already."""
    if len(text) > MOST_CHARACTERS:
        return "", []
    try:
        return _reader(column.holds).validate_python(text), []
    except ValidationError as found:
        error = found.errors(include_url=False, include_input=False)[0]
    code, sentence = SENTENCES.get(error["type"], (error["type"], error["msg"].replace("{", "{{").replace("}", "}}")))
    return "", [issue(row, column.name, text, code, sentence.format(**error.get("ctx", {})))]


def missing(column: Column, row: int) -> Issue:
    return Issue(row, column.name, "", "missing", "Fill this in.")


def twice(column: str, value: str, row: int, first: int) -> Issue:
    return issue(row, column, value, "duplicate_row", f"Row {first} is about the same one. Keep one of them.")


@cache
def _reader(holds: Any) -> TypeAdapter[str]:
    return TypeAdapter(holds)


def _at_header(table: Table, column: str, code: str, detail: str) -> Issue:
    return issue(table.header.number, column, column, code, detail)
