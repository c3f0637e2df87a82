"""An organisation as operators see it: who owns it, and what it uses."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from chalicelib.operations import organisations, staff, usage
from chalicelib.rules.jobs import Job
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.usage import DAYS, MailCount
from chalicelib.tables import jobs
from chalicelib.tables import organisations as table
from infra.deployment.stage import DeployingError


class UnknownOrganisationError(DeployingError):
    """There is no such organisation. The text names the remedy."""


class IncompleteOrganisationError(DeployingError):
    """Only a part of the organisation is here. The text names the remedy."""


def found(org: str) -> Organisation:
    """Return the organisation. Raises UnknownOrganisationError."""
    try:
        return organisations.read(org)
    except NotFound:
        raise UnknownOrganisationError(
            f"There is no organisation {org} here. organisation list --names has those that there are."
        ) from None


def found_whole(org: str) -> Organisation:
    """Return an organisation that is here as a whole. Raises UnknownOrganisationError, IncompleteOrganisationError."""
    organisation = found(org)
    check_whole(organisation)
    return organisation


def check_whole(organisation: Organisation) -> None:
    """Raise IncompleteOrganisationError while the organisation is being imported or deleted: what is done with a part of it is lost."""
    org = organisation.org
    if table.is_being_imported(org):
        raise IncompleteOrganisationError(
            f"{org} is being imported, and not all of it is here. Run organisation import again, with the same archive, to complete it."
        )
    if organisation.deleting:
        raise IncompleteOrganisationError(f"{org} is being deleted. Run organisation delete --id {org} again to complete that.")


def line_of(organisation: Organisation, *, now: datetime | None) -> str:
    """Return the organisation in one line, with what it uses unless `now` is None."""
    named = f"{organisation.org:<24}{organisation.name:<32}"
    if now is None:
        return named.rstrip()
    used = usage.read(organisation.org, now=now)
    counts = f"{used.sessions:>6} sessions{used.registrations:>8} registrations{used.customers:>8} customers"
    state = f"   {_state(organisation)}" if organisation.suspended_at else ""
    return f"{named}{counts}{used.mails.sent:>8} e-mails{_size(used.stored):>10}   {_day(used.last_activity)}{state}"


def described(organisation: Organisation, *, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield the facts, each with its name."""
    used = usage.read(organisation.org, now=now)
    yield "id", organisation.org
    yield "name", organisation.name
    yield "created", _day(organisation.created_at)
    yield "state", "being imported" if table.is_being_imported(organisation.org) else _state(organisation) or "runs"
    yield "limits", quotas_of(organisation)
    yield "settings", f"{organisation.locale}, {organisation.time_zone}, {organisation.currency}"
    for member in staff.every(organisation.org):
        if member.role == "owner":
            yield "owner", member.email if member.status == "active" else f"{member.email} (invited, has not joined)"
    yield "sessions", str(used.sessions)
    yield "registrations", str(used.registrations)
    yield "customers", str(used.customers)
    yield "e-mails", f"{_mails(used.mails)} in {DAYS} days"
    yield "failed jobs", _failed(jobs.since(organisation.org, now - timedelta(days=DAYS)))
    yield "stored", _size(used.stored)
    yield "last activity", _day(used.last_activity)


def quotas_of(organisation: Organisation) -> str:
    """Return what the organisation may have, in words."""
    quotas = organisation.quotas
    parts = {"e-mails a day": quotas.mails_a_day, "customers": quotas.customers, "sessions": quotas.sessions}
    return ", ".join(f"{'any number of' if most is None else most} {name}" for name, most in parts.items())


def _state(organisation: Organisation) -> str:
    if organisation.deleting:
        return "being deleted"
    if organisation.deletes_at:
        return f"suspended, may be deleted from {_day(organisation.deletes_at)} on"
    return f"suspended since {_day(organisation.suspended_at)}" if organisation.suspended_at else ""


def _failed(listed: Iterable[Job]) -> str:
    named = ", ".join(f"{job.kind} of {_day(job.created_at)}" for job in listed if job.status == "failed")
    return f"{named or 'none'} in {DAYS} days"


def _mails(count: MailCount) -> str:
    return f"{count.sent} sent, {count.bounced} bounced, {count.complained} marked as spam"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "never"


def _size(stored: int) -> str:
    return f"{stored / 1024**2:.1f} MB"
