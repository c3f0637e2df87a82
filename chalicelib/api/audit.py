"""The audit log, for owners."""

from datetime import datetime
from typing import Any

from chalicelib.api import downloads, lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.query import QueryParameter
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.operations import audit, organisations
from chalicelib.rules.actor import ActorKind
from chalicelib.rules.audit import AuditEntry
from chalicelib.tables.audit import Filters
from chalicelib.web.audience import Staff
from chalicelib.web.call import Call
from chalicelib.web.period import period

AUDIT = "/v1/orgs/{org}/audit"
FILTERS = {
    "actor": QueryParameter("Only what this actor did: an address of staff, the name of an API key, or a kind of actor."),
    "thing": QueryParameter("Only changes of the record with this id."),
    "from": QueryParameter("The first day, in the organisation's time zone, or moment."),
    "to": QueryParameter("The last day or moment."),
}


class ActorOut(Out):
    kind: ActorKind
    name: str | None
    """The address of the staff member, or the name of the API key."""


class AuditEntryOut(Out):
    id: str
    at: datetime
    actor: ActorOut
    action: str
    """The kind of record and the action, such as `session.updated`."""
    thing: str | None
    """The id of the session, registration, customer, …"""
    before: dict[str, Any] | None
    """The fields that differ, as they were; null for a new thing."""
    after: dict[str, Any] | None
    """The fields that differ, as they became; null for a deleted thing."""

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditEntryOut":
        return cls(
            id=entry.id,
            at=entry.at,
            actor=ActorOut(kind=entry.actor.kind, name=entry.actor.name or None),
            action=entry.action,
            thing=entry.subject.id or None,
            before=dict(entry.before) or None,
            after=dict(entry.after) or None,
        )


class AuditOut(Out):
    items: list[AuditEntryOut]
    next: str | None


@endpoint("GET", AUDIT, id="audit.list_audit_entries", who=Staff("read_audit"), gives={200: AuditOut}, query={**lists.QUERY, **FILTERS})
def list_audit_entries(request: Request[None]) -> ApiResponse:
    """List who did what, latest first. A page may be short where few entries fit the filters; `next` goes on."""
    paging = lists.list_query(request.call)
    found = audit.list_entries(request.org, _filters(request.call), limit=paging.limit, start=paging.start)
    body = AuditOut(items=[AuditEntryOut.of(entry) for entry in found.items], next=lists.cursor(request.call, found.next))
    return ApiResponse(200, body)


@endpoint(
    "GET", AUDIT + ".csv", id="audit.export_audit_entries", who=Staff("read_audit"), gives=downloads.CSV, kind="text/csv", query=FILTERS
)
def export_audit_entries(request: Request[None]) -> ApiResponse:
    """Export who did what as CSV, latest first: at most 10,000 entries. For earlier ones, send the last moment as `to`."""
    return downloads.csv_download(request.org, audit.export_entries(request.org, _filters(request.call), now=request.call.now), "audit.csv")


def _filters(call: Call) -> Filters:
    since, until = period(call.query, organisations.read(call.params["org"]).time_zone)
    return Filters(call.query.get("actor", "").strip(), call.query.get("thing", "").strip(), since, until)
