"""Plans a session that repeats: as one course with all its dates, or as a series of sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.identity import derived
from chalicelib.operations.quotas import check_room
from chalicelib.operations.sessions.edit import create_session, write_session
from chalicelib.operations.sessions.queries import SessionView
from chalicelib.rules.inputs.new_sessions import RepeatedSessionInput
from chalicelib.rules.inputs.sessions import MeetingInput
from chalicelib.rules.recurrence import MOST_DATES, Span, TooManyDates, by_clock, distance, repeated
from chalicelib.rules.sessions import Session
from chalicelib.tables import sessions


class Series(NamedTuple):
    """Sessions that were made together."""

    id: str
    items: list[SessionView]


def preview(draft: RepeatedSessionInput) -> list[Span]:
    """Return all dates that the draft makes, in order, and make nothing. Raises NoDates, TooManyDates, DateTooLate."""
    found = sorted(span for spans in _spans(draft) for span in spans)
    if draft.repeat.result == "course" and len(found) > MOST_DATES:
        raise TooManyDates
    return found


def create_course(org: str, draft: RepeatedSessionInput, *, key: str, now: datetime) -> SessionView:
    """Create one session with all dates of the draft. A retry returns what the first attempt made. Raises what `preview` does, NotFound."""
    return create_session(org, draft.model_copy(update={"meetings": _inputs(preview(draft))}), key=key, now=now)


def create_series(org: str, draft: RepeatedSessionInput, *, key: str, now: datetime) -> Series:
    """Create a session for each date of the draft.

    Ids derive from the key and the place in the series: a retry after a crash makes those that are missing, and no other.
    Raises what `preview` does, NotFound, and TooManySessions before anything is made.
    """
    found, series = _spans(draft), derived("series", org, key)
    drafts = [_draft(draft, spans, found[0]) for spans in found]
    ids = [series_session_id(org, series, index) for index in range(len(drafts))]
    check_room(org, "sessions", lambda: len(drafts) - len(sessions.several(org, ids)))
    made = [write_session(org, one, id=id, series=series, now=now) for id, one in zip(ids, drafts, strict=True)]
    return Series(series, [SessionView.at(*sessions.get_with_ledger(org, one.id), now) for one in made])


def series_session_id(org: str, series: str, index: int) -> str:
    """Return the id of a session of a series, by its place from 0."""
    return derived("session", org, series, str(index))


def series_sessions(session: Session) -> list[Session]:
    """Return the sessions of a session's series that still exist, by start."""
    ids = [series_session_id(session.org, session.series, index) for index in range(MOST_DATES)] if session.series else []
    return sorted(sessions.several(session.org, ids).values(), key=lambda one: one.starts_at)


def _spans(draft: RepeatedSessionInput) -> list[list[Span]]:
    given = [Span(meeting.starts_at, meeting.ends_at) for meeting in draft.meetings]
    return repeated(given, draft.repeat.recurrence, draft.time_zone)


def _draft(draft: RepeatedSessionInput, spans: Sequence[Span], first: Sequence[Span]) -> RepeatedSessionInput:
    """Return the draft of one session of the series. Its registration closes, and its minimum is decided, as long before it as
    those of the first one."""
    by = distance(first[0].starts_at, spans[0].starts_at, draft.time_zone)
    closes, minimum = draft.registration_closes_at, draft.minimum
    if closes:
        closes = by_clock(closes, by, draft.time_zone)
    if minimum and minimum.decide_at:
        minimum = minimum.model_copy(update={"decide_at": by_clock(minimum.decide_at, by, draft.time_zone)})
    return draft.model_copy(update={"meetings": _inputs(spans), "registration_closes_at": closes, "minimum": minimum})


def _inputs(spans: Sequence[Span]) -> list[MeetingInput]:
    return [MeetingInput(starts_at=span.starts_at, ends_at=span.ends_at) for span in spans]
