"""What an e-mail lists about a session: dates, place, names, price."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib import languages
from chalicelib.rules import times
from chalicelib.rules.discounts import lowered, total_of
from chalicelib.rules.invoices import Invoice, Line, standing
from chalicelib.rules.messages import Letter
from chalicelib.rules.money import Money
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session, remaining

MOST_DATES = 8


class Fact(NamedTuple):
    """A label and its lines."""

    label: str
    lines: Sequence[str]
    outdated: bool = False
    """It was so, and is so no more."""


def facts(letter: Letter, *, now: datetime) -> list[Fact]:
    """Return what the e-mail lists, in order."""
    if letter.invoice and letter.registration:
        return [fact for fact in _invoiced(letter, letter.invoice, letter.registration) if any(fact.lines)]
    if letter.session is None:
        return []
    return [fact for fact in _facts(letter, letter.session, now) if any(fact.lines)]


def meetings(letter: Letter, session: Session, *, now: datetime) -> Sequence[Meeting]:
    """Return the dates that the e-mail is about: those of the booking, those still to come, those that fall out."""
    if letter.kind == "confirmation" and letter.registration:
        chosen = [meeting for meeting in session.meetings if letter.registration.covers(meeting)]
    else:
        chosen = list(remaining(session.meetings, session.cancelled_at or now))
    return chosen or session.meetings


def _facts(letter: Letter, session: Session, now: datetime) -> Iterator[Fact]:
    gettext = languages.translation(letter.locale).gettext
    if letter.kind == "confirmation":
        yield Fact(gettext("Registered"), _registered(letter))
    dates = _dates(meetings(letter, session, now=now), session.time_zone, letter.locale)
    yield Fact(gettext("When"), dates, outdated=letter.kind == "session_cancelled")
    if letter.before:
        before = _dates(remaining(letter.before.meetings, now), letter.before.time_zone, letter.locale)
        yield Fact(gettext("Before"), [] if before == dates else before, outdated=True)
    yield Fact(gettext("Where"), [session.location])
    if letter.before and letter.before.location != session.location:
        yield Fact(gettext("Before"), [letter.before.location], outdated=True)
    if letter.kind == "session_cancelled":
        yield Fact(gettext("Reason"), session.cancel_reason.splitlines())
    if letter.kind in {"session_invitation", "invitation_reminder", "waitlist_offer", "confirmation"}:
        yield Fact(gettext("Price"), price(letter, session))
    if letter.kind == "confirmation":
        yield Fact(gettext("Payment"), _payment(letter))


def _invoiced(letter: Letter, invoice: Invoice, registration: Registration) -> Iterator[Fact]:
    gettext = languages.translation(letter.locale).gettext
    yield Fact(gettext("Number"), [invoice.number])
    yield Fact(gettext("Date"), [languages.day(times.local(invoice.issued_at, invoice.time_zone), letter.locale)])
    yield Fact(gettext("For"), [_line(line, letter.locale) for line in invoice.lines])
    yield Fact(gettext("Total"), [languages.money(invoice.total, letter.locale)])
    if invoice.vat_rate:
        told = gettext("%(amount)s of it, at %(rate)s")
        amount, rate = languages.money(invoice.vat, letter.locale), languages.percent(invoice.vat_rate, letter.locale)
        yield Fact(gettext("VAT"), [told % {"amount": amount, "rate": rate}])
    yield Fact(gettext("Payment"), _paid_or_not(letter, invoice, registration))


def _paid_or_not(letter: Letter, invoice: Invoice, registration: Registration) -> list[str]:
    gettext = languages.translation(letter.locale).gettext
    match standing(invoice, registration):
        case "credit" | "cancelled":
            return []
        case "paid":
            return [gettext("Paid. Thank you!")]
    return _how_to_pay(letter, invoice)


def _how_to_pay(letter: Letter, invoice: Invoice) -> list[str]:
    if not letter.organisation.online_payment:
        return _instructions(letter, invoice.payment_instructions)
    gettext = languages.translation(letter.locale).gettext
    return [gettext("Online, on the page that the link opens."), *invoice.payment_instructions.splitlines()]


def _line(line: Line, locale: str) -> str:
    if line.spots:
        return f"{line.label} · {line.spots} × {languages.money(line.price, locale)}"
    return f"{languages.translation(locale).gettext(line.label)} · {line.tier}: {languages.money(line.amount, locale)}"


def _dates(chosen: Sequence[Meeting], zone: str, locale: str) -> list[str]:
    if len(chosen) < 2:
        return [languages.when(meeting, zone, locale) for meeting in chosen]
    texts = languages.translation(locale)
    lines = [languages.date_and_times(meeting, zone, locale) for meeting in chosen[:MOST_DATES]]
    more = len(chosen) - MOST_DATES
    if more > 0:
        lines.append(texts.ngettext("and %(number)d more date", "and %(number)d more dates", more) % {"number": more})
    return [*lines, texts.gettext("Time zone: %(zone)s") % {"zone": zone}]


def _registered(letter: Letter) -> list[str]:
    registration = letter.registration
    if registration is None:
        return []
    names = list(registration.participants) or [registration.name]
    if registration.party_size <= len(names):
        return names
    spots = languages.translation(letter.locale).ngettext("%(number)d spot in all", "%(number)d spots in all", registration.party_size)
    return [*names, spots % {"number": registration.party_size}]


def price(letter: Letter, session: Session) -> list[str]:
    booked = _booked(letter, session)
    if booked is None:
        return []
    tier_id, each, number = booked
    gettext = languages.translation(letter.locale).gettext
    if each.amount == 0:
        return [gettext("Free of charge")]
    total = languages.money(each.times(number), letter.locale)
    line = total if number == 1 else f"{number} × {languages.money(each, letter.locale)} = {total}"
    tier = session.tier(tier_id)
    spots = f"{line} · {tier.name}" if tier and len(session.tiers) > 1 else line
    return [spots, *_lowered(letter, each.times(number), number)]


def _lowered(letter: Letter, whole: Money, number: int) -> list[str]:
    """Return what comes off the price, line by line, and what is left."""
    booked = letter.registration or letter.invitation
    lines = lowered(whole.amount, number, booked.discount, booked.sibling) if booked else []
    if not lines:
        return []
    told = [
        f"{languages.price_line(line, letter.locale)}: {languages.money(Money(line.amount, whole.currency), letter.locale)}"
        for line in lines
    ]
    total = Money(whole.amount + total_of(lines), whole.currency)
    label = languages.translation(letter.locale).gettext("Total")
    return [*told, f"{label}: {languages.money(total, letter.locale)}"]


def _booked(letter: Letter, session: Session) -> tuple[str, Money, int] | None:
    """Return tier, price of one spot and number of spots; None while the price is still to be chosen."""
    if letter.registration:
        return letter.registration.tier, letter.registration.price, letter.registration.party_size
    if letter.invitation is None:
        return None
    invitation = letter.invitation
    if invitation.price is not None:
        return invitation.tier, invitation.price, invitation.party_size
    only = session.tiers[0] if len(session.tiers) == 1 else None
    return (only.id, only.price, invitation.party_size) if only else None


def _payment(letter: Letter) -> list[str]:
    registration, organisation = letter.registration, letter.organisation
    if registration is None or registration.total.amount == 0:
        return []
    gettext = languages.translation(letter.locale).gettext
    if registration.billing == "paid":
        return [gettext("Paid. Thank you!")]
    if registration.billing == "invoiced":
        return [gettext("You get an invoice by e-mail.")]
    return _instructions(letter, organisation.payment_instructions)


def _instructions(letter: Letter, written: str) -> list[str]:
    told = languages.translation(letter.locale).gettext("You pay later; %(organisation)s will tell you how.")
    return written.splitlines() or [told % {"organisation": letter.organisation.name}]
