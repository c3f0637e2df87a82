"""Reads CSV as spreadsheets write it: `sep=;`, empty columns and rows at the end, apostrophes before formulas."""

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from chalicelib.rules.csv_export import unescape_formula
from chalicelib.rules.imports.charset import Encoding, encoding_of, lines
from chalicelib.rules.imports.refusals import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    CellTooLong,
    EmptyFile,
    FileTooLarge,
    MalformedCsv,
    TooManyColumns,
    TooManyRows,
)

SEPARATORS = (",", ";", "\t")
DECLARED = re.compile(r"""\A"?sep=([,;\t])"?\s*\Z""", re.IGNORECASE)
SNIFFED = 100_000
"""How many characters of the header are looked at for the separator."""
SHEET_ROWS, SHEET_COLUMNS = 1_048_576, 16_384
"""The limits of a spreadsheet. Empty rows and columns within them are allowed."""


class SheetRow(NamedTuple):
    """A row of a sheet. `number` is the row number in a spreadsheet. Empty cells at the end are left out."""

    number: int
    cells: tuple[str, ...]

    def cell(self, index: int) -> str:
        return self.cells[index] if index < len(self.cells) else ""


class Sheet(NamedTuple):
    """The content of a file, without empty rows."""

    encoding: Encoding
    header: SheetRow
    rows: list[SheetRow]


def read(data: bytes) -> Sheet:
    """Return the sheet in a file.

    Raises FileTooLarge, NotCsv, UnknownEncoding, NulCharacters, MalformedCsv, CellTooLong, TooManyColumns or TooManyRows.
    """
    if len(data) > MOST_BYTES:
        raise FileTooLarge
    encoding = encoding_of(data)
    filled = (record for record in _records(lines(data, encoding)) if any(cell.strip() for cell in record.cells))
    header = next(filled, None)
    if header is None:
        raise EmptyFile
    if len(header.cells) > MOST_COLUMNS:
        raise TooManyColumns(header.number)
    rows = []
    for row in filled:
        rows.append(row)
        if len(rows) > MOST_ROWS:
            raise TooManyRows
    return Sheet(encoding, header, rows)


def _records(found: Iterator[str]) -> Iterator[SheetRow]:
    """Yield every row, empty ones too. Raises MalformedCsv, CellTooLong, TooManyColumns, TooManyRows."""
    first = next(found, "")
    declared = DECLARED.match(first)
    if declared:
        first = next(found, "")
    empty = 0
    while first and not first.strip() and empty < SHEET_ROWS:
        empty, first = empty + 1, next(found, "")
    separator = declared[1] if declared else sniffed(first)
    reader = csv.reader(chain([first] if first else [], found), delimiter=separator, strict=True)
    for number in range(empty + 1, SHEET_ROWS + 1):
        cells = _next(reader, number)
        if cells is None:
            return
        yield SheetRow(number, _cells(cells, number))
    if _next(reader, SHEET_ROWS + 1) is not None:
        raise TooManyRows


def sniffed(header: str) -> str:
    """Return the separator that occurs most often in the header, outside quotation marks."""
    bare = "".join(header[:SNIFFED].split('"')[::2])
    return max(SEPARATORS, key=bare.count)


def _next(reader: Any, number: int) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as fault:
        raise (CellTooLong if "field limit" in str(fault) else MalformedCsv)(number) from None


def _cells(cells: list[str], number: int) -> tuple[str, ...]:
    if len(cells) > SHEET_COLUMNS:
        raise TooManyColumns(number)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(map(unescape_formula, cells))
