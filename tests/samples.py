"""Sample letters of every kind of e-mail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.invoices import invoice_for
from chalicelib.rules.letters import Letter, MovedFrom, SessionBefore, StaffText, UnsubscribeLinks, WaitlistPosition
from chalicelib.rules.messages import EmailKind
from chalicelib.rules.minimum import Minimum
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation, StaffMember
from chalicelib.rules.registration_history import Refund
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session, Tier
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.rules.webhooks import Webhook

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LINK = "http://127.0.0.1:8000/i/demo.s1.abc.seal"
STARTS = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)

ORGANISATION = Organisation(org="demo", name="Atelier Lumière", created_at=NOW, reply_to="hello@atelier.example")
SESSION = Session(
    org="demo",
    id="s1",
    title="Pottery",
    meetings=(Meeting("m1", STARTS, STARTS + timedelta(minutes=90)),),
    time_zone="Europe/Paris",
    spots_total=12,
    chunks=1,
    tiers=(Tier("t1", "Family", Money(1250, "EUR")),),
    registration_opens_at=NOW - timedelta(days=1),
    registration_closes_at=STARTS,
    created_at=NOW,
    location="12 rue des Lilas",
    version=3,
)
BELOW_MINIMUM = replace(SESSION, minimum=Minimum(6, "ask", hours_before=48, outcome="asked", counted=4, decided_at=NOW))
INVITATION = Invitation(
    org="demo",
    session="s1",
    id="abc",
    email="ana@example.org",
    party_size=2,
    expires_at=NOW + timedelta(days=7),
    forwarding="open",
    nonce="n",
    created_at=NOW,
    invited_by="owner",
)
ENTRY = WaitlistEntry("demo", "s1", "e1", "ana@example.org", "Ana Martin", spots=2, place=1, joined_at=NOW, locale="en")
OFFER = replace(INVITATION, forwarding="locked", entry=ENTRY.id)
REGISTRATION = Registration(
    org="demo",
    session="s1",
    id="r1",
    hold="abc",
    nonce="n",
    email="ana@example.org",
    name="Ana Martin",
    participants=("Zoé Martin", "Léo Martin"),
    party_size=2,
    tier="t1",
    price=Money(1250, "EUR"),
    source="invitation",
    locale="en",
    created_at=NOW,
    covers_from=NOW,
)
INVOICE = invoice_for(REGISTRATION, SESSION, replace(ORGANISATION, vat_rate=5.5), "2026-0007", now=NOW)
CUSTOMER = Customer(org="demo", id="c1", email="ana@example.org", name="Ana Martin", created_at=NOW)
MEMBER = StaffMember(org="demo", user="u1", email="ben@example.org", name="Ben", role="manager", status="invited", invited_at=NOW)
WEBHOOK = Webhook("demo", "w1", "https://example.org/hook", ("*",), b"", NOW, active=False, off_reason="failing", off_at=NOW)
BEFORE = SessionBefore((Meeting("m1", STARTS - timedelta(days=1), STARTS - timedelta(hours=22)),), "Europe/Paris", "Town hall")
COURSE = replace(
    SESSION,
    version=2,
    meetings=(
        replace(SESSION.meetings[0], cancelled_at=NOW, cancel_reason="The teacher is ill."),
        Meeting("m2", STARTS + timedelta(weeks=1), STARTS + timedelta(weeks=1, minutes=90)),
    ),
)
MOVED_FROM = MovedFrom(replace(SESSION, id="s0", title="Weaving"), replace(REGISTRATION, session="s0", id="r0"))
STAFF_TEXT = StaffText("Bring a towel", "Dear all,\n\nplease bring:\na towel\na cup")
UNSUBSCRIBE_LINKS = UnsubscribeLinks("http://127.0.0.1:8000/unsubscribe/t", "http://127.0.0.1:8000/v1/unsubscribe/t", "t")

ABOUT: dict[EmailKind, dict[str, Any]] = {
    "session_invitation": {"session": SESSION, "invitation": INVITATION, "unsubscribe_links": UNSUBSCRIBE_LINKS},
    "confirmation": {"session": SESSION, "registration": REGISTRATION},
    "registration_moved": {"session": SESSION, "registration": REGISTRATION, "moved_from": MOVED_FROM},
    "registration_removed": {"session": SESSION, "registration": REGISTRATION},
    "booking_changed": {"session": SESSION, "registration": REGISTRATION},
    "booking_cancelled": {"session": SESSION, "registration": REGISTRATION},
    "invoice": {"invoice": INVOICE, "registration": REGISTRATION},
    "refund": {"session": SESSION, "registration": REGISTRATION, "refund": Refund("f1", 1250, "stripe", NOW, "stripe")},
    "order_refunded": {"session": SESSION, "missed": (SESSION, COURSE), "refunded": Money(3250, "EUR")},
    "date_reminder": {"session": SESSION, "registration": REGISTRATION, "meeting": SESSION.meetings[0]},
    "session_moved": {"session": SESSION, "registration": REGISTRATION, "before": BEFORE},
    "session_cancelled": {"session": replace(SESSION, cancelled_at=NOW), "registration": REGISTRATION},
    "meeting_cancelled": {"session": COURSE, "registration": REGISTRATION, "meeting": COURSE.meetings[0]},
    "meeting_restored": {"session": SESSION, "registration": REGISTRATION, "meeting": SESSION.meetings[0]},
    "webhook_off": {"member": MEMBER, "webhook": WEBHOOK},
    "minimum_missed": {"session": BELOW_MINIMUM, "member": MEMBER},
    "roster_message": {"session": SESSION, "registration": REGISTRATION, "staff_text": STAFF_TEXT},
    "invitation_reminder": {"session": SESSION, "invitation": INVITATION, "unsubscribe_links": UNSUBSCRIBE_LINKS},
    "waitlist_joined": {"session": SESSION, "waiting": WaitlistPosition(ENTRY, 2)},
    "waitlist_offer": {"session": SESSION, "invitation": OFFER, "waiting": WaitlistPosition(ENTRY, 0)},
    "portal_invitation": {"customer": CUSTOMER, "unsubscribe_links": UNSUBSCRIBE_LINKS},
    "portal_reminder": {"customer": CUSTOMER, "unsubscribe_links": UNSUBSCRIBE_LINKS},
    "staff_invitation": {"member": MEMBER},
    "password_reset": {},
    "address_confirmation": {},
}


def letter(kind: EmailKind, locale: str = "en", **wanted: Any) -> Letter:
    usual = {"id": "x", "to": "ana@example.org", "organisation": ORGANISATION, "link": LINK, **ABOUT[kind]}
    return Letter(kind=kind, locale=locale, **{**usual, **wanted})
