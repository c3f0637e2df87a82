"""What customers see of their own, in every organisation that knows them by the address that is theirs."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import customers as keeping
from chalicelib.operations import invoices, links
from chalicelib.operations.invitations import Offer, read_offer
from chalicelib.operations.invoices import InvoiceView
from chalicelib.operations.waitlist import OwnPlace, read_place
from chalicelib.rules.calendar import Organiser, booked, calendar
from chalicelib.rules.customers import Customer
from chalicelib.rules.drafts.profiles import ProfileChanges
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.registrations import Registration, same_participant
from chalicelib.rules.sessions import Session
from chalicelib.settings import settings
from chalicelib.tables import customers, invitations, organisations, registrations, sessions, waitlist
from chalicelib.tables.keys import joined

LIVE = {"pending", "waiting_for_approval"}


class Booking(NamedTuple):
    """A registration, with what it is for."""

    registration: Registration
    session: Session
    organisation: Organisation

    @property
    def stands(self) -> bool:
        return not (self.registration.removed_at or self.session.cancelled_at)

    def coming(self, now: datetime) -> bool:
        """Whether a date of it is still to end."""
        return self.stands and any(meeting.ends_at > now and self.registration.covers(meeting) for meeting in self.session.meetings)

    @property
    def link(self) -> str:
        return links.registered_link(self.registration.org, joined(self.registration.session, self.registration.id))


def my_bookings(known: Iterable[Customer]) -> list[Booking]:
    """Return what these customers registered for, latest first; what moved to another session is there once."""
    found = [booking for customer in known for booking in _bookings(customer)]
    return sorted(found, key=lambda booking: booking.registration.created_at, reverse=True)


def my_invitations(known: Iterable[Customer], *, now: datetime) -> list[Offer]:
    """Return the invitations that these customers can still answer, the one that runs out first before the others."""
    named = [one for customer in known for email in customers.addresses(customer) for one in invitations.of_address(customer.org, email)]
    offers = [read_offer(one.org, one.session, one.id, now=now) for one in named]
    return sorted((offer for offer in offers if offer.status in LIVE), key=lambda offer: offer.invitation.expires_at)


def my_places(known: Iterable[Customer], *, now: datetime) -> list[OwnPlace]:
    """Return the waitlists on which these customers wait; where they have an offer, it is among their invitations."""
    named = [one for customer in known for email in customers.addresses(customer) for one in waitlist.all_of_address(customer.org, email)]
    places = [read_place(one.org, one.session, one.id) for one in named if one.status == "waiting"]
    return [place for place in places if place.position and not place.session.cancelled_at and place.session.last_starts_at > now]


def my_participants(customer: Customer, session_id: str) -> list[str]:
    """Return the names of those for whom the customer may still register on a session."""
    there = [one for one in _registrations(customer) if one.session == session_id and not one.removed_at]
    taken = {same_participant(name) for one in there for name in one.participants}
    return [one.name for one in customer.participants if same_participant(one.name) not in taken]


def my_invoices(known: Iterable[Customer]) -> list[InvoiceView]:
    """Return these customers' invoices and credit notes as they stand now, latest first."""
    found = [view for customer in known for view in invoices.list_invoices_of(customer.org, _registrations(customer))]
    return sorted(found, key=lambda view: view.invoice.issued_at, reverse=True)


def my_calendar(known: Iterable[Customer], *, now: datetime) -> str:
    """Return a calendar file with every date that these customers have booked, those that are over too."""
    events = [
        event
        for booking in my_bookings(known)
        if booking.stands
        for event in booked(booking.session, booking.registration, booking.session.meetings, url=booking.link, by=_organiser(booking))
    ]
    return calendar(events, method="PUBLISH", stamp=now)


def read_feed(token: str, *, now: datetime) -> str:
    """Return the calendar file of the customer whose feed this is. Raises NotFound."""
    customer = customers.get(*links.feeding(token))
    links.check_feed_token(customer, token)
    return my_calendar([customer], now=now)


def edit_profile(customer: Customer, changes: ProfileChanges, *, expected: int | None) -> Customer:
    """Change what customers may of themselves. Raises ChangedMeanwhile."""
    return keeping.edit_customer(customer.org, customer.id, changes.changes(), expected=expected)


def _bookings(customer: Customer) -> list[Booking]:
    organisation, found = organisations.get(customer.org), _registrations(customer)
    known = sessions.several(customer.org, {registration.session for registration in found})
    return [Booking(one, known[one.session], organisation) for one in found if one.session in known]


def _registrations(customer: Customer) -> list[Registration]:
    """Return what the customer registered for under any of its addresses; what moved to another session is there once."""
    found = (one for email in customers.addresses(customer) for one in registrations.of_address(customer.org, email))
    return [one for one in found if not one.moved_to]


def _organiser(booking: Booking) -> Organiser:
    return Organiser(booking.organisation.name, booking.organisation.reply_to or settings().sender)
