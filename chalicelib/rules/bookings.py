"""The actions of a family on its booking, their deadlines, and their effect on the money."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.rules import times
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import Conflict
from chalicelib.rules.registration_history import FamilyChange, FamilyChangeKind
from chalicelib.rules.registration_refusals import AlreadyPaid, AlreadyRemoved
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.translation import N_

BookingAction = Literal["cancel", "move", "edit", "pay"]
BookingStatus = Literal["booked", "cancelled", "removed", "moved", "session_cancelled"]
"""`cancelled` by the family, `removed` by the organisation."""
MoneyState = Literal["nothing", "unpaid", "invoiced", "paid", "refunded"]
MOST_OWN_CHANGES = 10
"""So many of the latest changes are kept, to recognise a repeated request."""


class NotByYourself(Conflict):
    """The organisation does not offer this, or not for this booking."""

    code = "not_by_yourself"
    sentence = N_("This cannot be done here. Ask the organiser to do it for you.")


class TooLateToCancel(Conflict):
    code = "too_late_to_cancel"
    sentence = N_("You could cancel here until %(moment)s (%(zone)s). Ask the organiser if you cannot come.")

    def __init__(self, until: datetime, zone: str) -> None:
        self.until = times.written(until)
        self.moment = f"{times.local(until, zone):%Y-%m-%d %H:%M}"
        self.zone = zone


class BookingEnded(AlreadyRemoved):
    sentence = N_("This booking has ended already, so it cannot be changed any more. Book again if you would like to come.")


class SpotsPaid(AlreadyPaid):
    """A family cannot know the refund for single spots."""

    sentence = N_("These spots are paid, so they cannot be given back one by one here. Ask the organiser, who decides about a refund.")


@dataclass(frozen=True, slots=True)
class SelfServiceTerms:
    """What an organisation and a session offer to families: hours before a date until which they cancel, None for never; moves."""

    cancel_hours: int | None
    moves: bool

    @classmethod
    def of(cls, organisation: Organisation, session: Session) -> "SelfServiceTerms":
        hours = session.cancel_until_hours
        return cls(organisation.cancel_until_hours if hours is None else hours, organisation.self_service_moves)


def cancel_until(registration: Registration, session: Session, terms: SelfServiceTerms, now: datetime) -> datetime | None:
    """Return until when the family may cancel: before the first date that is still to come, or was to come last.

    None where cancelling is not offered.
    """
    covered = [meeting for meeting in session.active_meetings if meeting.starts_at > registration.covers_from]
    if terms.cancel_hours is None or not covered:
        return None
    coming = next((meeting for meeting in covered if meeting.starts_at > now), covered[-1])
    return coming.starts_at - timedelta(hours=terms.cancel_hours)


def excusable_meetings(registration: Registration, session: Session, terms: SelfServiceTerms, now: datetime) -> list[Meeting]:
    """Return the dates still to come of which the family may say that somebody cannot come: where it may cancel, also after the cut-off."""
    if terms.cancel_hours is None or session.cancelled_at:
        return []
    return [meeting for meeting in session.active_meetings if meeting.starts_at > now and registration.covers(meeting)]


def check_active(registration: Registration) -> None:
    """Raise BookingEnded for a booking that was cancelled, removed or moved."""
    if registration.removed_at:
        raise BookingEnded


def check_may_cancel(registration: Registration, session: Session, terms: SelfServiceTerms, now: datetime) -> None:
    """Raise NotByYourself where cancelling is not offered, TooLateToCancel after the last moment for it."""
    until = cancel_until(registration, session, terms, now)
    if until is None or session.cancelled_at:
        raise NotByYourself
    if now > until or not registration.remaining(session, now):
        raise TooLateToCancel(until, session.time_zone)


def check_may_edit(registration: Registration, session: Session, now: datetime) -> None:
    """Raise NotByYourself for a booking without a date to come."""
    if session.cancelled_at or not registration.remaining(session, now):
        raise NotByYourself


def check_may_move(registration: Registration, session: Session, terms: SelfServiceTerms, now: datetime) -> None:
    """Raise NotByYourself where moving is not offered, and TooLateToCancel as cancelling does, which it would go around."""
    check_may_edit(registration, session, now)
    if not terms.moves:
        raise NotByYourself
    if terms.cancel_hours is not None:
        check_may_cancel(registration, session, terms, now)


def check_party(registration: Registration, size: int) -> None:
    """Refuse a larger party, and fewer spots of a paid one. Raises NotByYourself, SpotsPaid."""
    if size > registration.party_size:
        raise NotByYourself
    if size < registration.party_size and (registration.billing in {"paid", "refunded"} or registration.payments):
        raise SpotsPaid


def may(registration: Registration, session: Session, terms: SelfServiceTerms, now: datetime, *, payable: bool) -> list[BookingAction]:
    """Return the actions open to the family now. `payable`: whether something is to be paid online."""
    if registration.removed_at:
        return []
    checks: Sequence[tuple[BookingAction, bool]] = (
        ("cancel", _allowed(lambda: check_may_cancel(registration, session, terms, now))),
        ("move", _allowed(lambda: check_may_move(registration, session, terms, now))),
        ("edit", _allowed(lambda: check_may_edit(registration, session, now))),
        ("pay", payable),
    )
    return [act for act, allowed in checks if allowed]


def _allowed(check: Callable[[], None]) -> bool:
    try:
        check()
    except Conflict:
        return False
    return True


def money_of(registration: Registration) -> MoneyState:
    """Return what a cancellation finds: nothing to pay, an unpaid price, an open invoice, money that came in, or a refund."""
    if registration.billing == "refunded":
        return "refunded"
    if registration.billing in {"paid", "partly_paid"} or registration.payments:
        return "paid" if registration.total.amount or registration.payments else "nothing"
    if registration.total.amount == 0:
        return "nothing"
    return "invoiced" if registration.invoice else "unpaid"


def with_family_change(registration: Registration, kind: FamilyChangeKind, *, spots: int = 0, request: str, now: datetime) -> Registration:
    """Return the registration with one more change that its family made; `spots` became free by it."""
    last = registration.own_changes[-1].number if registration.own_changes else 0
    change = FamilyChange(kind, now, request, last + 1, spots)
    return replace(registration, own_changes=(*registration.own_changes, change)[-MOST_OWN_CHANGES:])


def family_change_of(registration: Registration, request: str) -> FamilyChange | None:
    """Return the change that a request has made already."""
    return next((change for change in registration.own_changes if change.request == request), None)
