"""Long work under way: how far it has come, and what comes of it. The page looks again by itself; closing it stops nothing."""

from collections.abc import Callable

from chalicelib.operations import codes, contracts, jobs, messages, portal_invitations, sessions
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.jobs import Job, Kind

LATEST = 200
DIGITS = 9


@page("GET", "/o/{org}/jobs/{job}", who=Staff("viewer"))
def job(visit: Visit) -> Answer:
    found = jobs.read_job(visit.org, visit["job"])
    return SHOWN.get(found.kind, _any)(visit, found)


def _mailing(visit: Visit, found: Job) -> Answer:
    session = str(found.data["session"])
    sent = messages.list_session_messages(visit.org, session, limit=LATEST).items
    view = sessions.read_session(visit.org, session, now=visit.call.now)
    mine = [one for one in sent if one.data.get("job") == found.id]
    return Html("mailing/job.html", {"job": found, "session": view.session, "messages": mine})


def _codes(visit: Visit, found: Job) -> Answer:
    contract = contracts.read_contract(visit.org, str(found.data["contract"]))
    view = codes.read_batch(visit.org, contract.id, str(found.data["batch"]))
    return Html("jobs/codes.html", {"job": found, "contract": contract, "batch": view.batch})


def _codes_table(visit: Visit, found: Job) -> Answer:
    contract = contracts.read_contract(visit.org, str(found.data["contract"]))
    return Html("jobs/codes_table.html", {"job": found, "contract": contract, "batch": found.data["batch"]})


def _import(visit: Visit, found: Job) -> Answer:
    return Redirect(f"/o/{visit.org}/imports/{found.data['import']}")


def _erase(_visit: Visit, found: Job) -> Answer:
    return Html("jobs/erase.html", {"job": found})


def _portal_invitations(visit: Visit, found: Job) -> Answer:
    wanted = visit.call.query.get("from", "")
    start = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < DIGITS else 0
    page = portal_invitations.list_progress(visit.org, found.id, limit=LATEST, start=start)
    skipped = portal_invitations.count_skipped(found)
    return Html("jobs/portal_invitations.html", {"job": found, "progress": page, "start": start, "skipped": skipped})


def _any(_visit: Visit, found: Job) -> Answer:
    return Html("jobs/job.html", {"job": found})


SHOWN: dict[Kind, Callable[[Visit, Job], Answer]] = {
    "mailing": _mailing,
    "codes": _codes,
    "codes_table": _codes_table,
    "import": _import,
    "portal_invitations": _portal_invitations,
    "erase": _erase,
}
"""Each kind's own page; the others look alike."""
