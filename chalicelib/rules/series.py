"""A series: sessions that were made together by repeating one. Each stands for itself, and may follow a change of an earlier one."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.rules.minimum import Minimum, with_decision
from chalicelib.rules.recurrence import Span, by_clock, distance, moved
from chalicelib.rules.sessions import Meeting, Session, free_id

MOVED = frozenset({"meetings", "time_zone", "registration_opens_at", "registration_closes_at", "minimum"})
"""Fields in which a session follows by the same distance; all others it takes over as they are."""


def follows(session: Session, leader: Session, now: datetime) -> bool:
    """Whether a change of the leader and the following sessions reaches this one: it lies ahead, and not before the leader."""
    ahead = session.starts_at >= leader.starts_at and session.last_starts_at > now
    return ahead and session.id != leader.id and session.series == leader.series != "" and not session.cancelled_at


def followed(session: Session, leader: Session, edited: Session, named: Collection[str], now: datetime) -> Session:
    """Return the session after it followed the change of its leader to `edited`, of which `named` are the fields.

    Dates move by the same distance on the clock as the leader's; those that have begun stay. Raises DateTooLate.
    """
    alike = {name: getattr(edited, name) for name in set(named) - MOVED}
    changed = replace(session, **alike, meetings=_meetings(session, leader, edited, now), time_zone=edited.time_zone)
    opens = distance(leader.registration_opens_at, edited.registration_opens_at, leader.time_zone)
    opens_at = by_clock(session.registration_opens_at, opens, session.time_zone)
    closes_at = _closes_at(session, changed, leader, edited)
    minimum = _minimum(session, changed, edited) if "minimum" in named else session.minimum
    return replace(changed, registration_opens_at=opens_at, registration_closes_at=closes_at, minimum=minimum)


def _minimum(session: Session, changed: Session, edited: Session) -> Minimum | None:
    """Return the leader's minimum, to be decided as long before this session as before the leader. An unchanged one stays decided."""
    if edited.minimum is None:
        return None
    by, decide_at = distance(edited.starts_at, changed.starts_at, edited.time_zone), edited.minimum.decide_at
    return with_decision(edited.minimum.undecided(decide_at and by_clock(decide_at, by, edited.time_zone)), session.minimum)


def _closes_at(session: Session, changed: Session, leader: Session, edited: Session) -> datetime:
    by = distance(leader.registration_closes_at, edited.registration_closes_at, leader.time_zone)
    stays = not by and session.closes_with_last_meeting
    if edited.closes_with_last_meeting or stays:
        return changed.last_starts_at
    return by_clock(session.registration_closes_at, by, session.time_zone)


def _meetings(session: Session, leader: Session, edited: Session, now: datetime) -> tuple[Meeting, ...]:
    """Return the dates of a session that follows. It keeps its own if the change would leave it none."""
    planned = (*_planned(session, leader, edited, now), *_added(session, leader, edited, now))
    found = sorted(planned, key=lambda meeting: (meeting.starts_at, meeting.ends_at))
    return tuple(found) if any(not meeting.cancelled_at for meeting in found) else session.meetings


def _planned(session: Session, leader: Session, edited: Session, now: datetime) -> Iterator[Meeting]:
    before, after = ({meeting.id: meeting for meeting in one.meetings} for one in (leader, edited))
    for meeting in session.meetings:
        was, became = before.get(meeting.id), after.get(meeting.id)
        if meeting.starts_at <= now:
            yield meeting
        elif was is None or became:
            yield _moved(meeting, session, was or meeting, became or was or meeting, leader, edited)


def _moved(meeting: Meeting, session: Session, was: Meeting, became: Meeting, leader: Session, edited: Session) -> Meeting:
    zones = (leader.time_zone, edited.time_zone if became is not was else "")
    by, end_by = distance(was.starts_at, became.starts_at, *zones), distance(was.ends_at, became.ends_at, *zones)
    starts, ends = moved(Span(meeting.starts_at, meeting.ends_at), by, session.time_zone, end_by=end_by, new_zone=edited.time_zone)
    return replace(meeting, starts_at=starts, ends_at=ends)


def _added(session: Session, leader: Session, edited: Session, now: datetime) -> Iterator[Meeting]:
    """Yield the dates that the leader has got, each as far from the session's first date as from the leader's."""
    offset: timedelta = distance(leader.meetings[0].starts_at, session.meetings[0].starts_at, leader.time_zone, session.time_zone)
    known, taken = {meeting.id for meeting in leader.meetings}, {meeting.id for meeting in session.meetings}
    for meeting in edited.meetings:
        starts, ends = moved(Span(meeting.starts_at, meeting.ends_at), offset, edited.time_zone)
        if meeting.id not in known and starts > now:
            chosen = meeting.id if meeting.id not in taken else free_id("m", taken)
            taken.add(chosen)
            yield Meeting(chosen, starts, ends)
