"""The numbers of every race, from all processes, printed at the end of the run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.live.ledger.invariants import Verdict

Row = list[str]
COLUMNS = ("attempts", "winners", "lost_replies", "other_faults", "busy", "slowest", "checks", "oversold", "leaked", "falsely_refused")
HEADS: Row = [column.replace("_", " ") for column in COLUMNS]
PROPERTY = "tally"
"""The key of the numbers in a test's report."""
_reported: list[Row | str] = []


def note(name: str, verdict: "Verdict") -> None:
    _reported.append([name, *(_shown(verdict, column) for column in COLUMNS)])


def say(line: str) -> None:
    _reported.append(line)


def reported() -> list[Row | str]:
    """Return the entries since the last call."""
    new = list(_reported)
    _reported.clear()
    return new


def lines(reports: Sequence[Row | str]) -> list[str]:
    """Return the rows as a table, followed by the lines."""
    rows = [row for row in reports if not isinstance(row, str)]
    width = max((len(row[0]) for row in rows), default=0)
    table = [
        f"{name:{width}}  " + "  ".join(f"{cell:>{len(head)}}" for cell, head in zip(cells, HEADS, strict=True))
        for name, *cells in ([["", *HEADS], *rows] if rows else [])
    ]
    return [*table, *(line for line in reports if isinstance(line, str))]


def _shown(verdict: "Verdict", column: str) -> str:
    value = getattr(verdict, column)
    return f"{value:.1f} s" if isinstance(value, float) else str(value)
