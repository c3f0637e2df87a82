"""What webhooks tell of a thing: the same shape as its GET, as a viewer reads it, so that no link that claims something is told."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from chalicelib.api.attendance import read_attendance
from chalicelib.api.codes import read_code
from chalicelib.api.customers import read_customer
from chalicelib.api.endpoints import Request
from chalicelib.api.invitations import read_invitation
from chalicelib.api.invoices import ListedInvoiceOut
from chalicelib.api.registrations import read_registration
from chalicelib.api.sessions import read_session
from chalicelib.api.waitlist import WaitlistEntryOut
from chalicelib.operations import invoices, waitlist
from chalicelib.rules.audit import AuditSubject
from chalicelib.rules.customers import CustomerMerged
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.waitlist import PlaceInLine
from chalicelib.tables import codes
from chalicelib.tables import waitlist as waitlist_table
from chalicelib.web.call import Call


def data_of(org: str, subject: AuditSubject, now: datetime) -> Any:
    """Return the subject of an event as JSON values; only its id if it is gone."""
    try:
        body = READERS[subject.kind](org, subject.id, now)
    except (NotFound, CustomerMerged):
        return {"id": subject.id}
    return body.model_dump(mode="json")


def _request(org: str, now: datetime, **params: str) -> Request[None]:
    """Return the request of a viewer for the GET of a thing."""
    viewer = StaffMember(org, "webhook", "", "", "viewer", "active", now)
    call = Call("GET", "", "", {"org": org, **params}, {}, {}, b"", "", "", now)
    return Request(call, None, viewer, None)


def _body(response: Any) -> BaseModel:
    assert isinstance(response.body, BaseModel)
    return response.body


def _session(org: str, id: str, now: datetime) -> BaseModel:
    return _body(read_session(_request(org, now, session=id)))


def _invitation(org: str, id: str, now: datetime) -> BaseModel:
    return _body(read_invitation(_request(org, now, invitation=id)))


def _registration(org: str, id: str, now: datetime) -> BaseModel:
    return _body(read_registration(_request(org, now, registration=id)))


def _customer(org: str, id: str, now: datetime) -> BaseModel:
    return _body(read_customer(_request(org, now, customer=id)))


def _code(org: str, id: str, now: datetime) -> BaseModel:
    return _body(read_code(_request(org, now, contract=codes.get(org, id).contract, code=id)))


def _attendance(org: str, id: str, now: datetime) -> BaseModel:
    session, _, meeting = id.partition("-")
    return _body(read_attendance(_request(org, now, session=session, meeting=meeting)))


def _invoice(org: str, id: str, now: datetime) -> BaseModel:
    return ListedInvoiceOut.listed(invoices.read_by_number(org, id))


def _entry(org: str, id: str, now: datetime) -> BaseModel:
    ref = Ref.parse(org, id)
    places = waitlist.read_waitlist(org, ref.session, now=now).places
    found = next((place for place in places if place.entry.id == ref.id), None)
    return WaitlistEntryOut.of(found or PlaceInLine(waitlist_table.get(*ref), 0, None))


READERS: Mapping[str, Callable[[str, str, datetime], BaseModel]] = {
    "session": _session,
    "invitation": _invitation,
    "registration": _registration,
    "payment": _registration,
    "waitlist": _entry,
    "customer": _customer,
    "code": _code,
    "invoice": _invoice,
    "attendance": _attendance,
}
"""By the kind of thing that the audit log names."""
