"""The recipients of e-mails about a session: all who are on its roster or may still come."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.rules.addresses import compared
from chalicelib.rules.invitations import LIVE, Invitation, status
from chalicelib.rules.ledger import Hold
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import booking_context, organisations
from chalicelib.tables.booking_context import Roster

MOST_AT_ONCE = 100

Recipient = tuple[str, str, str, str]
"""The role, id, address and locale of one."""


def move_is_announced(session: Session, *, now: datetime) -> bool:
    """Whether people are told of the latest change of dates or location: not when staff say no, nor when it is over or cancelled."""
    return session.tell_moved and not session.cancelled_at and session.ends_at > now


def recipients(session: Session, *, now: datetime, meeting: Meeting | None = None) -> Iterator[Recipient]:
    """Yield (role, id, address, locale) of each registration, live invitation and live entry; role is one of these three words.

    With a `meeting`, only those registrations that cover it.
    """
    yield from recipients_on(booking_context.roster(session.org, session.id)._replace(session=session), now=now, meeting=meeting)


def recipients_on(roster: Roster, *, now: datetime, meeting: Meeting | None = None) -> Iterator[Recipient]:
    """Yield the recipients, as `recipients` does, of a roster that was read."""
    holds, session = roster.holds(), roster.session
    locale = organisations.get(session.org).locale
    for registration in roster.registrations:
        if _is_current(registration, holds.get(registration.hold)) and (meeting is None or registration.covers(meeting)):
            yield "registration", registration.id, registration.email, registration.locale
    live = [one for one in roster.invitations if _was_live(one, holds.get(one.id), session.cancelled_at or now)]
    for invitation in live:
        yield "invitation", invitation.id, invitation.email, locale
    invited = {invitation.id for invitation in live}
    for entry in roster.waitlist:
        if (entry.is_live or entry.status == "closed") and entry.invitation not in invited:
            yield "entry", entry.id, entry.email, entry.locale


def reachable(session: Session, *, now: datetime, meeting: Meeting | None = None) -> set[str]:
    """Return the addresses, in the form in which they are compared, of all who get an e-mail about the session, or one of its dates."""
    emails = list({compared(to): to for _, _, to, _ in recipients(session, now=now, meeting=meeting) if to}.values())
    found: set[str] = set()
    for first in range(0, len(emails), MOST_AT_ONCE):
        preferences = organisations.email_preferences_of(session.org, emails[first : first + MOST_AT_ONCE])
        found |= {compared(email) for email, wants in preferences.items() if not wants.suppressed}
    return found


def _is_current(registration: Registration, hold: Hold | None) -> bool:
    return not registration.removed_at and (registration.confirmed_at is not None or registration.holds(hold))


def _was_live(invitation: Invitation, hold: Hold | None, moment: datetime) -> bool:
    """Whether it was live at that moment. Invitations that the session's cancellation ended count, since they must be told."""
    if invitation.ended == "cancelled" and invitation.ended_at and invitation.ended_at >= moment:
        return True
    return status(invitation, hold, moment) in LIVE
