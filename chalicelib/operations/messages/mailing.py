"""An e-mail that staff write to people on a roster: a job that queues one message for each address."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.operations.messages.queueing import queue
from chalicelib.rules.drafts.mailings import Mailing
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.mailings import NobodyRegistered, UnknownRegistrations, by_address, registrations_of
from chalicelib.rules.registrations import Registration
from chalicelib.tables import keys, registrations, rosters

GONE = "gone"


def mail_roster(org: str, session_id: str, mailing: Mailing, *, by: str, key: str, now: datetime) -> str:
    """Begin to write to everybody on the roster, or to those chosen, and return the job. A retry under the same key is the same mailing.

    Raises NotFound, UnknownRegistrations with all of them, NobodyRegistered.
    """
    roster = rosters.roster(org, session_id)
    items = by_address(_chosen(_standing(roster), mailing))
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
    jobs.start(job, items)
    return job.id


def queue_mailing(job: Job, items: Sequence[str], now: datetime) -> list[Failure]:
    """Queue the message of each address; one queued before is the same one."""
    missing = [registrations_of(item)[0] for item in items if not _queued(job, item, now)]
    return [Failure(keys.joined(job.data["session"], own), GONE) for own in missing]


def _standing(roster: rosters.Roster) -> list[Registration]:
    holds = roster.holds()
    standing = [entry for entry in roster.registrations if entry.holds(holds.get(entry.hold)) and not entry.removed_at]
    return sorted(standing, key=lambda entry: entry.created_at)


def _chosen(standing: Sequence[Registration], mailing: Mailing) -> Sequence[Registration]:
    if not standing and mailing.everybody:
        raise NobodyRegistered
    if mailing.everybody:
        return standing
    named = {keys.joined(entry.session, entry.id): entry for entry in standing}
    unknown = {place: wanted for place, wanted in enumerate(mailing.registrations) if wanted not in named}
    if unknown:
        raise UnknownRegistrations(unknown)
    return [named[wanted] for wanted in dict.fromkeys(mailing.registrations)]


def _queued(job: Job, item: str, now: datetime) -> bool:
    """Queue the message of one address; False when there is no trace of its registrations any more."""
    session, owns = str(job.data["session"]), registrations_of(item)
    found = (registrations.find(job.org, session, own) for own in owns)
    registration = next((entry for entry in found if entry), None)
    if registration is None:
        return False
    queue(
        kind="roster_message",
        org=job.org,
        to=registration.email,
        locale=registration.locale,
        data={"session": session, "registrations": owns, "job": job.id},
        key=f"{job.id}#{owns[0]}",
        now=now,
    )
    return True
