"""Staff of an organisation, for its owners."""

from typing import Literal

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.languages import Locale
from chalicelib.operations import staff
from chalicelib.rules.inputs.organisations import StaffChanges, StaffInput
from chalicelib.rules.organisation_refusals import AlreadyStaff, LastOwner
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.permissions import Role
from chalicelib.web.audience import Staff

STAFF = "/v1/orgs/{org}/staff"
ONE = STAFF + "/{user}"


class StaffOut(Out):
    user: str
    """A pseudonym until the person has signed up."""
    email: str
    name: str
    role: Role
    status: Literal["invited", "active"]
    invited_at: Moment
    language: Locale | None
    """The language of their pages; null until they choose one."""
    until: Moment | None
    """When the access of somebody ends whom the operator let in for support; null for the organisation's own staff."""

    @classmethod
    def of(cls, member: StaffMember) -> "StaffOut":
        return cls(**{name: getattr(member, name) for name in cls.model_fields})


class StaffListOut(Out):
    items: list[StaffOut]
    next: str | None


@endpoint("GET", STAFF, id="staff.list_staff", who=Staff("manage_staff"), gives={200: StaffListOut}, query=lists.QUERY)
def list_staff(request: Request[None]) -> ApiResponse:
    """List the staff by address, including those invited."""
    page, next_start = lists.page_of(staff.every(request.org), lists.list_query(request.call), lambda member: member.user)
    return ApiResponse(200, StaffListOut(items=[StaffOut.of(member) for member in page], next=lists.cursor(request.call, next_start)))


@endpoint(
    "POST", STAFF, id="staff.invite_staff", who=Staff("manage_staff"), takes=StaffInput, gives={201: StaffOut}, refuses=(AlreadyStaff,)
)
def invite_staff(request: Request[StaffInput]) -> ApiResponse:
    """Invite a person to the staff by e-mail."""
    return ApiResponse(201, StaffOut.of(staff.invite(request.org, request.body, now=request.call.now)))


@endpoint("PATCH", ONE, id="staff.change_role", who=Staff("manage_staff"), takes=StaffChanges, gives={200: StaffOut}, refuses=(LastOwner,))
def change_role(request: Request[StaffChanges]) -> ApiResponse:
    """Change the role of a staff member."""
    return ApiResponse(200, StaffOut.of(staff.change_role(request.org, request["user"], request.body.role)))


@endpoint("DELETE", ONE, id="staff.remove_staff", who=Staff("manage_staff"), gives={204: None}, refuses=(LastOwner,))
def remove_staff(request: Request[None]) -> ApiResponse:
    """Remove a staff member or withdraw an invitation; access ends at once."""
    staff.remove(request.org, request["user"])
    return ApiResponse(204)
