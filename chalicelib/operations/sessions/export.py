"""The CSV export of a roster."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from chalicelib.operations.audit import record_act
from chalicelib.operations.headings import headings
from chalicelib.operations.sessions.queries import read_roster
from chalicelib.rules.attendance import Marks, statuses_of
from chalicelib.rules.consents import Consent
from chalicelib.rules.csv_export import csv_text, join_names
from chalicelib.rules.money import Money, decimal
from chalicelib.rules.questions import AnswerValue, Question
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.times import local
from chalicelib.rules.translation import N_
from chalicelib.tables import attendance
from chalicelib.tables.retries import own_deadline

MINUTES = "%Y-%m-%d %H:%M"
BORN = N_("Dates of birth")
"""The column of a session that is for certain ages."""
HEADER = (
    N_("Name"),
    N_("Email"),
    N_("Phone"),
    N_("Participants"),
    N_("Party size"),
    N_("Source"),
    N_("Invited address"),
    N_("Invitation Code"),
    N_("Tier"),
    N_("Billing"),
    N_("Total"),
    N_("Currency"),
    N_("Paid"),
    N_("Refunded"),
    N_("Invoice"),
    N_("Since"),
)
ORDER = (N_("Registration"), N_("Session"), N_("Starts"), N_("Time zone"), *HEADER)
"""The columns of an order."""


def export_roster(org: str, session_id: str, *, locale: str = "en", now: datetime) -> str:
    """Return the registrations on the roster as CSV, with a column for each question and for each date that has marks. Raises NotFound."""
    with own_deadline():
        roster = read_roster(org, session_id, now=now)
        session = roster.session.session
        marked = _marked_meetings(session)
    record_act(org, "session.exported", session.id, now=now)
    (date,) = headings((N_("Attendance"),), locale)
    dates = [f"{date} {local(meeting.starts_at, session.time_zone).strftime(MINUTES)}" for meeting, _ in marked]
    born = [BORN] if session.ages else []
    header = headings((*HEADER, *born), locale, [*(question.label for question in session.questions), *dates])
    return csv_text(header, [(*_row(registration, session), *_attendance(registration, marked)) for registration in roster.registrations])


def _marked_meetings(session: Session) -> list[tuple[Meeting, Marks]]:
    """Return the meetings that have marks, and the marks."""
    stored = attendance.of_session(session.org, session.id)
    return [(meeting, stored[meeting.id].marks) for meeting in session.meetings if meeting.id in stored]


def _attendance(registration: Registration, marked: list[tuple[Meeting, Marks]]) -> Iterator[str]:
    """Yield the attendance of the participants at each of these meetings, in their order; nothing where a meeting does not cover them."""
    for meeting, marks in marked:
        size = registration.party_at(meeting) if registration.covers(meeting) else 0
        yield join_names(statuses_of(registration.id, size, marks))


def order_row(registration: Registration, session: Session | None, zone: str) -> tuple[object, ...]:
    """Return the cells of `ORDER`: with the session's title, and the first covered meeting's start and time zone. `zone` is that of the
    organisation.
    """
    if session is None:
        return (registration.public_id, "", "", "", *_facts(registration, zone, registration.tier))
    first = next((meeting for meeting in session.meetings if registration.covers(meeting)), session.meetings[0])
    starts = local(first.starts_at, session.time_zone).strftime(MINUTES)
    return (registration.public_id, session.title, starts, session.time_zone, *_facts(registration, zone, _tier(registration, session)))


def _tier(registration: Registration, session: Session) -> str:
    tier = session.tier(registration.tier)
    return tier.name if tier else registration.tier


def _row(registration: Registration, session: Session) -> tuple[object, ...]:
    born = [_births(registration)] if session.ages else []
    return (
        *_facts(registration, session.time_zone, _tier(registration, session)),
        *born,
        *(_cell(registration, question, session) for question in session.questions),
    )


def _births(registration: Registration) -> str:
    """Return the dates of birth of the participants, in the order of the names."""
    born = [registration.details_at(index).date_of_birth for index in range(len(registration.participants))]
    return join_names(date or "–" for date in born) if any(born) else ""


def _cell(registration: Registration, question: Question, session: Session) -> object:
    """Return the answer to a question; one that is asked for each participant has all of theirs, in the order of the names."""
    if question.per == "party":
        return _answer(question, dict(registration.answers), registration.consents, session)
    about = [(registration.answers_at(index), registration.details_at(index).consents) for index in range(len(registration.participants))]
    answers = [str(_answer(question, answers, consents, session) or "") for answers, consents in about]
    return join_names(answer or "–" for answer in answers) if any(answers) else ""


def _answer(question: Question, answers: Mapping[str, AnswerValue], consents: Sequence[Consent], session: Session) -> object:
    agreed_at = next((consent.agreed_at for consent in consents if consent.question == question.id), None)
    return _shown(answers.get(question.id), local(agreed_at, session.time_zone).strftime(MINUTES) if agreed_at else None)


def _facts(registration: Registration, zone: str, tier: str) -> tuple[object, ...]:
    return (
        registration.name,
        registration.email,
        registration.phone,
        join_names(registration.participants),
        registration.party_size,
        registration.source,
        registration.invited_email,
        registration.code,
        tier,
        "nothing to pay" if registration.billing_status == "free" else registration.billing_status,
        decimal(registration.total),
        registration.price.currency,
        decimal(Money(sum(payment.amount for payment in registration.payments if not payment.currency), registration.price.currency)),
        decimal(Money(sum(refund.amount for refund in registration.refunds if refund.state != "failed"), registration.price.currency)),
        registration.invoice,
        local(registration.created_at, zone).strftime(MINUTES),
    )


def _shown(answer: object, agreed: str | None) -> object:
    """Return an answer as a cell: a consent with the moment at which it was given."""
    if isinstance(answer, bool):
        return " ".join(filter(None, ("yes" if answer else "no", agreed)))
    return answer
