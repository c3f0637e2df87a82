"""Looking at a waitlist: all of it for staff, one's own place for whoever has the link."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.operations.sessions.reading import SessionView
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import Circumstances, Entry, Line, Place, Why, in_order, line, placed, reserved, why
from chalicelib.tables import invitations, organisations, rosters, sessions, waitlist


class WaitlistView(NamedTuple):
    """A session's waitlist: who is on it, in order, who was, and how its line works."""

    session: SessionView
    organisation: Organisation
    line: Line
    places: list[Place]
    ended: list[Entry]

    def reserved(self, now: datetime) -> bool:
        """Whether free spots are kept from the public."""
        return reserved(self.session.waiting, self.session.spots.free, self.line, now)


class OwnPlace(NamedTuple):
    """One's own entry. The position is 0 once it has ended."""

    entry: Entry
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
        line=line(session, organisation.waitlist),
        places=placed(entries, offers),
        ended=sorted((entry for entry in entries if not entry.live), key=lambda entry: entry.joined_at, reverse=True),
    )


def explain(view: WaitlistView, *, now: datetime) -> list[Why]:
    """Say of everybody on the list why no offer went out."""
    entries = [place.entry for place in view.places]
    wishes = organisations.wishes_of(view.organisation.org, (entry.email for entry in entries))
    session, settings = view.session.session, view.organisation.waitlist
    about = Circumstances(
        over=bool(session.cancelled_at) or session.last_starts_at <= now,
        auto_offer=settings.auto_offer,
        free=view.session.spots.free,
        line=view.line,
        suppressed={email for email, wish in wishes.items() if wish.suppressed},
        now=now,
    )
    return list(why(entries, about))


def look_at_place(token: str) -> OwnPlace:
    """Return the entry that the link names, whatever has become of it. Raises NotFound."""
    return read_place(*links.waiting(token))


def read_place(org: str, session_id: str, own: str) -> OwnPlace:
    """Return an entry with its position. Raises NotFound."""
    entry = waitlist.get(org, session_id, own)
    desk = rosters.desk(org, session_id)
    ahead = [other.id for other in in_order(waitlist.list_entries(org, session_id))]
    return OwnPlace(entry, desk.session, desk.organisation, ahead.index(own) + 1 if own in ahead else 0)
