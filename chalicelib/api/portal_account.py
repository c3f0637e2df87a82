"""A customer's own bookings, invitations, invoices, profile and calendar."""

from collections.abc import Iterable
from typing import Any

from chalicelib.api.customer_shapes import ChildOut
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.invoices import InvoiceOut
from chalicelib.api.query import QueryParameter
from chalicelib.api.registration_shapes import OwnRegistrationOut
from chalicelib.api.responses import CALENDAR, ICS, ApiResponse, Out, calendar_response
from chalicelib.api.session_shapes import SessionFacts
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import links, portal_account
from chalicelib.operations.bookings import Booking
from chalicelib.operations.invitations import ClaimView
from chalicelib.rules import customers as rules
from chalicelib.rules.inputs.portal_account import ProfileChanges
from chalicelib.rules.invitations import InvitationStatus
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound, ValidationFailed
from chalicelib.rules.sessions import Session
from chalicelib.web.audience import Public, SignedIn, SignedInCustomer

OF = {"org": QueryParameter("Only entries of this organisation.")}
WHICH = {"org": QueryParameter("The organisation; a customer of several names one.")}


class SessionSummaryOut(SessionFacts):
    """The session that an entry belongs to."""

    cancelled: bool

    @classmethod
    def of(cls, session: Session) -> "SessionSummaryOut":
        return cls.about(session, cancelled=session.cancelled_at is not None)


class MyRegistrationOut(OwnRegistrationOut):
    org: str
    organisation: str
    about: SessionSummaryOut
    link: str

    @classmethod
    def seen(cls, booking: Booking) -> "MyRegistrationOut":
        shown = OwnRegistrationOut.of(booking.registration)
        named = {"org": booking.organisation.org, "organisation": booking.organisation.name}
        return cls(**vars(shown), **named, about=SessionSummaryOut.of(booking.session), link=booking.link)


class MyRegistrationsOut(Out):
    items: list[MyRegistrationOut]
    next: str | None = None


class MyInvitationOut(Out):
    id: str
    org: str
    organisation: str
    about: SessionSummaryOut
    party_size: int
    price: MoneyOut | None
    """Per spot; none while the price is still to be chosen."""
    status: InvitationStatus
    expires_at: Moment
    link: str
    """The page to accept or decline it."""

    @classmethod
    def of(cls, offer: ClaimView) -> "MyInvitationOut":
        invitation = offer.invitation
        return cls(
            id=invitation.public_id,
            org=invitation.org,
            organisation=offer.organisation.name,
            about=SessionSummaryOut.of(offer.session),
            party_size=invitation.party_size,
            price=MoneyOut.of(invitation.price) if invitation.price else None,
            status=offer.status,
            expires_at=invitation.expires_at,
            link=links.invitation_link(invitation),
        )


class MyInvitationsOut(Out):
    items: list[MyInvitationOut]
    next: str | None = None


class MyInvoiceOut(InvoiceOut):
    org: str
    organisation: str


class MyInvoicesOut(Out):
    items: list[MyInvoiceOut]
    next: str | None = None


class ProfileOut(Out):
    org: str
    customer: str
    name: str
    email: str
    phone: str
    participants: list[ChildOut]
    calendar_feed: str
    """The secret URL of the calendar feed: anyone who has it can read the dates."""

    @classmethod
    def of(cls, customer: rules.Customer) -> "ProfileOut":
        return cls(
            org=customer.org,
            customer=customer.id,
            name=customer.name,
            email=customer.email,
            phone=customer.phone,
            participants=[ChildOut(name=one.name, date_of_birth=one.date_of_birth or None) for one in customer.participants],
            calendar_feed=links.calendar_feed(customer),
        )


@endpoint("GET", "/v1/me/registrations", id="mine.my_registrations", who=SignedIn(), gives={200: MyRegistrationsOut}, query=OF)
def my_registrations(request: Request[None]) -> ApiResponse:
    """List your registrations, latest first."""
    return ApiResponse(200, MyRegistrationsOut(items=[MyRegistrationOut.seen(one) for one in portal_account.my_bookings(_known(request))]))


@endpoint("GET", "/v1/me/invitations", id="mine.my_invitations", who=SignedIn(), gives={200: MyInvitationsOut}, query=OF)
def my_invitations(request: Request[None]) -> ApiResponse:
    """List your pending invitations, the first to expire first."""
    return ApiResponse(
        200,
        MyInvitationsOut(items=[MyInvitationOut.of(one) for one in portal_account.my_invitations(_known(request), now=request.call.now)]),
    )


@endpoint("GET", "/v1/me/invoices", id="mine.my_invoices", who=SignedIn(), gives={200: MyInvoicesOut}, query=OF)
def my_invoices(request: Request[None]) -> ApiResponse:
    """List your invoices and credit notes, latest first."""
    named = [
        (view, {"org": view.invoice.org, "organisation": view.organisation.name}) for view in portal_account.my_invoices(_known(request))
    ]
    return ApiResponse(200, MyInvoicesOut(items=[MyInvoiceOut(**vars(InvoiceOut.of(view)), **more) for view, more in named]))


@endpoint("GET", "/v1/me/calendar.ics", id="mine.my_calendar", who=SignedIn(), gives={200: None}, query=OF, kind=CALENDAR)
def my_calendar(request: Request[None]) -> ApiResponse:
    """Download all your dates as a calendar file."""
    return calendar_response(portal_account.my_calendar(_known(request), now=request.call.now))


@endpoint("GET", "/v1/calendars/{token}", id="mine.read_feed", who=Public(), gives={200: None}, kind=CALENDAR, endings={ICS: CALENDAR})
def read_feed(request: Request[None]) -> ApiResponse:
    """Read a customer's dates by the secret URL of the feed, as calendar programs cannot sign in."""
    return calendar_response(portal_account.read_feed(request["token"].removesuffix(ICS), now=request.call.now))


@endpoint(
    "GET",
    "/v1/me/profile",
    id="mine.read_profile",
    who=SignedInCustomer(),
    gives={200: ProfileOut},
    refuses=(ValidationFailed,),
    query=WHICH,
)
def read_profile(request: Request[None]) -> ApiResponse:
    """Read your profile at an organisation."""
    customer = _chosen(request)
    return ApiResponse(200, ProfileOut.of(customer), etag(customer.version))


@endpoint(
    "PATCH",
    "/v1/me/profile",
    id="mine.edit_profile",
    who=SignedInCustomer(),
    takes=ProfileChanges,
    gives={200: ProfileOut},
    refuses=(ChangedMeanwhile,),
    query=WHICH,
)
def edit_profile(request: Request[ProfileChanges]) -> ApiResponse:
    """Change your name, phone or participants; the address stays."""
    customer = portal_account.edit_profile(_chosen(request), request.body, expected=expected(request.call))
    return ApiResponse(200, ProfileOut.of(customer), etag(customer.version))


@endpoint(
    "POST",
    "/v1/me/profile/calendar-feed",
    id="mine.renew_feed",
    who=SignedInCustomer(),
    gives={200: ProfileOut},
    refuses=(ChangedMeanwhile,),
    query=WHICH,
    replayable=False,
)
def renew_feed(request: Request[None]) -> ApiResponse:
    """Give your calendar feed a new secret URL; the old one stops at once. A new password and signing out everywhere do the same."""
    customer = portal_account.renew_feed(_chosen(request))
    return ApiResponse(200, ProfileOut.of(customer), etag(customer.version))


def _known(request: Request[Any]) -> Iterable[rules.Customer]:
    """Return the caller's customer records: of all organisations, or of the requested one."""
    org = request.call.query.get("org", "")
    return [customer for customer in request.me.customers if org in {"", customer.org}]


def _chosen(request: Request[Any]) -> rules.Customer:
    """Return the caller's only matching customer record. Raises NotFound, and ValidationFailed if several match."""
    known = list(_known(request))
    if len(known) > 1:
        raise ValidationFailed([("/org", "missing", "You are a customer of several organisations. Say of which: ?org=…")])
    if not known:
        raise NotFound
    return known[0]
