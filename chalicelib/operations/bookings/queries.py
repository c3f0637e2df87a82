"""A booking as of today: the registration, its session, its invoice, and where it was moved to."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.operations import invoices, links, registrations
from chalicelib.operations.invoices import InvoiceView
from chalicelib.rules.addresses import compared
from chalicelib.rules.billing import is_payable
from chalicelib.rules.bookings import BookingAction, BookingStatus, SelfServiceTerms, cancel_until, may
from chalicelib.rules.calendar import Organiser, booked
from chalicelib.rules.customers import Customer
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation, check_takes_bookings
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers, organisations, sessions


class Booking(NamedTuple):
    """A registration with its session and organisation."""

    registration: Registration
    session: Session
    organisation: Organisation

    @property
    def is_current(self) -> bool:
        """Whether it was not cancelled, and its session neither."""
        return not (self.registration.removed_at or self.session.cancelled_at)

    def coming(self, now: datetime) -> bool:
        """Whether a meeting of the registration has not ended yet."""
        return self.is_current and any(
            meeting.ends_at > now and self.registration.covers(meeting) for meeting in self.session.active_meetings
        )

    @property
    def link(self) -> str:
        return links.booking_link(self.registration)


class BookingView(NamedTuple):
    """A booking with its invoice, the booking that it became on another session, and what its family may do with it now.

    Invoice and other booking are None if there is none; `cancel_until` is where cancelling is not offered.
    """

    booking: Booking
    invoice: InvoiceView | None
    moved: Booking | None
    may: list[BookingAction]
    cancel_until: datetime | None

    @property
    def status(self) -> BookingStatus:
        registration = self.booking.registration
        if registration.moved_to:
            return "moved"
        if registration.removed_at:
            return "cancelled" if registration.was_cancelled else "removed"
        return "session_cancelled" if self.booking.session.cancelled_at else "booked"

    @property
    def owed(self) -> Money:
        """The amount that remains to be paid for a live booking. Of an invoice for several it is the part of this one."""
        registration = self.booking.registration
        if self.invoice and not self.invoice.invoice.others and is_payable(registration):
            return self.invoice.due
        left = registration.total.amount - registration.paid.amount
        due = self.booking.is_current and is_payable(registration)
        return Money(max(0, left) if due else 0, registration.total.currency)

    @property
    def payable_online(self) -> bool:
        return "pay" in self.may


def find_booking(token: str) -> Registration:
    """Return the registration of a booking's link. Raises NotFound."""
    found, _ = registrations.read_registration(*links.read_booking_token(token))
    return links.check_booking_token(found, token)


def read_booking(token: str, *, now: datetime) -> BookingView:
    """Return the booking of the link. Raises NotFound."""
    return view_of(find_booking(token), now=now)


def find_by_earlier_link(token: str) -> Registration:
    """Return the registration of a link that an earlier version sent. Raises NotFound."""
    found, _ = registrations.read_registration(*links.read_registered_token(token))
    return links.check_registered_token(found, token)


def find_own(known: Iterable[Customer], public_id: str) -> Registration:
    """Return one of these customers' registrations. Raises NotFound."""
    for customer in known:
        try:
            found, _ = registrations.read_registration(customer.org, public_id)
        except NotFound:
            continue
        if compared(found.email) in map(compared, customers.addresses(customer)):
            return found
    raise NotFound


def terms_of(registration: Registration) -> tuple[Session, SelfServiceTerms]:
    """Return the session of a registration, and the actions that it offers to families."""
    session = sessions.get(registration.org, registration.session)
    return session, SelfServiceTerms.of(organisations.get(registration.org), session)


def open_terms_of(registration: Registration) -> tuple[Session, SelfServiceTerms]:
    """Return the same for a change that needs the organisation. Raises BookingsPaused while it is suspended."""
    session, organisation = sessions.get(registration.org, registration.session), organisations.get(registration.org)
    check_takes_bookings(organisation)
    return session, SelfServiceTerms.of(organisation, session)


def view_of(registration: Registration, *, now: datetime) -> BookingView:
    """Return a registration as its booking of today. Raises NotFound."""
    moved = registrations.read_registration(registration.org, registration.moved_to)[0] if registration.moved_to else None
    invoice = invoices.read_by_number(registration.org, registration.invoice) if registration.invoice and not moved else None
    found = _booking(registration)
    terms = SelfServiceTerms.of(found.organisation, found.session)
    allowed = may(registration, found.session, terms, now, payable=bool(invoice and found.is_current and invoice.payable_online))
    if found.organisation.suspended_at:
        allowed = [act for act in allowed if act == "cancel"]
    until = cancel_until(registration, found.session, terms, now)
    return BookingView(found, invoice, _booking(moved) if moved else None, allowed, until)


def calendar_of(found: Iterable[Booking], *, now: datetime) -> str:
    """Return a calendar file with all meetings of these bookings that take place, past ones included."""
    events = [
        event
        for booking in found
        if booking.is_current
        for event in booked(
            booking.session, booking.registration, booking.session.active_meetings, url=booking.link, by=_organiser(booking)
        )
    ]
    from chalicelib.emails.calendar_file import calendar_file  # slow to load, and needed here only

    return calendar_file(events, method="PUBLISH", stamp=now)


def _booking(registration: Registration) -> Booking:
    return Booking(registration, sessions.get(registration.org, registration.session), organisations.get(registration.org))


def _organiser(booking: Booking) -> Organiser:
    return Organiser(booking.organisation.name, booking.organisation.reply_to or config().sender)
