"""CSV as spreadsheets want it: UTF-8 with a BOM, and no cell that one would take for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What begins a formula; with apostrophes before it too, so that an apostrophe that was there tells itself from ours."""


def written(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return the table as CSV text."""
    return BOM + continued([header]) + continued(rows)


def continued(rows: Iterable[Sequence[object]]) -> str:
    """Return more rows of a table as CSV text."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()


def neutral(cell: object) -> str:
    """Return the cell as text that no spreadsheet calculates: an apostrophe goes before a sign that would begin a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if FORMULA.match(text) else text


def meant(cell: str) -> str:
    """Return what a cell said before `neutral`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
