"""The values of the placeholders in custom text."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib import i18n
from chalicelib.emails.amounts import price, refunded_amount, total
from chalicelib.emails.facts import MOST_DATES, each_alone, meetings, title
from chalicelib.emails.kinds import declaration
from chalicelib.rules.email_templates import BLOCKS
from chalicelib.rules.letters import Letter
from chalicelib.rules.sessions import Session


def placeholder_values(letter: Letter, *, now: datetime) -> dict[str, str]:
    """Return the value of each placeholder of the e-mail, except for BLOCKS; empty where the letter has none."""
    found = dict(_values(letter, now))
    return {name: found.get(name, "") for name in declaration(letter.kind).placeholders if name not in BLOCKS}


def _values(letter: Letter, now: datetime) -> Iterator[tuple[str, str]]:
    yield "link", letter.link
    yield "organisation_name", letter.organisation.name
    known = letter.registration or letter.customer or (letter.waiting and letter.waiting.entry)
    yield "customer_name", (known and known.name) or letter.to
    yield "staff_name", letter.member.name if letter.member and letter.member.name else letter.to
    if letter.session:
        yield from _about(letter, letter.session, now)
    if letter.registration:
        registrations = [one.registration for one in each_alone(letter) if one.registration]
        names = dict.fromkeys(name for one in registrations for name in one.participants)
        yield "participants", ", ".join(names or (letter.registration.name or letter.to,))
    if letter.invitation and letter.session:
        yield "held_until", i18n.moment(letter.invitation.expires_at, letter.session.time_zone, letter.locale)
    if letter.invoice:
        yield "invoice_number", letter.invoice.number
        yield "total", i18n.money(letter.invoice.total, letter.locale)
    if letter.refund:
        yield "amount", refunded_amount(letter)
    if letter.refunded:
        yield "total", i18n.money(letter.refunded, letter.locale)
    if letter.staff_text:
        yield "message_subject", letter.staff_text.subject


def _about(letter: Letter, session: Session, now: datetime) -> Iterator[tuple[str, str]]:
    each, sum_of_all = [(one, one.session) for one in each_alone(letter) if one.session], total(letter)
    yield "session_title", title(letter)
    yield "session_dates", "; ".join(_dates(one, of, now) for one, of in each)
    yield "session_place", "; ".join(dict.fromkeys(of.location for _, of in each if of.location))
    yield "price", i18n.money(sum_of_all, letter.locale) if sum_of_all else ", ".join(price(letter, session))
    number = party(letter)
    yield "spots", i18n.translation(letter.locale).ngettext("%(num)d spot", "%(num)d spots", number) % {"num": number}


def _dates(letter: Letter, session: Session, now: datetime) -> str:
    chosen = meetings(letter, session, now=now)[:MOST_DATES]
    dates = "; ".join(i18n.date_and_times(meeting, session.time_zone, letter.locale) for meeting in chosen)
    return f"{dates} ({session.time_zone})"


def party(letter: Letter) -> int:
    booked = letter.registration or letter.invitation
    if letter.together:
        return sum(registration.party_size for _, registration in letter.together)
    if booked:
        return booked.party_size
    return letter.waiting.entry.spots if letter.waiting else 0
