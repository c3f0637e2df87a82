"""Exports too long for one request: a job writes a sheet into the bucket part by part, and joins the parts at the end.

a stretch, and where the list goes on     org/downloads/job/number.json
the table                                 org/downloads/job.csv
"""

import json
from typing import NamedTuple

from chalicelib.tables import files
from chalicelib.tables.items import Item

KIND = "text/csv; charset=utf-8"


class FilePart(NamedTuple):
    """A part of a sheet. `place` is the start of the next part; None for the last part."""

    text: str
    place: Item | None


def read(org: str, id: str, number: int) -> FilePart:
    """Return a stored part. Raises FileGone."""
    return FilePart(**json.loads(files.get(_stretch(org, id, number))["Body"].read()))


def keep(org: str, id: str, number: int, stretch: FilePart) -> None:
    """Store a part. Idempotent."""
    files.put(_stretch(org, id, number), json.dumps(stretch._asdict()).encode(), "application/json")


def join(org: str, id: str, stretches: int) -> None:
    """Join the parts into the sheet. Idempotent. Raises FileGone."""
    content = b"".join(read(org, id, number).text.encode() for number in range(stretches))
    files.put(_table(org, id), content, KIND)


def link_to(org: str, id: str, name: str) -> str:
    """Return a link that downloads the sheet under this name, if that begins within a minute."""
    return files.link(_table(org, id), name)


def _stretch(org: str, id: str, number: int) -> str:
    return f"{org}/downloads/{id}/{number}.json"


def _table(org: str, id: str) -> str:
    return f"{org}/downloads/{id}.csv"
