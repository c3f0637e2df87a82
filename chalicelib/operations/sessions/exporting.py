"""A roster as a table for spreadsheets."""

from datetime import datetime

from chalicelib.operations.sessions.reading import read_roster
from chalicelib.rules.csv_cells import written
from chalicelib.rules.money import decimal
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import local

HEADER = (
    "Name",
    "Email",
    "Phone",
    "Participants",
    "Party size",
    "Source",
    "Invited address",
    "Invitation Code",
    "Tier",
    "Billing",
    "Total",
    "Currency",
    "Since",
)


def export_roster(org: str, session_id: str, *, now: datetime) -> str:
    """Return everybody on the roster as CSV, with a column for each question of the form."""
    roster = read_roster(org, session_id, now=now)
    session = roster.session.session
    header = (*HEADER, *(question.label for question in session.questions))
    return written(header, [_row(entry, session) for entry in roster.registrations])


def export_orders(orders: list[Registration], zone: str) -> str:
    """Return registrations of many sessions as CSV."""
    header = ("Registration", *HEADER)
    return written(header, [(f"{entry.session}-{entry.id}", *_facts(entry, zone, entry.tier)) for entry in orders])


def _row(entry: Registration, session: Session) -> tuple[object, ...]:
    answers = dict(entry.answers)
    tier = session.tier(entry.tier)
    return (
        *_facts(entry, session.time_zone, tier.name if tier else entry.tier),
        *(_shown(answers.get(question.id)) for question in session.questions),
    )


def _facts(entry: Registration, zone: str, tier: str) -> tuple[object, ...]:
    return (
        entry.name,
        entry.email,
        entry.phone,
        "; ".join(entry.participants),
        entry.party_size,
        entry.source,
        entry.invited_email,
        entry.code,
        tier,
        entry.billing,
        decimal(entry.total),
        entry.price.currency,
        local(entry.created_at, zone).strftime("%Y-%m-%d %H:%M"),
    )


def _shown(answer: object) -> object:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return answer
