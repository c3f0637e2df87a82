"""The position that is told to who joins a waitlist. It follows from the counts, so that it costs the same however many wait."""

from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.rules.waitlist import WaitlistEntry

RECENT = timedelta(minutes=10)
"""So long after joining, an e-mail tells the position that the answer told. Later it is counted anew."""


class Ahead(NamedTuple):
    """How many stand before one who joins: live entries, None if they are not counted, and unlisted ones.

    Who joins at the same moment is told the same position: a condition on the number would refuse one of them in a rush.
    """

    live: int | None
    unlisted: int = 0

    @property
    def position(self) -> int:
        """The position of the one who joins, counted from 1; 0 if it is not known."""
        return 0 if self.live is None else self.live + self.unlisted + 1


def recent_first_position(entry: WaitlistEntry, now: datetime) -> int:
    """Return the position that the entry was told when it joined. 0 if it was told none, or has moved, or joined too long ago."""
    return entry.first_position if now - entry.joined_at < RECENT else 0
