"""What people and staff do with an entry: leave, move, remove."""

from datetime import datetime

from chalicelib.operations import links
from chalicelib.operations.invitations.keeping import free
from chalicelib.rules.invitations import Ending
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.waitlist import Entry, EntryStatus, NotWaiting, moved_to
from chalicelib.tables import invitations, keys, waitlist

ATTEMPTS = 8


def leave(token: str, *, now: datetime) -> None:
    """Take the holder of the link off the waitlist; an offer is declined with it. Left already: nothing changes.

    Raises NotFound; AlreadyAccepted when the offer became a registration.
    """
    org, session_id, own = links.waiting(token)
    _end(org, session_id, own, "left", "declined", by="link", now=now)


def remove_entry(org: str, entry_id: str, *, by: str, now: datetime) -> None:
    """Take an entry off the waitlist; an offer is taken back with it. Gone already: nothing changes. Raises NotFound, AlreadyAccepted."""
    session_id, own = keys.parted(entry_id)
    _end(org, session_id, own, "removed", "cancelled", by=by, now=now)


def move_entry(org: str, entry_id: str, position: int) -> Entry:
    """Make the entry the one at this position, counted from 1. Raises NotFound, NotWaiting."""
    session_id, own = keys.parted(entry_id)
    for _ in range(ATTEMPTS):
        entries = {entry.id: entry for entry in waitlist.list_entries(org, session_id)}
        if own not in entries:
            raise NotFound
        if not entries[own].live:
            raise NotWaiting
        place = moved_to(list(entries.values()), entries[own], position)
        try:
            return waitlist.move(entries[own], place)
        except ChangedMeanwhile:
            continue
    raise Busy


def _end(org: str, session_id: str, own: str, status: EntryStatus, ending: Ending, *, by: str, now: datetime) -> None:
    for _ in range(ATTEMPTS):
        entry = waitlist.get(org, session_id, own)
        if not entry.live:
            return
        if entry.status == "offered":
            end_offer(entry, ending, by=by, now=now)
        try:
            waitlist.leave(entry, status)
        except ChangedMeanwhile:
            continue
        return
    raise Busy


def end_offer(entry: Entry, ending: Ending, *, by: str, now: datetime) -> None:
    """End the offer and free its spots; ended already, they are to be free all the same. Raises AlreadyAccepted."""
    try:
        ended = invitations.end(entry.org, entry.session, entry.invitation, ending, by=by, now=now)
    except invitations.NotMovable as refused:
        ended = refused.invitation
    except NotFound:
        return
    free(ended)
