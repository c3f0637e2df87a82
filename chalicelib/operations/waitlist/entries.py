"""Changes to a waitlist entry: leave, move, remove."""

from contextlib import suppress
from datetime import datetime

from chalicelib.operations import links
from chalicelib.operations.invitations.lifecycle import free
from chalicelib.operations.waitlist.queries import find_entry
from chalicelib.rules.invitations import Ending
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.waitlist import EntryEnded, EntryStatus, WaitlistEntry, place_for_position
from chalicelib.tables import invitations, organisations, waitlist

ATTEMPTS = 8


def leave(token: str, *, everywhere: bool = False, now: datetime) -> None:
    """End the link's entry and decline its offer; `everywhere`: its alternatives too. Does nothing if it has ended.

    Raises NotFound, InvitationAccepted if the offer was accepted.
    """
    org, session_id, id = links.read_waitlist_token(token)
    entry = links.check_waitlist_token(find_entry(org, session_id, id), token)
    for session in [*(entry.others if everywhere else ()), session_id]:  # The link's own last, so that a retry finds the others.
        try:
            _end(org, session, id, "left", "declined", by="link", now=now)
        except NotFound:
            _leave_unlisted(org, session, id)


def _leave_unlisted(org: str, session_id: str, id: str) -> None:
    for entry in waitlist.list_unlisted(org, session_id):
        if entry.id == id:
            waitlist.leave_unlisted(entry)


def confirm(token: str) -> WaitlistEntry:
    """Confirm the address of an entry by the link in its e-mail, and return the entry. Confirmed already: nothing changes.

    From then on it counts like every other in the queue, and so do its alternatives and later entries of the address. Raises NotFound,
    also for the link that joining answers with: its holder has not proved that the address is theirs.
    """
    entry = waitlist.get(*links.read_waitlist_token(token))
    if not links.is_mailed_place(entry, token):
        raise NotFound
    organisations.confirm_address(entry.org, entry.email)
    for other in waitlist.list_alternatives(entry):  # The link's own last, so that a retry finds the others.
        _confirm(other)
    return _confirm(entry)


def _confirm(entry: WaitlistEntry) -> WaitlistEntry:
    """Confirm an entry as it was read, or as it is by now."""
    for _ in range(ATTEMPTS):
        if not entry.unconfirmed or not entry.is_live:
            return entry
        try:
            return waitlist.confirm(entry)
        except ChangedMeanwhile:
            entry = waitlist.get(entry.org, entry.session, entry.id)
    raise Busy


def remove_entry(org: str, public_id: str, *, by: str, now: datetime) -> None:
    """Remove an entry from the waitlist and cancel its offer. Does nothing if it has ended.

    Raises NotFound, InvitationAccepted if the offer was accepted.
    """
    _, session_id, id = Ref.parse(org, public_id)
    _end(org, session_id, id, "removed", "cancelled", by=by, now=now)


def move_entry(org: str, public_id: str, position: int) -> WaitlistEntry:
    """Move the entry to this position, counted from 1. Raises NotFound, EntryEnded, Busy."""
    _, session_id, id = Ref.parse(org, public_id)
    for _ in range(ATTEMPTS):
        entries = {entry.id: entry for entry in waitlist.list_entries(org, session_id)}
        if id not in entries:
            raise NotFound
        if not entries[id].is_live:
            raise EntryEnded
        place = place_for_position(list(entries.values()), entries[id], position)
        try:
            return waitlist.move(entries[id], place)
        except ChangedMeanwhile:
            continue
    raise Busy


def return_held_back(org: str, email: str) -> None:
    """Put the address's entries that were held back because e-mails to it bounced in line again, each at its place.

    Nothing while the address is suppressed: the next look would hold them back again.
    """
    if organisations.email_preferences(org, email).suppressed:
        return
    for entry in waitlist.all_of_address(org, email):
        if entry.is_live and entry.held_back == "suppressed":
            with suppress(ChangedMeanwhile, NotFound):
                waitlist.let_back(waitlist.get(org, entry.session, entry.id))


def _end(org: str, session_id: str, id: str, status: EntryStatus, ending: Ending, *, by: str, now: datetime) -> None:
    for _ in range(ATTEMPTS):
        entry = waitlist.get(org, session_id, id)
        if not entry.is_live:
            return
        if entry.status == "offered":
            end_offer(entry, ending, by=by, now=now)
        try:
            waitlist.leave(entry, status)
        except ChangedMeanwhile:
            continue
        return
    raise Busy


def end_offer(entry: WaitlistEntry, ending: Ending, *, by: str, now: datetime) -> None:
    """End the offer and free its spots, also those of an offer that has ended. Raises InvitationAccepted."""
    try:
        ended = invitations.end(entry.org, entry.session, entry.invitation, ending, by=by, now=now)
    except invitations.NotMovable as refused:
        ended = refused.invitation
    except NotFound:
        return
    free(ended)
