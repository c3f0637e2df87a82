"""The waitlist for staff, and one position on it for the holder of its link."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.operations.sessions.queries import SessionView
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.rules.wait_reasons import Circumstances, WaitReason, wait_reasons
from chalicelib.rules.waitlist import PlaceInLine, Queue, WaitlistEntry, placed, queue_of
from chalicelib.tables import booking_context, invitations, organisations, sessions, waitlist


class WaitlistView(NamedTuple):
    """A session's waitlist: live entries in order, ended ones, and the rules of its queue."""

    session: SessionView
    organisation: Organisation
    queue: Queue
    places: list[PlaceInLine]
    ended: list[WaitlistEntry]

    def reserved(self, now: datetime) -> bool:
        """Whether free spots are reserved for the waitlist."""
        return self.session.reserved(self.queue, now)


class OwnPlace(NamedTuple):
    """An entry for its holder. The position is 0 once it has ended."""

    entry: WaitlistEntry
    session: Session
    organisation: Organisation
    position: int


def read_waitlist(org: str, session_id: str, *, now: datetime) -> WaitlistView:
    """Return the waitlist of a session. Raises NotFound."""
    session, chunks = sessions.get_with_ledger(org, session_id)
    organisation, entries = organisations.get(org), waitlist.list_entries(org, session_id)
    offered = [(session_id, entry.invitation) for entry in entries if entry.status == "offered"]
    batches = [offered[first : first + 100] for first in range(0, len(offered), 100)]
    offers = [found for batch in batches for found in invitations.find_all(org, batch)]
    return WaitlistView(
        session=SessionView.at(session, chunks, now),
        organisation=organisation,
        queue=queue_of(session, organisation.waitlist),
        places=placed(entries, offers),
        ended=sorted((entry for entry in entries if not entry.is_live), key=lambda entry: entry.joined_at, reverse=True),
    )


def explain(view: WaitlistView, *, now: datetime) -> list[WaitReason]:
    """Return the reason why each live entry has no offer, in order."""
    entries = [place.entry for place in view.places]
    preferences = organisations.email_preferences_of(view.organisation.org, (entry.email for entry in entries))
    session, settings = view.session.session, view.organisation.waitlist
    about = Circumstances(
        session_over=bool(session.cancelled_at) or session.last_starts_at <= now,
        registration_closed=session.registration_closes_at <= now,
        auto_offer=settings.auto_offer,
        free=view.session.spots.free,
        queue=view.queue,
        suppressed={email for email, wanted in preferences.items() if wanted.suppressed},
        now=now,
    )
    return list(wait_reasons(entries, about))


def read_own_entry(token: str) -> OwnPlace:
    """Return the entry of the link in any status. Raises NotFound."""
    place = read_place(*links.read_waitlist_token(token))
    links.check_waitlist_token(place.entry, token)
    return place


def is_confirmed(entry: WaitlistEntry, token: str) -> bool:
    """Whether the address of the entry is confirmed, as far as the holder of this link may know.

    Anybody can join with anybody's address, so only the link in the e-mail tells that an address was known before.
    """
    return not entry.unconfirmed and (not entry.vouched or links.is_mailed_place(entry, token))


def find_entry(org: str, session_id: str, id: str) -> WaitlistEntry:
    """Return an entry, possibly an unlisted one. Raises NotFound."""
    found = waitlist.find(org, session_id, id)
    found = found or next((one for one in waitlist.list_unlisted(org, session_id) if one.id == id), None)
    if found is None:
        raise NotFound
    return found


def position(entry: WaitlistEntry) -> int:
    """Return the position of an entry as strangers see it, counted from 1: unlisted ones have one too. 0 once it has ended."""
    if not entry.is_live:
        return 0
    unlisted = [one for one in waitlist.list_unlisted(entry.org, entry.session) if one.is_live]
    before = sum((one.place, one.id) <= (entry.place, entry.id) for one in unlisted)
    return waitlist.count_up_to(entry) + before


def read_place(org: str, session_id: str, id: str) -> OwnPlace:
    """Return an entry, possibly an unlisted one, with its position. Raises NotFound."""
    entry = find_entry(org, session_id, id)
    context = booking_context.read(org, session_id)
    return OwnPlace(entry, context.session, context.organisation, position(entry))
