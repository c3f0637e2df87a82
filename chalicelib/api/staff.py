"""Staff of an organisation: for its owners."""

from typing import Literal

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.shapes import Moment
from chalicelib.operations import staff
from chalicelib.rules.drafts.organisations import StaffChanges, StaffDraft
from chalicelib.rules.organisations import AlreadyStaff, LastOwner, Member, Role

STAFF = "/v1/orgs/{org}/staff"
ONE = STAFF + "/{user}"


class StaffOut(Out):
    user: str
    """Until somebody has signed up, a stand-in."""
    email: str
    name: str
    role: Role
    status: Literal["invited", "active"]
    invited_at: Moment

    @classmethod
    def of(cls, member: Member) -> "StaffOut":
        return cls(**{name: getattr(member, name) for name in cls.model_fields})


class StaffListOut(Out):
    items: list[StaffOut]
    next: str | None


@endpoint("GET", STAFF, who=Staff("owner"), gives={200: StaffListOut}, query=lists.QUERY)
def list_staff(request: Request[None]) -> Answer:
    """List the staff by address, invited ones included."""
    page, following = lists.cut(staff.every(request.org), lists.wanted(request.call), lambda member: member.user)
    return Answer(200, StaffListOut(items=[StaffOut.of(member) for member in page], next=lists.cursor(request.call, following)))


@endpoint("POST", STAFF, who=Staff("owner"), takes=StaffDraft, gives={201: StaffOut}, refuses=(AlreadyStaff,))
def invite_staff(request: Request[StaffDraft]) -> Answer:
    """Invite somebody to the staff by e-mail."""
    return Answer(201, StaffOut.of(staff.invite(request.org, request.body, now=request.call.now)))


@endpoint("PATCH", ONE, who=Staff("owner"), takes=StaffChanges, gives={200: StaffOut}, refuses=(LastOwner,))
def change_role(request: Request[StaffChanges]) -> Answer:
    """Give a member of the staff another role."""
    return Answer(200, StaffOut.of(staff.change_role(request.org, request["user"], request.body.role)))


@endpoint("DELETE", ONE, who=Staff("owner"), gives={204: None}, refuses=(LastOwner,))
def remove_staff(request: Request[None]) -> Answer:
    """Remove a member of the staff, or withdraw the invitation; the access ends at once."""
    staff.remove(request.org, request["user"])
    return Answer(204)
