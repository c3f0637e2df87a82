"""Read marks, one set for each member. Marks from two windows are joined."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from chalicelib.rules.notifications import LAST, MOST_BEYOND, ReadMarks, settled
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import notifications, staff

TRIES = 5


def read_some(member: StaffMember, ids: Iterable[str]) -> StaffMember:
    """Mark these notifications as read and return the updated member. Ignores unknown ids."""
    sort_keys = [one.sort_key for one in notifications.find(member.org, ids)]
    return _marked(member, lambda seen: seen.with_more(sort_keys)) if sort_keys else member


def read_all(member: StaffMember, *, until: str = LAST, now: datetime) -> StaffMember:
    """Mark all notifications up to a place as read, by default all, and return the updated member.

    Notifications of the last minute are marked one by one, since an earlier one may still be recorded.
    """
    up_to = min(until, settled(now))
    sort_keys = notifications.sort_keys(member.org, after=up_to, until=until, limit=MOST_BEYOND + 1) if until > up_to else []
    return _marked(member, lambda seen: seen.with_more(sort_keys, up_to=up_to))


def _marked(member: StaffMember, change: Callable[[ReadMarks], ReadMarks]) -> StaffMember:
    for _ in range(TRIES):
        wanted = change(member.has_seen)
        try:
            notifications.note_seen(member, wanted)
            return replace(member, seen=wanted)
        except ChangedMeanwhile:
            member = _again(member)
    raise Busy


def _again(member: StaffMember) -> StaffMember:
    found = staff.get(member.org, member.user)
    if found is None:
        raise NotFound
    return found
