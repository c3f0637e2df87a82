"""Groups of customers."""

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.shapes import Moment
from chalicelib.operations import customers
from chalicelib.rules.customers import CustomerMerged
from chalicelib.rules.drafts.groups import GroupDraft
from chalicelib.rules.groups import Group, GroupExists, TooManyGroups
from chalicelib.rules.refusals import ChangedMeanwhile

GROUPS = "/v1/orgs/{org}/groups"
GROUP = GROUPS + "/{group}"
MEMBER = GROUP + "/customers/{customer}"


class GroupOut(Out):
    id: str
    name: str
    created_at: Moment

    @classmethod
    def of(cls, group: Group) -> "GroupOut":
        return cls(id=group.id, name=group.name, created_at=group.created_at)


class GroupsOut(Out):
    items: list[GroupOut]
    next: str | None


@endpoint("GET", GROUPS, who=Staff("viewer"), gives={200: GroupsOut}, query=lists.QUERY)
def list_groups(request: Request[None]) -> Answer:
    """List the groups by name; `GET /customers?group=` lists who belongs to one."""
    page, following = lists.cut(customers.list_groups(request.org), lists.wanted(request.call), lambda group: group.id)
    return Answer(200, GroupsOut(items=[GroupOut.of(group) for group in page], next=lists.cursor(request.call, following)))


@endpoint("POST", GROUPS, who=Staff("manager"), takes=GroupDraft, gives={201: GroupOut}, refuses=(GroupExists, TooManyGroups))
def create_group(request: Request[GroupDraft]) -> Answer:
    """Make a group; its name is the only one of its kind, read without case."""
    group = customers.create_group(request.org, request.body, key=request.key, now=request.call.now)
    return Answer(201, GroupOut.of(group), etag(group.version))


@endpoint("PATCH", GROUP, who=Staff("manager"), takes=GroupDraft, gives={200: GroupOut}, refuses=(GroupExists, ChangedMeanwhile))
def rename_group(request: Request[GroupDraft]) -> Answer:
    """Give the group another name."""
    group = customers.rename_group(request.org, request["group"], request.body, expected=expected(request.call))
    return Answer(200, GroupOut.of(group), etag(group.version))


@endpoint("DELETE", GROUP, who=Staff("manager"), gives={204: None}, refuses=(ChangedMeanwhile,))
def delete_group(request: Request[None]) -> Answer:
    """Delete the group; its customers stay, and leave it."""
    customers.delete_group(request.org, request["group"], by=request.by, now=request.call.now)
    return Answer(204)


@endpoint("PUT", MEMBER, who=Staff("manager"), gives={204: None}, refuses=(ChangedMeanwhile, CustomerMerged))
def join_group(request: Request[None]) -> Answer:
    """Let a customer belong to the group."""
    customers.join(request.org, request["group"], request["customer"])
    return Answer(204)


@endpoint("DELETE", MEMBER, who=Staff("manager"), gives={204: None}, refuses=(ChangedMeanwhile, CustomerMerged))
def leave_group(request: Request[None]) -> Answer:
    """Let a customer belong to the group no more."""
    customers.leave(request.org, request["group"], request["customer"])
    return Answer(204)
