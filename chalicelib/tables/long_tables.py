"""Tables that are too long to be made within one request: a job writes them into the bucket stretch by stretch, and joins these at last.

a stretch, and where the list goes on     org/downloads/job/number.json
the table                                 org/downloads/job.csv
"""

import json
from typing import NamedTuple

from chalicelib.tables import files
from chalicelib.tables.items import Item

KIND = "text/csv; charset=utf-8"


class Stretch(NamedTuple):
    """A part of the table. `place` is where the list goes on after it; None when it was the last."""

    text: str
    place: Item | None


def read(org: str, own: str, number: int) -> Stretch:
    """Return a stretch as it was kept. Raises FileGone."""
    return Stretch(**json.loads(files.get(_stretch(org, own, number))["Body"].read()))


def keep(org: str, own: str, number: int, stretch: Stretch) -> None:
    """Keep a stretch. The same again is the same."""
    files.put(_stretch(org, own, number), json.dumps(stretch._asdict()).encode(), "application/json")


def join(org: str, own: str, stretches: int) -> None:
    """Write the table of its stretches, one after the other. The same again is the same. Raises FileGone."""
    content = b"".join(read(org, own, number).text.encode() for number in range(stretches))
    files.put(_table(org, own), content, KIND)


def link_to(org: str, own: str, name: str) -> str:
    """Return a link that fetches the table under this name, good for a quarter of an hour."""
    return files.link(_table(org, own), name)


def _stretch(org: str, own: str, number: int) -> str:
    return f"{org}/downloads/{own}/{number}.json"


def _table(org: str, own: str) -> str:
    return f"{org}/downloads/{own}.csv"
