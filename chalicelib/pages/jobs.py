"""A job: its progress and its result. The page refreshes automatically, and the job continues when it is closed."""

from collections.abc import Callable
from urllib.parse import urlencode

from chalicelib.operations import codes, contracts, jobs, messages, portal_invitations, sessions
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.jobs import Job, JobKind
from chalicelib.rules.numbers import whole_number
from chalicelib.web.audience import Staff

LATEST = 200


@page("GET", "/o/{org}/jobs/{job}", who=Staff("read"))
def job(visit: Visit) -> PageResponse:
    found = jobs.read_job(visit.org, visit["job"])
    return SHOWN.get(found.kind, _any)(visit, found)


def _mailing(visit: Visit, found: Job) -> PageResponse:
    session = str(found.data["session"])
    sent = messages.list_session_messages(visit.org, session, limit=LATEST).items
    view = sessions.read_session(visit.org, session, now=visit.call.now)
    mine = [one for one in sent if one.data.get("job") == found.id]
    return Html("roster_messages/job.html", {"job": found, "session": view.session, "messages": mine})


def _codes(visit: Visit, found: Job) -> PageResponse:
    contract = contracts.read_contract(visit.org, str(found.data["contract"]))
    view = codes.read_batch(visit.org, contract.id, str(found.data["batch"]))
    return Html("jobs/codes.html", {"job": found, "contract": contract, "batch": view.batch})


def _codes_export(visit: Visit, found: Job) -> PageResponse:
    contract = contracts.read_contract(visit.org, str(found.data["contract"]))
    base, batch = f"/o/{visit.org}/contracts/{contract.id}", found.data["batch"]
    of_batch = f"{base}/batches/{batch}" if batch else ""
    crumb = visit.gettext("%(name)s: codes") % {"name": contract.name}
    return _export(visit, found, here="Contracts", file=f"{of_batch or base}/codes.csv", back=of_batch or f"{base}/codes", crumb=crumb)


def _orders_export(visit: Visit, found: Job) -> PageResponse:
    root, status = f"/o/{visit.org}/orders", urlencode({"status": found.data["status"]})
    return _export(visit, found, here="Orders", file=f"{root}.csv?{status}", back=f"{root}?{status}", crumb=visit.gettext("Orders"))


def _customers_export(visit: Visit, found: Job) -> PageResponse:
    root, query = f"/o/{visit.org}/customers", urlencode({name: found.data[name] for name in ("q", "status", "group")})
    return _export(visit, found, here="Customers", file=f"{root}.csv?{query}", back=f"{root}?{query}", crumb=visit.gettext("Customers"))


def _export(_visit: Visit, found: Job, **about: str) -> PageResponse:
    return Html("jobs/export.html", {"job": found, **about})


def _import(visit: Visit, found: Job) -> PageResponse:
    return Redirect(f"/o/{visit.org}/imports/{found.data['import']}")


def _erase(_visit: Visit, found: Job) -> PageResponse:
    return Html("jobs/erase.html", {"job": found})


def _portal_invitations(visit: Visit, found: Job) -> PageResponse:
    start = whole_number(visit.call.query.get("from", "")) or 0
    page = portal_invitations.list_progress(visit.org, found.id, limit=LATEST, start=start)
    skipped = portal_invitations.count_skipped(found)
    waits = any(one.message and one.message.state in {"queued", "sending"} for one in page.items)
    data = {"job": found, "progress": page, "start": start, "skipped": skipped, "waits": waits}
    return Html("jobs/portal_invitations.html", data)


def _session_invitations(visit: Visit, found: Job) -> PageResponse:
    view = sessions.read_session(visit.org, str(found.data["session"]), now=visit.call.now)
    return Html("jobs/session_invitations.html", {"job": found, "session": view.session})


def _any(_visit: Visit, found: Job) -> PageResponse:
    return Html("jobs/job.html", {"job": found})


SHOWN: dict[JobKind, Callable[[Visit, Job], PageResponse]] = {
    "mailing": _mailing,
    "codes": _codes,
    "codes_table": _codes_export,
    "orders_table": _orders_export,
    "customers_table": _customers_export,
    "import": _import,
    "portal_invitations": _portal_invitations,
    "session_invitations": _session_invitations,
    "erase": _erase,
}
"""The page of each kind of job; other kinds share `_any`."""
