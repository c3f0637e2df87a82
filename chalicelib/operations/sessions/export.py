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
from chalicelib.tables.patience import own_patience

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
    with own_patience():
        roster = read_roster(org, session_id, now=now)
        session = roster.session.session
        marked = _marked_meetings(session)
    record_act(org, "session.exported", session.id, now=now)
    (date,) = headings((N_("Attendance"),), locale)
    dates = [f"{date} {local(meeting.starts_at, session.time_zone).strftime(MINUTES)}" for meeting, _ in marked]
    born = [BORN] if session.ages else []
    header = headings((*HEADER, *born), locale, [*(question.label for question in session.questions), *dates])
    return csv_text(header, [(*_row(entry, session), *_attendance(entry, marked)) for entry in roster.registrations])


def _marked_meetings(session: Session) -> list[tuple[Meeting, Marks]]:
    """Return the meetings that have marks, and the marks."""
    stored = attendance.of_session(session.org, session.id)
    return [(meeting, stored[meeting.id].marks) for meeting in session.meetings if meeting.id in stored]


def _attendance(entry: Registration, marked: list[tuple[Meeting, Marks]]) -> Iterator[str]:
    """Yield the attendance of the participants at each of these meetings, in their order; nothing where a meeting does not cover them."""
    for meeting, marks in marked:
        size = entry.party_at(meeting) if entry.covers(meeting) else 0
        yield join_names(statuses_of(entry.id, size, marks))


def order_row(entry: Registration, session: Session | None, zone: str) -> tuple[object, ...]:
    """Return the cells of `ORDER`: with the session's title, and the first covered meeting's start and time zone. `zone` is that of the
    organisation.
    """
    if session is None:
        return (entry.public_id, "", "", "", *_facts(entry, zone, entry.tier))
    first = next((meeting for meeting in session.meetings if entry.covers(meeting)), session.meetings[0])
    starts = local(first.starts_at, session.time_zone).strftime(MINUTES)
    return (entry.public_id, session.title, starts, session.time_zone, *_facts(entry, zone, _tier(entry, session)))


def _tier(entry: Registration, session: Session) -> str:
    tier = session.tier(entry.tier)
    return tier.name if tier else entry.tier


def _row(entry: Registration, session: Session) -> tuple[object, ...]:
    born = [_births(entry)] if session.ages else []
    return (
        *_facts(entry, session.time_zone, _tier(entry, session)),
        *born,
        *(_cell(entry, question, session) for question in session.questions),
    )


def _births(entry: Registration) -> str:
    """Return the dates of birth of the participants, in the order of the names."""
    born = [entry.details_at(index).date_of_birth for index in range(len(entry.participants))]
    return join_names(date or "–" for date in born) if any(born) else ""


def _cell(entry: Registration, question: Question, session: Session) -> object:
    """Return the answer to a question; one that is asked for each participant has all of theirs, in the order of the names."""
    if question.per == "party":
        return _answer(question, dict(entry.answers), entry.consents, session)
    about = [(entry.answers_at(index), entry.details_at(index).consents) for index in range(len(entry.participants))]
    answers = [str(_answer(question, answers, consents, session) or "") for answers, consents in about]
    return join_names(answer or "–" for answer in answers) if any(answers) else ""


def _answer(question: Question, answers: Mapping[str, AnswerValue], consents: Sequence[Consent], session: Session) -> object:
    agreed_at = next((consent.agreed_at for consent in consents if consent.question == question.id), None)
    return _shown(answers.get(question.id), local(agreed_at, session.time_zone).strftime(MINUTES) if agreed_at else None)


def _facts(entry: Registration, zone: str, tier: str) -> tuple[object, ...]:
    return (
        entry.name,
        entry.email,
        entry.phone,
        join_names(entry.participants),
        entry.party_size,
        entry.source,
        entry.invited_email,
        entry.code,
        tier,
        "nothing to pay" if entry.billing_status == "free" else entry.billing_status,
        decimal(entry.total),
        entry.price.currency,
        decimal(Money(sum(payment.amount for payment in entry.payments if not payment.currency), entry.price.currency)),
        decimal(Money(sum(refund.amount for refund in entry.refunds if refund.state != "failed"), entry.price.currency)),
        entry.invoice,
        local(entry.created_at, zone).strftime(MINUTES),
    )


def _shown(answer: object, agreed: str | None) -> object:
    """Return an answer as a cell: a consent with the moment at which it was given."""
    if isinstance(answer, bool):
        return " ".join(filter(None, ("yes" if answer else "no", agreed)))
    return answer
