"""A letter: what one e-mail is written from, read at the moment of sending."""

from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.messages import EmailKind
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation, StaffMember
from chalicelib.rules.registration_history import Refund
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.rules.webhooks import Webhook


class UnsubscribeLinks(NamedTuple):
    """The unsubscribe links of an address: a page for people, the one-click URL for mail programs, and the token in both."""

    page: str
    call: str
    token: str


class SessionBefore(NamedTuple):
    """The dates and the location of a session before it was moved, without the dates that were cancelled alone."""

    meetings: tuple[Meeting, ...]
    time_zone: str
    location: str

    @classmethod
    def of(cls, session: Session) -> "SessionBefore":
        return cls(session.active_meetings, session.time_zone, session.location)


class MovedFrom(NamedTuple):
    """A registration and its session before it was moved to another session."""

    session: Session
    registration: Registration


class WaitlistPosition(NamedTuple):
    """A waitlist entry and its position, counted from 1."""

    entry: WaitlistEntry
    position: int
    elsewhere: tuple[Session, ...] = ()
    """The other sessions that it waits for; of an offer those that it waits for no more."""


class StaffText(NamedTuple):
    """A subject and a text that staff wrote. A blank line separates paragraphs."""

    subject: str
    text: str


class TemplateText(NamedTuple):
    """The text of an e-mail template: subject, and body in Markdown or HTML, both with placeholders."""

    subject: str
    body: str


class Booked(NamedTuple):
    """A registration and its session."""

    session: Session
    registration: Registration


@dataclass(frozen=True, slots=True)
class Letter:
    """The context of an e-mail, read at the moment of sending."""

    kind: EmailKind
    id: str
    to: str
    locale: str
    organisation: Organisation
    link: str
    """The main link: behind the button, and first in the text."""
    session: Session | None = None
    invitation: Invitation | None = None
    registration: Registration | None = None
    together: tuple[Booked, ...] = ()
    """All registrations that were booked with it, itself included; none if it was booked alone."""
    invoice: Invoice | None = None
    member: StaffMember | None = None
    customer: Customer | None = None
    waiting: WaitlistPosition | None = None
    before: SessionBefore | None = None
    meeting: Meeting | None = None
    """The date that was cancelled or restored alone."""
    webhook: Webhook | None = None
    refund: Refund | None = None
    """The refund that it tells of, of the registration."""
    refunds: tuple[Registration, ...] = ()
    """The registrations for which staff have to refund something."""
    moved_from: MovedFrom | None = None
    refunded: Money | None = None
    """The refund of an order that was paid too late."""
    missed: tuple[Session, ...] = ()
    """The sessions that such an order was for."""
    staff_text: StaffText | None = None
    unsubscribe_links: UnsubscribeLinks | None = None
    custom_text: TemplateText | None = None
    """None for the default text."""
    logo_link: str = ""
    """The URL of the organisation's logo; empty without one."""
    secrets: tuple[str, ...] = ()
    """Texts to blank out in the stored copy."""
