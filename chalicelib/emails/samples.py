"""An e-mail about nothing real: to show how a wording looks, and to begin one from the usual words."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib import languages
from chalicelib.emails.writing import Proof, blocks, environment, proof, words
from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.invoices import invoice_for
from chalicelib.rules.messages import UNSUBSCRIBABLE, Kind, Letter, Unsubscribing, Waiting, Wording, Written
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Locale, Member, Organisation
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session, Tier
from chalicelib.rules.templates import NAMES
from chalicelib.rules.waitlist import Entry
from chalicelib.settings import settings

PARTY = 2
OPENS: dict[Kind, str] = {
    "portal_invitation": "activate",
    "portal_reminder": "activate",
    "staff_invitation": "activate",
    "address_confirmation": "confirm",
    "password_reset": "reset",
    "invoice": "invoice",
    "waitlist_joined": "waitlist",
}
"""Where links lead; those of other e-mails lead to an invitation."""


@dataclass(frozen=True)
class Cast:
    """Who and what a sample is about."""

    title: str
    place: str
    customer: str
    staff: str
    written: Written
    invoice: str


def sample(kind: Kind, organisation: Organisation, locale: Locale, wording: Wording, *, now: datetime) -> Proof:
    """Return an e-mail in these words as somebody might get it."""
    gettext = languages.translation(locale).gettext
    cast = Cast(
        title=gettext("Pottery for beginners"),
        place=gettext("12 Garden Street"),
        customer="Ana Martin",
        staff="Ben Petit",
        written=Written(gettext("Bring an apron"), gettext("Please bring an apron and a towel.")),
        invoice=f"{now.year}-0042",
    )
    return proof(replace(_letter(kind, organisation, locale, cast, now), wording=wording), now=now)


def usual_words(kind: Kind, organisation: Organisation, locale: Locale, *, now: datetime) -> Wording:
    """Return the usual e-mail as somebody could have worded it: names stand where facts will be."""
    written = Written("{{message_subject}}", "{{message}}")
    cast = Cast("{{session_title}}", "", "{{customer_name}}", "{{staff_name}}", written, "{{invoice_number}}")
    letter = _letter(kind, replace(organisation, name="{{organisation_name}}"), locale, cast, now)
    known = {**words(letter, now), "until": "{{held_until}}", "spots": "{{spots}}", "drafting": True}
    usual = blocks(environment(locale), letter, known)
    named = [f"{{{{{name}}}}}" for name in ("message", "details") if name in NAMES[kind]]
    return Wording(usual["subject"], "\n\n".join([*usual["opening"], *named, f"[{usual['button']}]({{{{link}}}})", *usual["closing"]]))


def _letter(kind: Kind, organisation: Organisation, locale: Locale, cast: Cast, now: datetime) -> Letter:
    about = _about(kind, organisation, cast, now)
    if kind in UNSUBSCRIBABLE:
        about["unsubscribing"] = Unsubscribing(_link("unsubscribe"), _link("unsubscribe"), "")
    opens = _link(OPENS.get(kind, "i"))
    return Letter(kind=kind, id="sample", to="ana@example.org", locale=locale, organisation=organisation, link=opens, **about)


def _about(kind: Kind, organisation: Organisation, cast: Cast, now: datetime) -> dict[str, Any]:
    session = _session(organisation, cast, now)
    registration = _registration(organisation, cast, now)
    match kind:
        case "session_invitation" | "invitation_reminder":
            return {"session": session, "invitation": _invitation(organisation, now)}
        case "waitlist_offer":
            offered = replace(_invitation(organisation, now), expires_at=now + organisation.waitlist.lasting, forwarding="locked")
            return {"session": session, "invitation": offered, "waiting": _waiting(organisation, cast, now)}
        case "waitlist_joined":
            return {"session": session, "waiting": _waiting(organisation, cast, now)}
        case "invoice":
            invoice = invoice_for(registration, session, organisation, cast.invoice, now=now)
            return {"registration": registration, "invoice": invoice}
        case "staff_invitation":
            return {"member": Member(organisation.org, "sample", "ben@example.org", cast.staff, "manager", "invited", now)}
        case "portal_invitation" | "portal_reminder":
            return {"customer": Customer(organisation.org, "sample", "ana@example.org", cast.customer, now)}
        case "password_reset" | "address_confirmation":
            return {}
        case "roster_message":
            return {"session": session, "registration": registration, "written": cast.written}
        case "session_cancelled":
            return {"session": replace(session, cancelled_at=now), "registration": registration}
    return {"session": session, "registration": registration}


def _session(organisation: Organisation, cast: Cast, now: datetime) -> Session:
    starts = (now + timedelta(days=10)).replace(minute=0, second=0, microsecond=0)
    return Session(
        org=organisation.org,
        id="sample",
        title=cast.title,
        meetings=(Meeting("m1", starts, starts + timedelta(minutes=90)),),
        time_zone=organisation.time_zone,
        spots_total=12,
        chunks=1,
        tiers=(Tier("t1", cast.title, Money(1250, organisation.currency)),),
        registration_opens_at=now - timedelta(days=1),
        registration_closes_at=starts,
        created_at=now,
        location=cast.place,
    )


def _invitation(organisation: Organisation, now: datetime) -> Invitation:
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


def _waiting(organisation: Organisation, cast: Cast, now: datetime) -> Waiting:
    entry = Entry(
        org=organisation.org,
        session="sample",
        id="sample",
        email="ana@example.org",
        name=cast.customer,
        spots=PARTY,
        place=0,
        joined_at=now,
        locale=organisation.locale,
    )
    return Waiting(entry, position=3)


def _registration(organisation: Organisation, cast: Cast, now: datetime) -> Registration:
    return Registration(
        org=organisation.org,
        session="sample",
        id="sample",
        hold="",
        nonce="",
        email="ana@example.org",
        name=cast.customer,
        participants=("Zoé Martin", "Léo Martin"),
        party_size=PARTY,
        tier="t1",
        price=Money(1250, organisation.currency),
        source="public",
        locale=organisation.locale,
        created_at=now,
        covers_from=now,
    )


def _link(page: str) -> str:
    return f"{settings().public_url}/{page}/sample"
