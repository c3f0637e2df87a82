"""Notices of changed dates or locations: changes shortly after an e-mail are gathered into one more e-mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta

GATHER = timedelta(minutes=5)
"""Changes of dates or location within this time after an e-mail about one are gathered into one more e-mail."""


SAVED_BY = timedelta(minutes=1)
"""How long before it leaves a gathered e-mail takes in no more changes. A request is over by then, so none is saved unseen."""


@dataclass(frozen=True, slots=True)
class ChangeNotice:
    """The latest notice to the people on a session that its dates or location changed."""

    version: int
    """The version of the session that has the first announced change."""
    leaves_at: datetime
    after: int = 0
    """The version of the notice shortly before it, after which this one gathers changes; 0 for one that leaves at once."""


def next_notice(last: ChangeNotice | None, version: int, now: datetime) -> ChangeNotice:
    """Return the notice of a change: the pending notice that still collects changes, a delayed notice after a recent one, or a new one."""
    if last is None or now >= last.leaves_at + GATHER:
        return ChangeNotice(version, now)
    if last.after and now < last.leaves_at - SAVED_BY:
        return last
    return ChangeNotice(version, last.leaves_at + GATHER, after=last.version)
