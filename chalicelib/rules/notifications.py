"""Notifications for staff. An organisation's staff share them; each staff member has read marks of their own.

The sort key of a notification is the time when it was created, and its id. Keys sort as text in order of time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal, NamedTuple, get_args

NotificationKind = Literal[
    "registered",
    "booking_cancelled",
    "booking_changed",
    "booking_moved",
    "spots_returned",
    "accepted",
    "declined",
    "waiting_for_approval",
    "sold_out",
    "waitlist_joined",
    "bounced",
    "paid_late",
    "refund_failed",
    "goes_ahead",
    "below_minimum",
    "cancelled_below_minimum",
    "webhook_off",
    "mail_rests",
    "job_done",
    "job_failed",
]

KINDS: frozenset[str] = frozenset(get_args(NotificationKind))
RETENTION = timedelta(days=90)
MOST_COUNTED = 100
"""The unread count stops here; pages show 99+."""
SETTLING = timedelta(minutes=1)
"""No notification is still being written before one that is older than this."""
MOST_BEYOND = 60
"""How many single read marks are kept. More would double the cost of the staff member's row, which every request of theirs reads."""
LAST = "~"
"""Sorts after every key; as the id in a key, after every other key of that moment."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification. `about` has ids only, no personal data: names are looked up when it is read."""

    org: str
    id: str
    kind: NotificationKind
    at: datetime
    about: Mapping[str, str]

    @property
    def sort_key(self) -> str:
        return sort_key(self.at, self.id)

    @property
    def forget_at(self) -> datetime:
        return self.at + RETENTION


class ReadMarks(NamedTuple):
    """The notifications that a staff member has read: all up to a sort key, and single ones beyond it, latest first."""

    up_to: str = ""
    beyond: tuple[str, ...] = ()

    def has(self, one: str) -> bool:
        return one <= self.up_to or one in self.beyond

    def with_more(self, keys: Iterable[str], *, up_to: str = "") -> "ReadMarks":
        """Return the marks with these sort keys added.

        Above MOST_BEYOND single keys, `up_to` moves on, and older unread notifications count as read.
        """
        up_to = max(self.up_to, up_to)
        beyond = sorted({one for one in (*self.beyond, *keys) if one > up_to}, reverse=True)
        if len(beyond) > MOST_BEYOND:
            up_to, beyond = beyond[MOST_BEYOND], beyond[:MOST_BEYOND]
        return ReadMarks(up_to, tuple(beyond))


def notification_id(kind: NotificationKind, org: str, key: str) -> str:
    """Return the id of a notification, derived from its cause, so that a repeated event adds no second one."""
    return sha256("\0".join((kind, org, key)).encode()).hexdigest()[:16]


def sort_key(at: datetime, id: str = "") -> str:
    """Return the sort key of a notification created at `at`; without an id, one before all others of that moment."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')}#{id}"


def oldest(now: datetime) -> str:
    """Return the sort key before which notifications are no longer shown, even if their rows still exist."""
    return sort_key(now - RETENTION)


def settled(now: datetime) -> str:
    """Return the sort key before which no notification can be added any more. "Mark all as read" reaches up to it."""
    return sort_key(now - SETTLING, LAST)
