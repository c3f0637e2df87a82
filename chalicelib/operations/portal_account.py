"""A customer's own registrations, invitations, invoices and calendar, in every organisation that knows the address."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.operations import customers as keeping
from chalicelib.operations import invoices, links
from chalicelib.operations.bookings import Booking, calendar_of
from chalicelib.operations.invitations import ClaimView, read_claim_view
from chalicelib.operations.invoices import InvoiceView
from chalicelib.operations.waitlist import OwnPlace, read_place
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.portal_account import ProfileChanges
from chalicelib.rules.invitations import LIVE
from chalicelib.rules.registrations import Registration, same_participant
from chalicelib.tables import customers, invitations, organisations, registrations, sessions, waitlist


def my_bookings(known: Iterable[Customer]) -> list[Booking]:
    """Return these customers' registrations, latest first. A transferred registration appears once."""
    found = [booking for customer in known for booking in _bookings(customer)]
    return sorted(found, key=lambda booking: booking.registration.created_at, reverse=True)


def my_invitations(known: Iterable[Customer], *, now: datetime) -> list[ClaimView]:
    """Return these customers' live invitations, by expiry."""
    named = [one for customer in known for email in customers.addresses(customer) for one in invitations.of_address(customer.org, email)]
    offers = [read_claim_view(one.org, one.session, one.id, now=now) for one in named]
    return sorted((offer for offer in offers if offer.status in LIVE), key=lambda offer: offer.invitation.expires_at)


def my_waitlist_entries(known: Iterable[Customer], *, now: datetime) -> list[OwnPlace]:
    """Return these customers' waiting entries on waitlists of upcoming sessions. Offers are among the invitations."""
    named = [one for customer in known for email in customers.addresses(customer) for one in waitlist.all_of_address(customer.org, email)]
    places = [read_place(one.org, one.session, one.id) for one in named if one.status == "waiting"]
    return [place for place in places if place.position and not place.session.cancelled_at and place.session.last_starts_at > now]


def my_participants(customer: Customer, session_id: str) -> list[str]:
    """Return the customer's participants who are not yet registered for a session."""
    there = [one for one in _registrations(customer) if one.session == session_id and not one.removed_at]
    taken = {same_participant(name) for one in there for name in one.participants}
    return [one.name for one in customer.participants if same_participant(one.name) not in taken]


def my_invoices(known: Iterable[Customer]) -> list[InvoiceView]:
    """Return these customers' invoices and credit notes, latest first."""
    found = [view for customer in known for view in invoices.list_invoices_of(customer.org, _registrations(customer))]
    return sorted(found, key=lambda view: view.invoice.issued_at, reverse=True)


def my_calendar(known: Iterable[Customer], *, now: datetime) -> str:
    """Return a calendar file with all meetings that these customers have booked and that take place, past ones included."""
    return calendar_of(my_bookings(known), now=now)


def read_feed(token: str, *, now: datetime) -> str:
    """Return the calendar file of the feed's customer. Raises NotFound."""
    customer = customers.get(*links.read_feed_token(token))
    links.check_feed_token(customer, token)
    return my_calendar([customer], now=now)


def renew_feed(customer: Customer) -> Customer:
    """Give the customer's calendar feed a new URL, so that the old URL stops working. Raises ChangedMeanwhile."""
    return customers.renew_feed(customer)


def edit_profile(customer: Customer, changes: ProfileChanges, *, expected: int | None) -> Customer:
    """Change the given fields of the customer's own profile. Raises ChangedMeanwhile."""
    return keeping.edit_customer(customer.org, customer.id, changes.changes(), expected=expected)


def _bookings(customer: Customer) -> list[Booking]:
    organisation, found = organisations.get(customer.org), _registrations(customer)
    known = sessions.several(customer.org, {registration.session for registration in found})
    return [Booking(one, known[one.session], organisation) for one in found if one.session in known]


def _registrations(customer: Customer) -> list[Registration]:
    """Return the registrations under each of the customer's addresses, without those transferred elsewhere."""
    found = (one for email in customers.addresses(customer) for one in registrations.of_address(customer.org, email))
    return [one for one in found if not one.moved_to]
