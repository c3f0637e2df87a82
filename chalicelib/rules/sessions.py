"""A session, its meetings and tiers, and its state at a moment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.rules.change_notices import ChangeNotice
from chalicelib.rules.minimum import DecisionPast, DecisionTooLate, Minimum, MinimumAboveSpots
from chalicelib.rules.money import Money
from chalicelib.rules.pictures import Picture
from chalicelib.rules.questions import Question
from chalicelib.rules.session_refusals import (
    RegistrationClosed,
    RegistrationNotOpen,
    SessionCancelled,
    SessionPast,
)

SessionState = Literal["upcoming", "open", "full", "closed", "past", "cancelled"]


@dataclass(frozen=True, slots=True)
class Meeting:
    """One date of a session."""

    id: str
    starts_at: datetime
    ends_at: datetime
    cancelled_at: datetime | None = None
    """When this date alone was cancelled. The session goes on without it."""
    cancel_reason: str = ""
    tell_cancelled: bool = True
    """Whether people are told of its cancellation, and of its restoration."""


@dataclass(frozen=True, slots=True)
class Tier:
    """One of the session's prices, of which a family chooses one."""

    id: str
    name: str
    price: Money

    @property
    def terms(self) -> tuple[str, Money]:
        """The tier's id and price of a spot, which a registration keeps."""
        return self.id, self.price


@dataclass(frozen=True, slots=True)
class Session:
    """A session. The ledger counts its spots, in `chunks` items."""

    org: str
    id: str
    title: str
    meetings: tuple[Meeting, ...]
    time_zone: str
    spots_total: int
    chunks: int
    tiers: tuple[Tier, ...]
    registration_opens_at: datetime
    registration_closes_at: datetime
    created_at: datetime
    version: int = 1
    description: str = ""
    location: str = ""
    tags: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    min_age: int | None = None
    """The least age in years on the day of the first meeting that somebody attends; None for no such rule."""
    max_age: int | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    cancelled_version: int | None = None
    """The version that cancelled it. It names the e-mails about the cancellation, so that they stay the same when the session is
    written later. None also where an earlier deployment cancelled it and nothing has been written since."""
    tell_cancelled: bool = True
    credit_by: str = ""
    """Of a cancelled session: the address of the member of staff who has its open invoices credited; empty if nobody has."""
    refund_by: str = ""
    """Of a cancelled session: who has its online payments refunded; empty if nobody has."""
    tell_moved: bool = True
    """Whether participants get an e-mail about the latest change of dates or location."""
    notice: ChangeNotice | None = None
    series: str = ""
    """The id that all sessions made together by repeating one share; empty for a session of its own."""
    leaders: tuple[str, ...] = ()
    """The addresses of the members of staff who lead it."""
    followed: str = ""
    """The change of another session of its series that it followed last, so that a repeated request moves nothing twice."""
    minimum: Minimum | None = None
    picture: Picture | None = None
    cancel_until_hours: int | None = None
    """How many hours before a date families may cancel; None for the organisation's setting."""
    date_reminder_hours: int | None = None
    """How many hours before each date those registered get a reminder; 0 for none, None as the organisation's settings say."""
    ending: bool = False
    """Whether its minimum has cancelled it, and its invitations are still to be ended."""

    @property
    def ages(self) -> str:
        """The ages that it is for, as people read them: `6–9`, `6+`, `0–9`, `7`; empty for every age."""
        if self.max_age is None:
            return "" if self.min_age is None else f"{self.min_age}+"
        least = self.min_age or 0
        return str(least) if least == self.max_age else f"{least}–{self.max_age}"

    @property
    def active_meetings(self) -> tuple[Meeting, ...]:
        """The meetings that take place: those that are not cancelled. At least one is left, unless data says otherwise."""
        return tuple(meeting for meeting in self.meetings if not meeting.cancelled_at) or self.meetings

    @property
    def starts_at(self) -> datetime:
        return self.active_meetings[0].starts_at

    @property
    def last_starts_at(self) -> datetime:
        """When the last meeting starts. No invitation expires later."""
        return self.active_meetings[-1].starts_at

    @property
    def ends_at(self) -> datetime:
        return max(meeting.ends_at for meeting in self.active_meetings)

    @property
    def decides_at(self) -> datetime | None:
        """When it is decided whether it takes place; None without a minimum number of participants."""
        return self.minimum.due(self.starts_at) if self.minimum else None

    @property
    def awaits_decision(self) -> bool:
        """Whether the clock still has to decide about its minimum, or to carry its decision out."""
        undecided = self.minimum is not None and self.minimum.outcome == "undecided"
        return self.ending or (undecided and not self.cancelled_at)

    @property
    def closes_with_last_meeting(self) -> bool:
        """Whether registration closes when the last meeting starts."""
        return self.registration_closes_at == self.last_starts_at

    def meeting(self, meeting_id: str) -> Meeting | None:
        return next((meeting for meeting in self.meetings if meeting.id == meeting_id), None)

    def tier(self, tier_id: str) -> Tier | None:
        return next((tier for tier in self.tiers if tier.id == tier_id), None)


def next_version(session: Session, was: Session) -> Session:
    """Return the session as it is written over the version that was read, `was`."""
    named = session.cancelled_version
    if session.cancelled_at and named is None:
        named = was.version if was.cancelled_at else session.version + 1
    return replace(session, version=session.version + 1, cancelled_version=named)


def state(session: Session, free: int, now: datetime) -> SessionState:
    """Return the session's state for lists and pages."""
    if session.cancelled_at:
        return "cancelled"
    if session.last_starts_at <= now:
        return "past" if session.ends_at <= now else "closed"
    if now < session.registration_opens_at:
        return "upcoming"
    if now >= session.registration_closes_at:
        return "closed"
    return "open" if free > 0 else "full"


def next_start(session: Session, now: datetime) -> datetime:
    """Return the start of the current or next meeting; of the last one when the session is over."""
    return next((meeting.starts_at for meeting in session.active_meetings if meeting.ends_at > now), session.last_starts_at)


def remaining(meetings: Sequence[Meeting], now: datetime) -> tuple[Meeting, ...]:
    """Return the meetings that take place and start after `now`: those that a change still affects."""
    return tuple(meeting for meeting in meetings if meeting.starts_at > now and not meeting.cancelled_at)


def free_id(letter: str, taken: Collection[str]) -> str:
    """Return the first id of a letter and a number that is not taken: `m1`, `m2`, …"""
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"


def check_public_window(session: Session, now: datetime) -> None:
    """Refuse public registration outside the registration window."""
    check_not_over(session, now)
    if now < session.registration_opens_at:
        raise RegistrationNotOpen(session.registration_opens_at)
    if now >= session.registration_closes_at:
        raise RegistrationClosed


def check_not_over(session: Session, now: datetime) -> None:
    """Refuse a session that is cancelled or whose last meeting has begun."""
    check_not_cancelled(session)
    if session.last_starts_at <= now:
        raise SessionPast


def check_not_cancelled(session: Session) -> None:
    if session.cancelled_at:
        raise SessionCancelled


def check_minimum(session: Session, was: Session | None, now: datetime) -> None:
    """Refuse a minimum that cannot be reached, or that would be decided at once or too late.

    What the session `was` before and still is has been accepted. Raises MinimumAboveSpots, DecisionTooLate, DecisionPast.
    """
    minimum, known = session.minimum, was.minimum if was else None
    if minimum is None or minimum.outcome != "undecided" or session.decides_at is None:
        return
    is_new = known is None or known.terms != minimum.terms
    if is_new and minimum.participants > session.spots_total:
        raise MinimumAboveSpots
    if is_new and minimum.decide_at and minimum.decide_at >= session.starts_at:
        raise DecisionTooLate
    if session.decides_at <= now and (is_new or was is None or session.decides_at != was.decides_at):
        raise DecisionPast


def walk_in_from(session: Session, now: datetime) -> datetime:
    """Return the moment after which a person whom staff add covers meetings: those that have not ended, or else the last one."""
    covered = next((meeting for meeting in session.active_meetings if meeting.ends_at > now), session.active_meetings[-1])
    return min(now, covered.starts_at - timedelta(seconds=1))
