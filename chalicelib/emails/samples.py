"""Sample e-mails with invented facts, to preview custom text and to start it from the default text."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib import i18n
from chalicelib.config import config
from chalicelib.emails.declaration import SampleFact
from chalicelib.emails.kinds import declaration
from chalicelib.emails.render import RenderedEmail, default_blocks, environment, letter_variables, render
from chalicelib.languages import Locale
from chalicelib.rules import times
from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.invoices import Invoice, invoice_for
from chalicelib.rules.letters import Letter, StaffText, TemplateText, UnsubscribeLinks, WaitlistPosition
from chalicelib.rules.messages import EmailKind
from chalicelib.rules.minimum import Minimum
from chalicelib.rules.money import Money
from chalicelib.rules.online_payment import METHOD
from chalicelib.rules.organisations import Organisation, StaffMember
from chalicelib.rules.registration_history import Refund
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session, Tier
from chalicelib.rules.waitlist import WaitlistEntry

PARTY = 2


@dataclass(frozen=True)
class SampleData:
    """The invented people and things of a sample."""

    title: str
    location: str
    customer: str
    staff: str
    staff_text: StaffText
    invoice: str


def sample(kind: EmailKind, organisation: Organisation, locale: Locale, text: TemplateText, *, now: datetime) -> RenderedEmail:
    """Return a sample e-mail with this custom text."""
    gettext = i18n.translation(locale).gettext
    data = SampleData(
        title=gettext("Pottery for beginners"),
        location=gettext("12 Garden Street"),
        customer="Ana Martin",
        staff="Ben Petit",
        staff_text=StaffText(gettext("Bring an apron"), gettext("Please bring an apron and a towel.")),
        invoice=f"{now.year}-0042",
    )
    return render(replace(_letter(kind, organisation, locale, data, now), custom_text=text), now=now)


def default_text(kind: EmailKind, organisation: Organisation, locale: Locale, *, now: datetime) -> TemplateText:
    """Return the default text, with placeholders in place of the facts."""
    staff_text = StaffText("{{message_subject}}", "{{message}}")
    data = SampleData("{{session_title}}", "", "{{customer_name}}", "{{staff_name}}", staff_text, "{{invoice_number}}")
    letter = _letter(kind, replace(organisation, name="{{organisation_name}}"), locale, data, now)
    known = {**letter_variables(letter, now), "until": "{{held_until}}", "spots": "{{spots}}", "amount": "{{amount}}", "drafting": True}
    blocks = default_blocks(environment(locale), letter, known)
    named = [f"{{{{{name}}}}}" for name in ("message", "details") if name in declaration(kind).placeholders]
    return TemplateText(
        blocks["subject"], "\n\n".join([*blocks["opening"], *named, f"[{blocks['button']}]({{{{link}}}})", *blocks["closing"]])
    )


def _letter(kind: EmailKind, organisation: Organisation, locale: Locale, data: SampleData, now: datetime) -> Letter:
    declared = declaration(kind)
    about = {LETTER_FIELDS.get(fact, fact): SAMPLE_FACTS[fact](organisation, data, now) for fact in declared.sample}
    if declared.unsubscribable or declared.optional:
        about["unsubscribe_links"] = UnsubscribeLinks(_link("unsubscribe"), _link("unsubscribe"), "")
    opens = _link(declared.sample_page)
    return Letter(kind=kind, id="sample", to="ana@example.org", locale=locale, organisation=organisation, link=opens, **about)


def _session(organisation: Organisation, data: SampleData, now: datetime) -> Session:
    day = times.local(now + timedelta(days=10), organisation.time_zone)
    starts = day.replace(hour=16, minute=0, second=0, microsecond=0).astimezone(UTC)
    return Session(
        org=organisation.org,
        id="sample",
        title=data.title,
        meetings=(Meeting("m1", starts, starts + timedelta(minutes=90)),),
        time_zone=organisation.time_zone,
        spots_total=12,
        chunks=1,
        tiers=(Tier("t1", data.title, Money(1250, organisation.currency)),),
        registration_opens_at=now - timedelta(days=1),
        registration_closes_at=starts,
        created_at=now,
        location=data.location,
    )


def _invitation(organisation: Organisation, _data: SampleData, now: datetime) -> Invitation:
    return Invitation(
        org=organisation.org,
        session="sample",
        id="sample",
        email="ana@example.org",
        party_size=PARTY,
        expires_at=now + timedelta(days=organisation.invitation_days),
        forwarding="open",
        nonce="",
        created_at=now,
        invited_by="",
    )


def _cancelled(organisation: Organisation, data: SampleData, now: datetime) -> Session:
    return replace(_session(organisation, data, now), cancelled_at=now)


def _missed(organisation: Organisation, data: SampleData, now: datetime) -> Session:
    minimum = Minimum(6, "ask", hours_before=48, outcome="asked", counted=4, decided_at=now)
    return replace(_session(organisation, data, now), minimum=minimum)


def _meeting(organisation: Organisation, data: SampleData, now: datetime) -> Meeting:
    return _session(organisation, data, now).meetings[0]


def _offer(organisation: Organisation, data: SampleData, now: datetime) -> Invitation:
    return replace(_invitation(organisation, data, now), expires_at=now + organisation.waitlist.lasting, forwarding="locked")


def _waiting(organisation: Organisation, data: SampleData, now: datetime) -> WaitlistPosition:
    entry = WaitlistEntry(
        org=organisation.org,
        session="sample",
        id="sample",
        email="ana@example.org",
        name=data.customer,
        spots=PARTY,
        place=0,
        joined_at=now,
        locale=organisation.locale,
    )
    return WaitlistPosition(entry, position=3)


def _registration(organisation: Organisation, data: SampleData, now: datetime) -> Registration:
    return Registration(
        org=organisation.org,
        session="sample",
        id="sample",
        hold="",
        nonce="",
        email="ana@example.org",
        name=data.customer,
        participants=("Zoé Martin", "Léo Martin"),
        party_size=PARTY,
        tier="t1",
        price=Money(1250, organisation.currency),
        source="public",
        locale=organisation.locale,
        created_at=now,
        covers_from=now,
    )


def _invoice(organisation: Organisation, data: SampleData, now: datetime) -> Invoice:
    booked = _registration(organisation, data, now), _session(organisation, data, now)
    return invoice_for(*booked, organisation, data.invoice, now=now)


def _refund(_organisation: Organisation, _data: SampleData, now: datetime) -> Refund:
    return Refund("sample", 1250, METHOD, now, METHOD)


def _member(organisation: Organisation, data: SampleData, now: datetime) -> StaffMember:
    return StaffMember(organisation.org, "sample", "ben@example.org", data.staff, "manager", "invited", now)


def _customer(organisation: Organisation, data: SampleData, now: datetime) -> Customer:
    return Customer(organisation.org, "sample", "ana@example.org", data.customer, now)


def _staff_text(_organisation: Organisation, data: SampleData, _now: datetime) -> StaffText:
    return data.staff_text


def _late_refund(organisation: Organisation, _data: SampleData, _now: datetime) -> Money:
    return Money(2500, organisation.currency)


def _link(page: str) -> str:
    return f"{config().public_url}/{page}/sample"


SAMPLE_FACTS: dict[SampleFact, Callable[[Organisation, SampleData, datetime], Any]] = {
    "session": _session,
    "cancelled_session": _cancelled,
    "missed_session": _missed,
    "meeting": _meeting,
    "invitation": _invitation,
    "offer": _offer,
    "waiting": _waiting,
    "registration": _registration,
    "invoice": _invoice,
    "refund": _refund,
    "member": _member,
    "customer": _customer,
    "staff_text": _staff_text,
    "late_refund": _late_refund,
}
LETTER_FIELDS: dict[SampleFact, str] = {
    "cancelled_session": "session",
    "missed_session": "session",
    "offer": "invitation",
    "late_refund": "refunded",
}
"""The letter's field for a fact, where the names differ."""
