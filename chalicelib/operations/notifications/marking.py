"""Marking as read: everybody for themselves. Two windows of one person mark what either of them says."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from chalicelib.rules.notifications import LAST, MOST_BEYOND, Seen, settled
from chalicelib.rules.organisations import Member
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import members, notifications

TRIES = 5


def read_some(member: Member, owns: Iterable[str]) -> Member:
    """Mark these as read, as far as they are there, and return the member who has read them."""
    places = [one.place for one in notifications.find(member.org, owns)]
    return _marked(member, lambda seen: seen.with_more(places)) if places else member


def read_all(member: Member, *, until: str = LAST, now: datetime) -> Member:
    """Mark all up to a place as read, by default all that there are, and return the member who has read them.

    Of the last minute they are marked one by one: another may still come to stand among them, which nobody has seen.
    """
    up_to = min(until, settled(now))
    places = notifications.places(member.org, after=up_to, until=until, limit=MOST_BEYOND + 1) if until > up_to else []
    return _marked(member, lambda seen: seen.with_more(places, up_to=up_to))


def _marked(member: Member, change: Callable[[Seen], Seen]) -> Member:
    for _ in range(TRIES):
        wanted = change(member.has_seen)
        try:
            notifications.note_seen(member, wanted)
            return replace(member, seen=wanted)
        except ChangedMeanwhile:
            member = _again(member)
    raise Busy


def _again(member: Member) -> Member:
    found = members.get(member.org, member.user)
    if found is None:
        raise NotFound
    return found
