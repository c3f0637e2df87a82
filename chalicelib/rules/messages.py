"""A message: one e-mail, a row first, then sent, then followed through delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.organisations import Member, Organisation, Wishes
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.waitlist import Entry

Kind = Literal[
    "session_invitation",
    "confirmation",
    "invoice",
    "session_moved",
    "session_cancelled",
    "roster_message",
    "staff_invitation",
    "password_reset",
    "address_confirmation",
    "invitation_reminder",
    "waitlist_joined",
    "waitlist_offer",
    "portal_invitation",
    "portal_reminder",
]
State = Literal["queued", "sending", "sent", "failed", "skipped", "suppressed", "delivered", "bounced", "complained"]

UNSUBSCRIBABLE: frozenset[Kind] = frozenset({"session_invitation", "invitation_reminder", "portal_invitation", "portal_reminder"})
"""What nobody asked for. Everything else answers an own request or is about a booking."""

BLANK = "•••"


class MailRefused(Exception):
    """This e-mail can never be sent as it is. `reason` is one word."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class MailDelayed(Exception):
    """The e-mail could not be handed over now. `throttled` says that no other can be either."""

    def __init__(self, reason: str, *, throttled: bool) -> None:
        self.reason = reason
        self.throttled = throttled


class Content(NamedTuple):
    """What a message says, exactly."""

    subject: str
    text: str
    html: str

    def blanked(self, secrets: tuple[str, ...]) -> "Content":
        """Return the content as staff may read it: without what would open somebody's account or wishes."""
        text, html = self.text, self.html
        for secret in secrets:
            text, html = text.replace(secret, BLANK), html.replace(secret, BLANK)
        return Content(self.subject, text, html)


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail to one address. `data` names what it is about, and keeps what cannot be looked up later."""

    org: str
    id: str
    kind: Kind
    to: str
    locale: str
    created_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    state: State = "queued"
    reason: str = ""
    attempts: int = 0
    """How often somebody began to send it; tells two attempts apart."""
    sent_at: datetime | None = None
    subject: str = ""
    """As it was sent."""
    ses_id: str = ""
    content: Content | None = None

    @property
    def session(self) -> str:
        return str(self.data.get("session", ""))

    @property
    def registrations(self) -> list[str]:
        """The registrations on the session that it is about."""
        return list(self.data.get("registrations") or [own for own in [self.data.get("registration")] if own])

    @property
    def unsubscribable(self) -> bool:
        return self.kind in UNSUBSCRIBABLE


class Withheld(NamedTuple):
    """Why a message is not sent, and the state that says so."""

    state: Literal["skipped", "suppressed", "failed"]
    reason: str


class Unsubscribing(NamedTuple):
    """Where an address stops what it did not ask for: a page for people, a call for mail programs, and the token in both."""

    page: str
    call: str
    token: str


class Before(NamedTuple):
    """When and where a session was to take place before it was moved."""

    meetings: tuple[Meeting, ...]
    time_zone: str
    location: str


class Waiting(NamedTuple):
    """Somebody on a waitlist, and how many are before them, themselves counted."""

    entry: Entry
    position: int


class Written(NamedTuple):
    """What staff wrote themselves. In the text a blank line parts paragraphs."""

    subject: str
    text: str


class Wording(NamedTuple):
    """An organisation's own words for an e-mail: the subject and, in Markdown or HTML, the body, with names in braces."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Letter:
    """All that an e-mail is written from, as it is at the moment of sending."""

    kind: Kind
    id: str
    to: str
    locale: str
    organisation: Organisation
    link: str
    """The main link: behind the button, and first in the text."""
    session: Session | None = None
    invitation: Invitation | None = None
    registration: Registration | None = None
    invoice: Invoice | None = None
    member: Member | None = None
    customer: Customer | None = None
    waiting: Waiting | None = None
    before: Before | None = None
    written: Written | None = None
    unsubscribing: Unsubscribing | None = None
    wording: Wording | None = None
    """None for the usual words."""
    secrets: tuple[str, ...] = ()
    """What must not be kept in the stored copy."""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail ready to be handed over. `tags` come back with what happens to it."""

    sender_name: str
    to: str
    reply_to: str
    content: Content
    headers: Mapping[str, str]
    files: tuple[File, ...]
    tags: Mapping[str, str]


def message_id(kind: Kind, org: str, key: str) -> str:
    """Return the id that belongs to a message, so that queueing it again adds nothing."""
    return sha256("\0".join((kind, org, key)).encode()).hexdigest()[:32]


def unwanted(kind: Kind, wishes: Wishes) -> Withheld | None:
    """Return why this address does not get such a message; None when it does."""
    if wishes.suppressed:
        return Withheld("suppressed", "suppressed")
    if wishes.unsubscribed and kind in UNSUBSCRIBABLE:
        return Withheld("suppressed", "unsubscribed")
    return None
