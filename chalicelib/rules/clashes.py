"""Clashes: the same participant of a customer on dates that overlap. They are a warning and never a refusal."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from chalicelib.rules.registrations import Registration, same_participant
from chalicelib.rules.sessions import Meeting, Session


class Clash(NamedTuple):
    """A participant who is on another session at the same time."""

    participant: str
    """The name, as it is on the other session."""
    session: Session
    """The other session."""
    meeting: Meeting
    """Its first date that overlaps."""
    dates: int
    """How many of its dates overlap."""


def overlap(one: Meeting, other: Meeting) -> bool:
    """Whether two dates have a moment in common. One that begins when the other ends does not clash with it."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def takes_place(meetings: Iterable[Meeting]) -> list[Meeting]:
    return [meeting for meeting in meetings if not meeting.cancelled_at]


def clashes(
    names: Collection[str] | None, meetings: Sequence[Meeting], booked: Iterable[tuple[Registration, Session]], *, beside: str
) -> list[Clash]:
    """Return where these participants are booked on other dates that overlap with `meetings`, in order of time.

    `names` None stands for everybody of the customer. `booked` has the customer's registrations with their sessions; `beside` is the id of
    the session in question, which never clashes with itself. Cancelled sessions and removed registrations do not clash.
    """
    wanted = None if names is None else {same_participant(name) for name in names}
    planned, seen, found = takes_place(meetings), set[tuple[str, str]](), list[Clash]()
    for registration, session in booked:
        if session.id == beside or session.cancelled_at or registration.removed_at:
            continue
        shared = _shared(planned, registration, session)
        for name, compared in _named(registration, wanted):
            if shared and (session.id, compared) not in seen:
                seen.add((session.id, compared))
                found.append(Clash(name, session, shared[0], len(shared)))
    return sorted(found, key=lambda one: (one.meeting.starts_at, one.session.id, one.participant))


def _shared(planned: Sequence[Meeting], registration: Registration, session: Session) -> list[Meeting]:
    """Return the dates that the registration covers and that overlap with the planned ones."""
    covered = (meeting for meeting in takes_place(session.meetings) if registration.covers(meeting))
    return sorted((one for one in covered if any(overlap(one, other) for other in planned)), key=lambda one: one.starts_at)


def _named(registration: Registration, wanted: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """Yield the wanted participants of a registration, each with the name that is compared."""
    for name in registration.participants:
        compared = same_participant(name)
        if wanted is None or compared in wanted:
            yield name, compared
