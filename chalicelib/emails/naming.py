"""What the names in an organisation's own words stand for."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib import languages
from chalicelib.emails.facts import MOST_DATES, meetings, price
from chalicelib.rules.messages import Letter
from chalicelib.rules.sessions import Session
from chalicelib.rules.templates import BLOCKS, NAMES


def values(letter: Letter, *, now: datetime) -> dict[str, str]:
    """Return what each name of this e-mail stands for, but for those that take several lines; empty where there is nothing of it."""
    found = dict(_values(letter, now))
    return {name: found.get(name, "") for name in NAMES[letter.kind] if name not in BLOCKS}


def _values(letter: Letter, now: datetime) -> Iterator[tuple[str, str]]:
    yield "link", letter.link
    yield "organisation_name", letter.organisation.name
    known = letter.registration or letter.customer or (letter.waiting and letter.waiting.entry)
    yield "customer_name", known.name if known else letter.to
    yield "staff_name", letter.member.name if letter.member and letter.member.name else letter.to
    if letter.session:
        yield from _about(letter, letter.session, now)
    if letter.registration:
        yield "participants", ", ".join(letter.registration.participants or (letter.registration.name,))
    if letter.invitation and letter.session:
        yield "held_until", languages.moment(letter.invitation.expires_at, letter.session.time_zone, letter.locale)
    if letter.invoice:
        yield "customer_name", letter.invoice.customer
        yield "invoice_number", letter.invoice.number
        yield "total", languages.money(letter.invoice.total, letter.locale)
    if letter.written:
        yield "message_subject", letter.written.subject


def _about(letter: Letter, session: Session, now: datetime) -> Iterator[tuple[str, str]]:
    chosen = meetings(letter, session, now=now)[:MOST_DATES]
    dates = "; ".join(languages.date_and_times(meeting, session.time_zone, letter.locale) for meeting in chosen)
    yield "session_title", session.title
    yield "session_dates", f"{dates} ({session.time_zone})"
    yield "session_place", session.location
    yield "price", ", ".join(price(letter, session))
    number = party(letter)
    yield "spots", languages.translation(letter.locale).ngettext("%(num)d spot", "%(num)d spots", number) % {"num": number}


def party(letter: Letter) -> int:
    booked = letter.registration or letter.invitation
    if booked:
        return booked.party_size
    return letter.waiting.entry.spots if letter.waiting else 0
