"""Notifications: what staff are told of. All of an organisation share one, and each remembers what they have seen.

A place is where a notification stands among the others: when it was made, and its id. As text it sorts as the time does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal, NamedTuple, get_args

Kind = Literal[
    "registered",
    "accepted",
    "declined",
    "waiting_for_approval",
    "sold_out",
    "waitlist_joined",
    "bounced",
    "job_done",
    "job_failed",
]

KINDS: frozenset[str] = frozenset(get_args(Kind))
KEPT = timedelta(days=90)
MOST_COUNTED = 100
"""Nobody counts further: so many unread ones are shown as 99+."""
SETTLING = timedelta(minutes=1)
"""One that is older than this has nothing before it that is still being written."""
MOST_BEYOND = 60
"""How many seen one by one are remembered, the latest: with more, the row that every request of theirs reads would cost double."""
LAST = "~"
"""Comes after every place, and behind a moment after every place of it."""


@dataclass(frozen=True, slots=True)
class Notification:
    """Something happened. `about` names the things, and nobody: who they are is looked up when it is read."""

    org: str
    id: str
    kind: Kind
    at: datetime
    about: Mapping[str, str]

    @property
    def place(self) -> str:
        return place(self.at, self.id)

    @property
    def forget_at(self) -> datetime:
        return self.at + KEPT


class Seen(NamedTuple):
    """What one person has seen: all up to a place, and some beyond it, the latest first."""

    up_to: str = ""
    beyond: tuple[str, ...] = ()

    def has(self, one: str) -> bool:
        return one <= self.up_to or one in self.beyond

    def with_more(self, places: Iterable[str], *, up_to: str = "") -> "Seen":
        """Return what they have seen after these too. Of more than are remembered one by one, the oldest takes all before it along."""
        up_to = max(self.up_to, up_to)
        beyond = sorted({one for one in (*self.beyond, *places) if one > up_to}, reverse=True)
        if len(beyond) > MOST_BEYOND:
            up_to, beyond = beyond[MOST_BEYOND], beyond[:MOST_BEYOND]
        return Seen(up_to, tuple(beyond))


def notification_id(kind: Kind, org: str, key: str) -> str:
    """Return the id that belongs to what happened, so that noticing it again adds nothing."""
    return sha256("\0".join((kind, org, key)).encode()).hexdigest()[:16]


def place(at: datetime, own: str = "") -> str:
    """Return where something made at this moment stands; without an id, before all that were made then."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')}#{own}"


def oldest(now: datetime) -> str:
    """Return the place before which nothing is shown any more, whether it is deleted by then or not."""
    return place(now - KEPT)


def settled(now: datetime) -> str:
    """Return the place before which nothing can be added any more: whoever marks everything as read has read that."""
    return place(now - SETTLING, LAST)
