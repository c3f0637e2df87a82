"""What customers see and change of their own."""

from collections.abc import Iterable
from typing import Any

from chalicelib.api.answers import Answer, Out
from chalicelib.api.booked import RegistrationOut
from chalicelib.api.customers import ChildOut
from chalicelib.api.endpoints import Customer, Public, Request, SignedIn, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.invoices import InvoiceOut
from chalicelib.api.sessions import MeetingOut
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import links, mine
from chalicelib.operations.invitations import Offer
from chalicelib.operations.mine import Booking
from chalicelib.rules import customers as rules
from chalicelib.rules.drafts.profiles import ProfileChanges
from chalicelib.rules.invitations import Status
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables.keys import joined
from chalicelib.web.refusals import Invalid

ICS = ".ics"
CALENDAR = "text/calendar"
OF = {"org": "Only what is of this organisation."}
WHICH = {"org": "Of which organisation; needed by a customer of several."}


class AboutOut(Out):
    """The session that something is about."""

    id: str
    title: str
    location: str
    meetings: list[MeetingOut]
    time_zone: str
    cancelled: bool

    @classmethod
    def of(cls, session: Session) -> "AboutOut":
        return cls(
            id=session.id,
            title=session.title,
            location=session.location,
            meetings=[MeetingOut.of(meeting) for meeting in session.meetings],
            time_zone=session.time_zone,
            cancelled=session.cancelled_at is not None,
        )


class MyRegistrationOut(RegistrationOut):
    org: str
    organisation: str
    about: AboutOut
    link: str

    @classmethod
    def seen(cls, booking: Booking) -> "MyRegistrationOut":
        shown = RegistrationOut.shown(booking.registration)
        named = {"org": booking.organisation.org, "organisation": booking.organisation.name}
        return cls(**vars(shown), **named, about=AboutOut.of(booking.session), link=booking.link)


class MyRegistrationsOut(Out):
    items: list[MyRegistrationOut]
    next: str | None = None


class MyInvitationOut(Out):
    id: str
    org: str
    organisation: str
    about: AboutOut
    party_size: int
    price: MoneyOut | None
    """Of one spot; none when the price is still to be chosen."""
    status: Status
    expires_at: Moment
    link: str
    """Where it is accepted or declined."""

    @classmethod
    def of(cls, offer: Offer) -> "MyInvitationOut":
        invitation = offer.invitation
        return cls(
            id=joined(invitation.session, invitation.id),
            org=invitation.org,
            organisation=offer.organisation.name,
            about=AboutOut.of(offer.session),
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
    """Where a calendar program reads the dates; whoever has this address can read them."""

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


@endpoint("GET", "/v1/me/registrations", who=SignedIn(), gives={200: MyRegistrationsOut}, query=OF)
def my_registrations(request: Request[None]) -> Answer:
    """List what one registered for, latest first."""
    return Answer(200, MyRegistrationsOut(items=[MyRegistrationOut.seen(one) for one in mine.my_bookings(_known(request))]))


@endpoint("GET", "/v1/me/invitations", who=SignedIn(), gives={200: MyInvitationsOut}, query=OF)
def my_invitations(request: Request[None]) -> Answer:
    """List the invitations that wait for one's answer, the one that runs out first before the others."""
    return Answer(
        200, MyInvitationsOut(items=[MyInvitationOut.of(one) for one in mine.my_invitations(_known(request), now=request.call.now)])
    )


@endpoint("GET", "/v1/me/invoices", who=SignedIn(), gives={200: MyInvoicesOut}, query=OF)
def my_invoices(request: Request[None]) -> Answer:
    """List one's invoices and credit notes, latest first."""
    named = [(view, {"org": view.invoice.org, "organisation": view.organisation.name}) for view in mine.my_invoices(_known(request))]
    return Answer(200, MyInvoicesOut(items=[MyInvoiceOut(**vars(InvoiceOut.of(view)), **more) for view, more in named]))


@endpoint("GET", "/v1/me/calendar.ics", who=SignedIn(), gives={200: None}, query=OF, kind=CALENDAR)
def my_calendar(request: Request[None]) -> Answer:
    """Get every date that one has booked, as a calendar file."""
    return _calendar(mine.my_calendar(_known(request), now=request.call.now))


@endpoint("GET", "/v1/calendars/{token}", who=Public(), gives={200: None}, kind=CALENDAR, endings={ICS: CALENDAR})
def read_feed(request: Request[None]) -> Answer:
    """Get a customer's dates by the secret address of the feed: calendar programs cannot sign in."""
    return _calendar(mine.read_feed(request["token"].removesuffix(ICS), now=request.call.now))


@endpoint("GET", "/v1/me/profile", who=Customer(), gives={200: ProfileOut}, refuses=(Invalid,), query=WHICH)
def read_profile(request: Request[None]) -> Answer:
    """Read what an organisation knows of oneself."""
    customer = _chosen(request)
    return Answer(200, ProfileOut.of(customer), etag(customer.version))


@endpoint(
    "PATCH",
    "/v1/me/profile",
    who=Customer(),
    takes=ProfileChanges,
    gives={200: ProfileOut},
    refuses=(ChangedMeanwhile,),
    query=WHICH,
)
def edit_profile(request: Request[ProfileChanges]) -> Answer:
    """Change one's name, phone or participants; the address stays."""
    customer = mine.edit_profile(_chosen(request), request.body, expected=expected(request.call))
    return Answer(200, ProfileOut.of(customer), etag(customer.version))


def _known(request: Request[Any]) -> Iterable[rules.Customer]:
    """Return the customers that whoever calls is: of all organisations, or of the one that is asked for."""
    org = request.call.query.get("org", "")
    return [customer for customer in request.me.customers if org in {"", customer.org}]


def _chosen(request: Request[Any]) -> rules.Customer:
    """Return the one customer who is meant. Raises NotFound, and Invalid when it could be several."""
    known = list(_known(request))
    if len(known) > 1:
        raise Invalid([("/org", "missing", "You are a customer of several organisations. Say of which: ?org=…")])
    if not known:
        raise NotFound
    return known[0]


def _calendar(text: str) -> Answer:
    return Answer(200, text, {"Content-Disposition": 'inline; filename="calendar.ics"'}, kind=f"{CALENDAR}; charset=utf-8")
