"""CSV for spreadsheets: UTF-8 with a BOM, and no cell that a spreadsheet would run as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""The start of a formula, also after apostrophes: a cell that had one gets another, so that `unescape_formula` removes only ours."""


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a sheet as CSV text, with BOM and header."""
    return BOM + csv_rows([header]) + csv_rows(rows)


def csv_rows(rows: Iterable[Sequence[object]]) -> str:
    """Return further rows of a sheet as CSV text."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([escape_formula(cell) for cell in row] for row in rows)
    return out.getvalue()


def widened(rows: str, by: int) -> str:
    """Return rows of a sheet with so many empty cells more at the end of each."""
    if by == 0:
        return rows
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([*row, *[""] * by] for row in csv.reader(io.StringIO(rows, newline="")))
    return out.getvalue()


def escape_formula(cell: object) -> str:
    """Return the cell as text, with an apostrophe before a sign that would start a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if FORMULA.match(text) else text


def join_names(names: Iterable[str], separator: str = ";") -> str:
    """Return names as one cell, joined by the separator. Names that contain it or start with a quotation mark are quoted."""
    return f"{separator} ".join(_quoted(name, separator) for name in names)


def split_names(cell: str, separator: str = ";") -> list[str]:
    """Return the names in a cell, written by `listed` or typed by hand."""
    row = next(csv.reader([" ".join(cell.splitlines())], delimiter=separator, skipinitialspace=True), [])
    return [name for name in map(str.strip, row) if name]


def _quoted(name: str, separator: str) -> str:
    return '"' + name.replace('"', '""') + '"' if separator in name or name.startswith('"') else name


def unescape_formula(cell: str) -> str:
    """Return the text of a cell without the apostrophe that `escape_formula` added."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
