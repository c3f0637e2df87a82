"""A family says who of its party cannot come on one date. The spots stay theirs, and the attendance of that date shows it."""

from datetime import datetime

from chalicelib.operations import public_limits
from chalicelib.operations.attendance import NewMark, mark, read_sheet
from chalicelib.operations.attendance.queries import Attendee, MeetingSheet
from chalicelib.operations.bookings.queries import BookingView, terms_of
from chalicelib.rules.attendance import new_mark
from chalicelib.rules.bookings import NotByYourself, SelfServiceTerms, check_active, excusable_meetings
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting


def dates_to_miss(view: BookingView, *, now: datetime) -> list[Meeting]:
    """Return the dates still to come on which the family may say who cannot come; none where families do nothing by themselves."""
    registration, session, organisation = view.booking
    return excusable_meetings(registration, session, SelfServiceTerms.of(organisation, session), now) if view.booking.is_current else []


def read_absence(registration: Registration, meeting_id: str, *, now: datetime) -> dict[int, bool]:
    """Return who of the party cannot come on a date, by place in the party. Raises NotFound, NotByYourself, BookingEnded."""
    _check(registration, meeting_id, now)
    sheet = read_sheet(registration.org, registration.session, meeting_id, now=now)
    return {one.key.participant: one.status == "excused" for one in _attendees_of(sheet, registration)}


def set_absence(registration: Registration, meeting_id: str, absent: set[int], *, now: datetime) -> None:
    """Excuse these participants of the party on a date, and expect the others again. What staff have marked stays. Safe to repeat.

    Raises NotFound, NotByYourself, BookingEnded, TooManyRequests, Busy.
    """
    _check(registration, meeting_id, now)
    sheet = read_sheet(registration.org, registration.session, meeting_id, now=now)
    changed = [
        NewMark(one.key, new_mark("excused" if one.key.participant in absent else "expected", None, now=now, by=registration.email))
        for one in _attendees_of(sheet, registration)
        if one.status == ("expected" if one.key.participant in absent else "excused")
    ]
    if changed:
        public_limits.count_own_change(registration.org, registration.email, now=now)
        mark(registration.org, registration.session, meeting_id, changed, now=now)


def _attendees_of(sheet: MeetingSheet, registration: Registration) -> list[Attendee]:
    return [one for one in sheet.attendees if one.key.registration == registration.id]


def _check(registration: Registration, meeting_id: str, now: datetime) -> None:
    check_active(registration)
    session, terms = terms_of(registration)
    meeting = session.meeting(meeting_id)
    if meeting is None or not registration.covers(meeting):
        raise NotFound
    if meeting not in excusable_meetings(registration, session, terms, now):
        raise NotByYourself
