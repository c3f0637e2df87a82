"""Completes the cancellation of a session for everybody on its roster: at once for few, as a job for many.

A stream's function has a minute. Thousands of people, each with the use of a code, an invoice and an e-mail, need more.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.operations import codes, discounts, invoices, jobs, reactions, refunds
from chalicelib.operations.identity import derived
from chalicelib.operations.recipients import recipients_on
from chalicelib.rules.jobs import SLICE, Failure, Job
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context
from chalicelib.tables.booking_context import Roster


def complete_cancellation(session: Session, *, now: datetime) -> None:
    """Return uses of codes and discounts, tell everybody, and credit and refund as staff said. Safe to repeat. Raises Busy."""
    roster = booking_context.roster(session.org, session.id)._replace(session=session)
    concerned = _concerned(roster, now)
    if len(concerned) > SLICE:
        jobs.start(_job(session, len(concerned), now), concerned)
    else:
        _complete(roster, now)


def complete_next(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Complete it for these registrations, invitations and entries. Raises Busy: the queue repeats it."""
    try:
        roster = booking_context.roster(job.org, str(job.data["session"]))
    except NotFound:
        return []
    cancelled = replace(roster.session, version=int(job.data["version"]))
    _complete(roster.only({*items})._replace(session=cancelled), now)
    return []


def _complete(roster: Roster, now: datetime) -> None:
    codes.return_uses_on(roster)
    discounts.return_uses_on(roster)
    reactions.session_cancelled(roster, now=now)
    invoices.credit_session(roster, now=now)
    invoices.close_cancelled(roster, now=now)
    refunds.refund_session(roster, now=now)


def _concerned(roster: Roster, now: datetime) -> list[str]:
    """Return the ids of all registrations, and of the invitations and entries whose people are told."""
    recipients = [id for role, id, _, _ in recipients_on(roster, now=now) if role != "registration"]
    return [one.id for one in roster.registrations] + recipients


def _job(session: Session, total: int, now: datetime) -> Job:
    """Return the job, the same for a repeated record. The version names the e-mails, so that a later one tells nobody twice."""
    id = derived("cancellation", session.org, session.id, str(session.version))
    data = {"session": session.id, "version": session.version}
    return Job(org=session.org, id=id, kind="cancellation", total=total, by="", created_at=now, moved_at=now, data=data)
