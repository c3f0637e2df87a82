"""E-mails from staff to a roster: a job queues one message per person."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.operations.messages.queue import queue
from chalicelib.operations.quotas import check_mails
from chalicelib.rules.inputs.roster_messages import RosterMessageInput
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.refs import public_id
from chalicelib.rules.registrations import Registration
from chalicelib.rules.roster_messages import NobodyRegistered, UnknownRegistrations, by_person, registrations_of
from chalicelib.tables import booking_context, customers, registrations

GONE = "gone"


def mail_roster(org: str, session_id: str, mailing: RosterMessageInput, *, by: str, key: str, now: datetime) -> str:
    """Start the e-mail to all registrations on the roster, or to the chosen ones, and return its job's id.

    A retry with the same key returns the same job. Raises NotFound, UnknownRegistrations, NobodyRegistered, TooManyMails.
    """
    roster = booking_context.roster(org, session_id)
    items = people(org, _chosen(_registered(roster), mailing))
    job = Job(
        org=org,
        id=derived("mailing", org, session_id, key),
        kind="mailing",
        total=len(items),
        by=by,
        created_at=now,
        moved_at=now,
        data={"session": session_id, "subject": mailing.subject, "text": mailing.text},
    )
    check_mails(job, now=now)
    jobs.start(job, items)
    return job.id


def people(org: str, chosen: Sequence[Registration]) -> list[str]:
    """Return the registrations of each person, as items of the job. All addresses of a merged customer are one person."""
    return by_person(chosen, customers.main_addresses(org, [one.email for one in chosen]))


def queue_roster_messages(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Queue the message to each person and return those without a registration. Safe to repeat."""
    missing = [registrations_of(item)[0] for item in items if not _queue(job, item, now)]
    return [Failure(public_id(job.data["session"], id), GONE) for id in missing]


def _registered(roster: booking_context.Roster) -> list[Registration]:
    return sorted(roster.registered(), key=lambda registration: registration.created_at)


def _chosen(registered: Sequence[Registration], mailing: RosterMessageInput) -> Sequence[Registration]:
    if not registered and mailing.everybody:
        raise NobodyRegistered
    if mailing.everybody:
        return registered
    named = {registration.public_id: registration for registration in registered}
    unknown = {index: wanted for index, wanted in enumerate(mailing.registrations) if wanted not in named}
    if unknown:
        raise UnknownRegistrations(unknown)
    return [named[wanted] for wanted in dict.fromkeys(mailing.registrations)]


def _queue(job: Job, item: str, now: datetime) -> bool:
    """Queue the message to one person. False if its registrations no longer exist."""
    session, ids = str(job.data["session"]), registrations_of(item)
    found = (registrations.find(job.org, session, id) for id in ids)
    registration = next((registration for registration in found if registration), None)
    if registration is None:
        return False
    queue(
        kind="roster_message",
        org=job.org,
        to=registration.email,
        locale=registration.locale,
        data={"session": session, "registrations": ids, "job": job.id},
        key=f"{job.id}#{ids[0]}",
        now=now,
    )
    return True
