"""The calendar files that go with an e-mail about a booking."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from chalicelib.emails.facts import meetings
from chalicelib.rules.calendar import Organiser, booked, calendar
from chalicelib.rules.messages import File, Letter
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.settings import settings

Method = Literal["PUBLISH", "CANCEL"]


def calendars(letter: Letter, *, now: datetime) -> tuple[File, ...]:
    """Return the files: the dates of a booking, and those that fall out of it. Somebody who is only invited gets none."""
    if letter.registration is None or letter.session is None:
        return ()
    return tuple(_files(letter, letter.session, letter.registration, now))


def _files(letter: Letter, session: Session, registration: Registration, now: datetime) -> Iterator[File]:
    listed = [meeting for meeting in meetings(letter, session, now=now) if registration.covers(meeting)]
    cancelled = letter.kind == "session_cancelled"
    if listed:
        yield _file("CANCEL" if cancelled else "PUBLISH", listed, letter, session, registration, now)
    if letter.before:
        kept = {meeting.id for meeting in session.meetings}
        dropped = [meeting for meeting in letter.before.meetings if meeting.id not in kept and registration.covers(meeting)]
        if dropped:
            yield _file("CANCEL", dropped, letter, session, registration, now)


def _file(method: Method, chosen: Sequence[Meeting], letter: Letter, session: Session, registration: Registration, now: datetime) -> File:
    organisation = letter.organisation
    organiser = Organiser(organisation.name, organisation.reply_to or settings().sender)
    events = list(booked(session, registration, chosen, url=letter.link, by=organiser))
    text = calendar(events, method=method, stamp=now)
    name = "session.ics" if method == "PUBLISH" else "cancelled.ics"
    return File(name, f"text/calendar; charset=utf-8; method={method}", text.encode())
