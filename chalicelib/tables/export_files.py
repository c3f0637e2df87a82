"""Exports too long for one request: a job writes a sheet into the bucket part by part, and joins the parts at the end.

a stretch, and where the list goes on     org/downloads/job/number.json
the table                                 org/downloads/job.csv
"""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from chalicelib.rules.csv_export import widened
from chalicelib.tables import files
from chalicelib.tables.items import Item

KIND = "text/csv; charset=utf-8"


class FilePart(NamedTuple):
    """A part of a sheet. `next_start` is the start key of the next; None for the last. `columns`: those named up to this part, beside
    those of every sheet; None in the parts of an earlier release, of which the first has the header in its text."""

    text: str
    next_start: Item | None
    columns: list[str] | None = None


def read(org: str, id: str, number: int) -> FilePart:
    """Return a stored part. Raises FileGone."""
    stored = json.loads(files.get(_stretch(org, id, number))["Body"].read())
    return FilePart(stored["text"], stored["place"], stored.get("columns"))


def keep(org: str, id: str, number: int, stretch: FilePart) -> None:
    """Store a part. Idempotent."""
    stored = {"text": stretch.text, "place": stretch.next_start, "columns": stretch.columns}
    files.put(_stretch(org, id, number), json.dumps(stored).encode(), "application/json")


def join(org: str, id: str, stretches: int, header: Callable[[Sequence[str]], str]) -> None:
    """Join the parts into the sheet, under the header for all columns. Idempotent. Raises FileGone."""
    columns = read(org, id, stretches - 1).columns or []
    parts = (read(org, id, number) for number in range(stretches))
    texts = (_text(part, number, columns, header) for number, part in enumerate(parts))
    files.put(_table(org, id), b"".join(text.encode() for text in texts), KIND)


def link_to(org: str, id: str, name: str) -> str:
    """Return a link that downloads the sheet under this name, if that begins within a minute."""
    return files.link(_table(org, id), name)


def _text(part: FilePart, number: int, columns: list[str], header: Callable[[Sequence[str]], str]) -> str:
    if part.columns is None:
        return part.text
    text = widened(part.text, len(columns) - len(part.columns))
    return text if number else header(columns) + text


def _stretch(org: str, id: str, number: int) -> str:
    return f"{org}/downloads/{id}/{number}.json"


def _table(org: str, id: str) -> str:
    return f"{org}/downloads/{id}.csv"
