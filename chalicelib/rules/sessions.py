"""What a session is, and what state it is in at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.rules.money import Money
from chalicelib.rules.questions import Question
from chalicelib.rules.refusals import Refusal, marked

State = Literal["upcoming", "open", "full", "closed", "past", "cancelled"]


class SessionCancelled(Refusal):
    code = "session_cancelled"
    sentence = marked("This session is cancelled. Choose another one.")


class SessionPast(Refusal):
    code = "session_past"
    sentence = marked("The last date of this session has begun. Choose another session.")


class RegistrationNotOpen(Refusal):
    """The public may not register yet; somebody invited may."""

    code = "registration_not_open"
    sentence = marked("Registration for this session has not opened yet. Come back when it opens.")

    def __init__(self, opens_at: datetime) -> None:
        self.opens_at = opens_at


class RegistrationClosed(Refusal):
    code = "registration_closed"
    sentence = marked("Registration for this session has closed. Ask the organiser whether there is another way in.")


class SessionInUse(Refusal):
    code = "session_in_use"
    sentence = marked("People are or were on this session, so its history stays. Cancel it instead of deleting it.")


class BelowUse(Refusal):
    """Fewer spots than people: allowed once somebody has said yes to it."""

    code = "below_use"
    sentence = marked(
        "%(used)d spots are taken or held already. Nobody would be dropped and nothing would be free. "
        "Confirm it to lower the number all the same."
    )

    def __init__(self, used: int) -> None:
        self.used = used


class ClosesBeforeItOpens(Refusal):
    code = "closes_before_it_opens"
    sentence = marked("Registration must close after it opens. Change both together.")


class MixedCurrencies(Refusal):
    code = "mixed_currencies"
    sentence = marked("All prices of a session are in one currency.")


@dataclass(frozen=True, slots=True)
class Meeting:
    """One date of a session."""

    id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Tier:
    """One of the prices that a family picks from."""

    id: str
    name: str
    price: Money

    @property
    def terms(self) -> tuple[str, Money]:
        """What a registration keeps of it: its id, and the price of a spot."""
        return self.id, self.price


@dataclass(frozen=True, slots=True)
class Session:
    """The bookable thing. Its spots are counted by the ledger; `chunks` says how many items that has."""

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
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    tell_cancelled: bool = True

    @property
    def starts_at(self) -> datetime:
        return self.meetings[0].starts_at

    @property
    def last_starts_at(self) -> datetime:
        """No invitation outlives this moment."""
        return self.meetings[-1].starts_at

    @property
    def ends_at(self) -> datetime:
        return max(meeting.ends_at for meeting in self.meetings)

    def tier(self, tier_id: str) -> Tier | None:
        return next((tier for tier in self.tiers if tier.id == tier_id), None)


def state(session: Session, free: int, now: datetime) -> State:
    """Return the one state that the session is in, for a list or a page."""
    if session.cancelled_at:
        return "cancelled"
    if session.ends_at <= now:
        return "past"
    if now < session.registration_opens_at:
        return "upcoming"
    if now >= session.registration_closes_at:
        return "closed"
    return "open" if free > 0 else "full"


def next_start(session: Session, now: datetime) -> datetime:
    """Return when the meeting starts that is under way or comes next; of a session that is over, the last one."""
    return next((meeting.starts_at for meeting in session.meetings if meeting.ends_at > now), session.last_starts_at)


def remaining(meetings: Sequence[Meeting], now: datetime) -> tuple[Meeting, ...]:
    """Return the meetings that a change made now still touches: those that start after now."""
    return tuple(meeting for meeting in meetings if meeting.starts_at > now)


def check_public_window(session: Session, now: datetime) -> None:
    """Refuse the public outside the registration window."""
    check_not_over(session, now)
    if now < session.registration_opens_at:
        raise RegistrationNotOpen(session.registration_opens_at)
    if now >= session.registration_closes_at:
        raise RegistrationClosed


def check_not_over(session: Session, now: datetime) -> None:
    """Refuse a session that is cancelled or has begun its last meeting."""
    if session.cancelled_at:
        raise SessionCancelled
    if session.last_starts_at <= now:
        raise SessionPast
