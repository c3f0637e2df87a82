"""Moves a booking to a related session, as its family, where the organisation allows it."""

from datetime import datetime

from chalicelib.operations import public_limits
from chalicelib.operations.bookings.queries import open_terms_of, terms_of
from chalicelib.operations.registrations import Registered, read_registration, transfer
from chalicelib.operations.sessions import SessionView, list_sessions
from chalicelib.rules.ages import Person, known_misfits
from chalicelib.rules.bookings import BookingEnded, NotByYourself, SelfServiceTerms, check_may_move
from chalicelib.rules.participants import GivenAnswers, answer_problems
from chalicelib.rules.registration_refusals import AlreadyRemoved
from chalicelib.rules.registrations import Registration
from chalicelib.rules.related_sessions import is_related
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.rules.sessions import Session, check_public_window
from chalicelib.tables import booking_context, ledger, organisations

MOST_CHOICES = 30


def choices(registration: Registration, *, now: datetime) -> list[SessionView]:
    """Return the sessions that the family may move its booking to, by their next meeting: related, open, with room for the party."""
    session, _ = terms_of(registration)
    if not (session.series or session.tags):
        return []
    line = organisations.get(registration.org).waitlist

    def fits(view: SessionView) -> bool:
        seen = view.public(line, now)
        return seen.state == "open" and seen.spots.free >= registration.party_size

    related = SessionFilter(related_to=session)
    return list_sessions(registration.org, coming=True, wanted=related, suits=fits, now=now, limit=MOST_CHOICES).items


def move(org: str, public_id: str, to_session: str, *, key: str, now: datetime) -> Registered:
    """Move a booking to a related session that is open to the public, at its price, and tell the family by e-mail.

    A retry with the same key returns the same booking. Raises NotFound, BookingEnded, BookingsPaused, NotByYourself, TooLateToCancel,
    SameSession,
    SessionFull, AlreadyRegistered, SessionCancelled, SessionPast, RegistrationNotOpen, RegistrationClosed,
    TooManyRequests, Busy.
    """
    registration, hold = read_registration(org, public_id)
    if registration.removed_at and not registration.moved_to:
        raise BookingEnded
    size = hold.spots if hold else registration.party_size

    def check(was: Registration, moved: Registration, session: Session) -> None:
        _check(was, moved, session, open_terms_of(was), size=size, now=now)
        public_limits.count_own_change(org, was.email, now=now)

    try:
        return transfer(org, public_id, to_session, by=registration.email, key=key, now=now, tell=True, check=check)
    except AlreadyRemoved:
        raise BookingEnded from None


def _check(was: Registration, moved: Registration, to: Session, of: tuple[Session, SelfServiceTerms], *, size: int, now: datetime) -> None:
    """Refuse what staff may do, and a family not: a cut-off, strangers' sessions, spots for the waitlist, open questions, other ages."""
    session, terms = of
    check_may_move(was, session, terms, now)
    if not is_related(session, to):
        raise NotByYourself
    check_public_window(to, now)
    context = booking_context.read(to.org, to.id)
    ledger.check_queue(to.org, to.id, context.first_chunk, context.queue, chunks=to.chunks, wanted=size, now=now)
    people = [Person(name, moved.details_at(index).date_of_birth) for index, name in enumerate(moved.participants)]
    each = {index: dict(moved.details_at(index).answers) for index in range(len(moved.participants))}
    if known_misfits(to, people, now) or answer_problems(to.questions, GivenAnswers(dict(moved.answers), each)):
        raise NotByYourself
