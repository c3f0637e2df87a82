"""The issues of a file, of all rows at once: columns first, then cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from chalicelib.rules.imports.charset import WRONG
from chalicelib.rules.imports.csv_reader import Sheet, SheetRow
from chalicelib.rules.imports.refusals import MOST_CHARACTERS
from chalicelib.rules.input_errors import explained
from chalicelib.rules.translation import N_, Filled

SHOWN = 60
"""How much of a wrong value is shown again."""
NOT_UNICODE = N_("A character of this cell is not in UTF-8, as the rest of the file is. Type it again.")
NAMELESS = N_("Column %(number)d has no name. Name it in the first row, or empty it.")
TOO_MANY_CELLS = N_("This row has more cells than there are columns. Quote text with separators.")
TOO_LONG = N_("This is too long: write at most %(max_length)d characters.")


class Issue(NamedTuple):
    """A fault in a cell. `row` is the row number in a spreadsheet, `column` the header; `detail` says what to do."""

    row: int
    column: str
    value: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """A column that a kind of import knows. `holds` is the type of its values, `most` the longest cell in characters."""

    name: str
    holds: Any
    needed: bool = False
    most: int = MOST_CHARACTERS


@dataclass(frozen=True, slots=True)
class Layout:
    """The positions of the columns: known ones by their name, others by their header as written."""

    known: Mapping[str, int]
    others: Mapping[str, int]
    names: Sequence[str]

    def has(self, column: str) -> bool:
        return column in self.known

    def cell(self, row: SheetRow, column: str) -> str:
        """Return the cell of a known column on one line; empty when the file lacks the column."""
        return one_line(row.cell(self.known[column])) if column in self.known else ""


def issue(row: int, column: str, value: str, code: str, detail: str) -> Issue:
    """Return an issue with the value shortened to fit, and its invalid bytes replaced by a mark."""
    shown = value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
    return Issue(row, WRONG.sub("\ufffd", column), WRONG.sub("\ufffd", shown), code, detail)


def one_line(cell: str) -> str:
    """Return a cell with its line breaks replaced by spaces."""
    return " ".join(filter(None, map(str.strip, cell.splitlines())))


def layout_of(sheet: Sheet, columns: Sequence[ImportColumn]) -> tuple[Layout, list[Issue]]:
    """Return the layout and the header's issues. With issues in the header, the rows cannot be read."""
    names = [cell.strip() for cell in sheet.header.cells]
    known = {column.name.casefold(): column.name for column in columns}
    indexes: dict[str, int] = {}
    found: list[Issue] = []
    for index, name in enumerate(names):
        if not name and not any(row.cell(index) for row in sheet.rows):
            continue
        called = known.get(name.casefold(), name)
        if WRONG.search(name):
            found.append(_at_header(sheet, name, "not_unicode", NOT_UNICODE))
        elif not name:
            found.append(_at_header(sheet, "", "nameless_column", Filled(NAMELESS, {"number": index + 1})))
        elif called.casefold() in map(str.casefold, indexes):
            found.append(_at_header(sheet, name, "duplicate_column", N_("There are two columns of this name. Delete or rename one.")))
        else:
            indexes[called] = index
    found += _missing_columns(sheet, columns, indexes)
    named = {column.name for column in columns}
    return Layout(
        known={name: index for name, index in indexes.items() if name in named},
        others={name: index for name, index in indexes.items() if name not in named},
        names=names,
    ), found


def _missing_columns(sheet: Sheet, columns: Sequence[ImportColumn], indexes: Mapping[str, int]) -> list[Issue]:
    sentence = N_("This column is missing. Add it, and keep its name in the first row.")
    return [
        _at_header(sheet, column.name, "missing_column", sentence) for column in columns if column.needed and column.name not in indexes
    ]


def cell_issues(layout: Layout, row: SheetRow, columns: Sequence[ImportColumn]) -> Iterator[Issue]:
    """Yield issues for cells that are too long, contain invalid bytes, or are beyond the last column."""
    most = {layout.known[column.name]: column.most for column in columns if layout.has(column.name)}
    for index, cell in enumerate(row.cells):
        column = layout.names[index] if index < len(layout.names) else ""
        if len(cell) > most.get(index, MOST_CHARACTERS):
            sentence = Filled(N_("A cell can have %(number)d characters. Shorten this one."), {"number": most.get(index, MOST_CHARACTERS)})
            yield issue(row.number, column, cell, "cell_too_long", sentence)
        if WRONG.search(cell):
            yield issue(row.number, column, cell, "not_unicode", NOT_UNICODE)
        if index >= len(layout.names) and cell.strip():
            yield issue(row.number, "", cell, "too_many_cells", TOO_MANY_CELLS)


def read_cell(column: ImportColumn, text: str, row: int) -> tuple[str, list[Issue]]:
    """Return a cell's value or its issues. `cell_issues` reports cells that are too long or not text."""
    if len(text) > column.most or WRONG.search(text):
        return "", []
    try:
        return _reader(column.holds).validate_python(text), []
    except ValidationError as found:
        error = found.errors(include_url=False, include_input=False)[0]
    code, sentence = explained(error)
    if code == "too_long":
        sentence = Filled(TOO_LONG, {"max_length": error["ctx"]["max_length"]})
    return "", [issue(row, column.name, text, code, sentence)]


def missing(column: ImportColumn, row: int) -> Issue:
    return Issue(row, column.name, "", "missing", N_("Please fill in this field."))


def duplicate(column: str, value: str, row: int, first: int) -> Issue:
    return issue(row, column, value, "duplicate_row", Filled(N_("Duplicate of row %(row)d."), {"row": first}))


@cache
def _reader(holds: Any) -> TypeAdapter[str]:
    return TypeAdapter(holds)


def _at_header(sheet: Sheet, column: str, code: str, detail: str) -> Issue:
    return issue(sheet.header.number, column, column, code, detail)
