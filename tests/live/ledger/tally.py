"""The numbers of every race, printed at the end of the run."""

from tests.live.ledger.judging import Verdict

COLUMNS = ("attempts", "winners", "lost_replies", "other_faults", "busy", "slowest", "looks", "oversold", "leaked", "falsely_refused")
_rows: list[tuple[str, Verdict]] = []
_lines: list[str] = []


def note(name: str, verdict: Verdict) -> None:
    _rows.append((name, verdict))


def say(line: str) -> None:
    _lines.append(line)


def lines() -> list[str]:
    """Return the table, empty when nothing was raced."""
    if not _rows:
        return _lines
    width = max(len(name) for name, _ in _rows)
    heads = [column.replace("_", " ") for column in COLUMNS]
    head = f"{'':{width}}  " + "  ".join(heads)
    table = [
        f"{name:{width}}  " + "  ".join(f"{_shown(verdict, column):>{len(title)}}" for column, title in zip(COLUMNS, heads, strict=True))
        for name, verdict in _rows
    ]
    return [head, *table, *_lines]


def _shown(verdict: Verdict, column: str) -> str:
    value = getattr(verdict, column)
    return f"{value:.1f} s" if isinstance(value, float) else str(value)
