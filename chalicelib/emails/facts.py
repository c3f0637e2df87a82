"""The facts in an e-mail: dates, location, names, price."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib import i18n
from chalicelib.emails.amounts import payment, payment_of_invoice, price, refunded_amount, total
from chalicelib.emails.kinds import declaration
from chalicelib.rules import times
from chalicelib.rules.invoices import Invoice, InvoiceLine
from chalicelib.rules.letters import Letter, MovedFrom
from chalicelib.rules.messages import EmailKind
from chalicelib.rules.money import Money
from chalicelib.rules.registration_history import Refund
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session, remaining

MOST_DATES = 8
MOST_TITLES = 3
BOOKED: tuple[EmailKind, ...] = ("confirmation", "registration_moved", "booking_changed")
WITH_MINIMUM: tuple[EmailKind, ...] = (*BOOKED, "session_invitation", "waitlist_offer")
"""The e-mails that say from how many participants a session takes place, while that is undecided."""
ENDED: tuple[EmailKind, ...] = ("session_cancelled", "registration_removed", "booking_cancelled", "meeting_cancelled")


class Fact(NamedTuple):
    """A label and its lines."""

    label: str
    lines: Sequence[str]
    outdated: bool = False
    """Whether the fact is no longer true, such as the earlier dates of a moved session."""


def facts(letter: Letter, *, now: datetime) -> list[Fact]:
    """Return the e-mail's facts in order."""
    if letter.invoice and letter.registration:
        return [fact for fact in _invoiced(letter, letter.invoice, letter.registration) if any(fact.lines)]
    if letter.refunded:
        return _paid_too_late(letter, letter.refunded)
    if letter.session is None:
        return []
    if letter.refund and letter.registration:
        return list(_refunded(letter, letter.session, letter.refund))
    if letter.together:
        return [fact for fact in _booked_together(letter, now) if any(fact.lines)]
    return [fact for fact in _facts(letter, letter.session, now) if any(fact.lines)]


def meetings(letter: Letter, session: Session, *, now: datetime) -> Sequence[Meeting]:
    """Return the meetings that the e-mail is about.

    For a date that is cancelled or restored alone it is that one. For a confirmation or a transfer they are those that the registration
    covers, else those remaining now or, of a cancelled session, when it was cancelled. Without any of these: all that take place.
    """
    if letter.meeting:
        chosen = [letter.meeting]
    elif letter.kind in BOOKED and letter.registration:
        chosen = [meeting for meeting in session.active_meetings if letter.registration.covers(meeting)]
    elif letter.kind in {"registration_removed", "booking_cancelled"} and letter.registration:
        chosen = letter.registration.remaining(session, now)
    else:
        chosen = list(remaining(session.meetings, session.cancelled_at or now))
    return chosen or session.active_meetings


def each_alone(letter: Letter) -> list[Letter]:
    """Return the letter about each of the registrations that were booked together; the letter itself if it is about one."""
    return [replace(letter, session=session, registration=one, together=()) for session, one in letter.together] or [letter]


def title(letter: Letter) -> str:
    """Return the titles of the sessions that the e-mail is about; empty for none."""
    titles = list(dict.fromkeys(session.title for session in (*letter.missed, *(one for one, _ in letter.together))))
    if not titles:
        return letter.session.title if letter.session else ""
    if len(titles) <= MOST_TITLES:
        return i18n.listed(titles, letter.locale)
    more = len(titles) - 1
    text = i18n.translation(letter.locale).ngettext("%(session)s and %(num)d more session", "%(session)s and %(num)d more sessions", more)
    return text % {"session": titles[0], "num": more}


def _paid_too_late(letter: Letter, amount: Money) -> list[Fact]:
    gettext = i18n.translation(letter.locale).gettext
    titles = [session.title for session in letter.missed] or [title(letter)]
    return [Fact(gettext("For"), titles), Fact(gettext("Refund"), [i18n.money(amount, letter.locale)])]


def _booked_together(letter: Letter, now: datetime) -> Iterator[Fact]:
    """Yield the facts of each registration after the title of its session, then what all of them cost."""
    gettext, sum_of_all = i18n.translation(letter.locale).gettext, total(letter)
    for one in each_alone(letter):
        if one.session:
            yield Fact(gettext("Session"), [one.session.title])
            yield from (fact for fact in _facts(one, one.session, now) if fact.label != gettext("Payment"))
    if sum_of_all and sum_of_all.amount:
        yield Fact(gettext("Total"), [i18n.money(sum_of_all, letter.locale)])
    owed = next((one for one in each_alone(letter) if one.registration and one.registration.total.amount), letter)
    yield Fact(gettext("Payment"), payment(owed))


def _facts(letter: Letter, session: Session, now: datetime) -> Iterator[Fact]:
    gettext = i18n.translation(letter.locale).gettext
    if letter.kind in BOOKED or letter.kind == "date_reminder":
        yield Fact(gettext("Registered"), _registered(letter))
    dates = _dates(meetings(letter, session, now=now), session.time_zone, letter.locale)
    yield Fact(gettext("When"), dates, outdated=letter.kind in ENDED)
    if letter.before:
        before = _dates(remaining(letter.before.meetings, now), letter.before.time_zone, letter.locale)
        yield Fact(gettext("Before"), [] if before == dates else before, outdated=True)
    yield Fact(gettext("Where"), [session.location])
    if letter.before and letter.before.location != session.location:
        yield Fact(gettext("Before"), [letter.before.location], outdated=True)
    if letter.moved_from:
        yield Fact(gettext("Before"), _left(letter.moved_from, letter.locale, now), outdated=True)
    if letter.kind == "session_cancelled":
        yield Fact(gettext("Reason"), session.cancel_reason.splitlines())
    if letter.meeting and letter.kind != "date_reminder":
        yield Fact(gettext("Reason"), letter.meeting.cancel_reason.splitlines())
        yield Fact(gettext("Other dates"), _dates(_others(letter, session, letter.meeting, now), session.time_zone, letter.locale))
    yield from _minimum(letter, session)
    if declaration(letter.kind).lists_price:
        yield Fact(gettext("Price"), price(letter, session))
    if letter.kind in BOOKED:
        yield Fact(gettext("Payment"), payment(letter))
    yield from _elsewhere(letter, now)


def _elsewhere(letter: Letter, now: datetime) -> Iterator[Fact]:
    """Yield the other sessions that the party waits for; in an offer those that it waits for no more."""
    if letter.waiting and letter.kind in {"waitlist_joined", "waitlist_offer"}:
        gettext = i18n.translation(letter.locale).gettext
        label = gettext("Also waiting for") if letter.kind == "waitlist_joined" else gettext("No longer waiting for")
        yield Fact(label, [_brief(session, letter.locale, now) for session in letter.waiting.elsewhere])


def _brief(session: Session, locale: str, now: datetime) -> str:
    first = next(iter(remaining(session.meetings, now)), session.meetings[0])
    return f"{session.title}, {i18n.date_and_times(first, session.time_zone, locale)}"


def _minimum(letter: Letter, session: Session) -> Iterator[Fact]:
    """Yield the facts about the minimum number of participants, for staff also the decision."""
    minimum, gettext = session.minimum, i18n.translation(letter.locale).gettext
    if minimum is None:
        return
    if letter.kind in WITH_MINIMUM and minimum.outcome != "goes_ahead":
        yield Fact(gettext("Minimum"), [i18n.minimum(session, letter.locale)])
    if letter.kind == "minimum_missed":
        counted = {"number": minimum.counted, "minimum": minimum.participants}
        yield Fact(gettext("Registered"), [gettext("%(number)d of at least %(minimum)d") % counted])
        yield Fact(gettext("To refund"), [_refund(one, letter.locale) for one in letter.refunds])


def _refund(registration: Registration, locale: str) -> str:
    """Return payer and amount: the recorded payment, or else the price."""
    paid = registration.paid if registration.payments else registration.total
    line = f"{registration.name or registration.email}: {i18n.money(paid, locale)}"
    return f"{line} · {registration.invoice}" if registration.invoice else line


def _others(letter: Letter, session: Session, meeting: Meeting, now: datetime) -> list[Meeting]:
    """Return the other dates that are still to come."""
    coming = letter.registration.remaining(session, now) if letter.registration else remaining(session.meetings, now)
    return [one for one in coming if one.id != meeting.id]


def _left(moved_from: MovedFrom, locale: str, now: datetime) -> list[str]:
    """Return the session that a registration was moved from, with its dates that were still to come."""
    session, registration = moved_from
    return [session.title, *_dates(registration.remaining(session, now), session.time_zone, locale)]


def _invoiced(letter: Letter, invoice: Invoice, registration: Registration) -> Iterator[Fact]:
    gettext = i18n.translation(letter.locale).gettext
    yield Fact(gettext("Number"), [invoice.number])
    yield Fact(gettext("Date"), [i18n.day(times.local(invoice.issued_at, invoice.time_zone), letter.locale)])
    yield Fact(gettext("For"), [_line(line, letter.locale) for line in invoice.lines])
    yield Fact(gettext("Total"), [i18n.money(invoice.total, letter.locale)])
    if invoice.vat_rate:
        text = gettext("%(amount)s of it, at %(rate)s")
        amount, rate = i18n.money(invoice.vat, letter.locale), i18n.percent(invoice.vat_rate, letter.locale)
        yield Fact(gettext("VAT"), [text % {"amount": amount, "rate": rate}])
    yield Fact(gettext("Payment"), payment_of_invoice(letter, invoice, registration))


def _refunded(letter: Letter, session: Session, refund: Refund) -> Iterator[Fact]:
    gettext = i18n.translation(letter.locale).gettext
    yield Fact(gettext("Refund"), [refunded_amount(letter)])
    yield Fact(gettext("Session"), [session.title])
    yield Fact(gettext("Date"), [i18n.day(times.local(refund.at, letter.organisation.time_zone), letter.locale)])


def _line(line: InvoiceLine, locale: str) -> str:
    if line.spots:
        return f"{line.label} · {line.spots} × {i18n.money(line.price, locale)}"
    return f"{i18n.translation(locale).gettext(line.label)} · {line.tier}: {i18n.money(line.amount, locale)}"


def _dates(chosen: Sequence[Meeting], zone: str, locale: str) -> list[str]:
    if len(chosen) < 2:
        return [i18n.when(meeting, zone, locale) for meeting in chosen]
    texts = i18n.translation(locale)
    lines = [i18n.date_and_times(meeting, zone, locale) for meeting in chosen[:MOST_DATES]]
    more = len(chosen) - MOST_DATES
    if more > 0:
        lines.append(texts.ngettext("and %(number)d more date", "and %(number)d more dates", more) % {"number": more})
    return [*lines, texts.gettext("Time zone: %(zone)s") % {"zone": zone}]


def _registered(letter: Letter) -> list[str]:
    registration = letter.registration
    if registration is None:
        return []
    number, texts = registration.party_size, i18n.translation(letter.locale)
    names = list(registration.participants) or [name for name in [registration.name] if name]
    if number <= len(names):
        return names
    if not names:
        return [texts.ngettext("%(num)d spot", "%(num)d spots", number) % {"num": number}]
    return [*names, texts.ngettext("%(number)d spot in all", "%(number)d spots in all", number) % {"number": number}]
