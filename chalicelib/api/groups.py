"""Groups of customers."""

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.operations import customers
from chalicelib.rules.customers import CustomerMerged
from chalicelib.rules.groups import Group, GroupExists, TooManyGroups
from chalicelib.rules.inputs.groups import GroupInput
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.web.audience import Staff

GROUPS = "/v1/orgs/{org}/groups"
GROUP = GROUPS + "/{group}"
GROUP_CUSTOMER = GROUP + "/customers/{customer}"


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


@endpoint("GET", GROUPS, id="groups.list_groups", who=Staff("read"), gives={200: GroupsOut}, query=lists.QUERY)
def list_groups(request: Request[None]) -> ApiResponse:
    """List the groups by name; `GET /customers?group=` lists the customers of one."""
    page, next_start = lists.page_of(customers.list_groups(request.org), lists.list_query(request.call), lambda group: group.id)
    return ApiResponse(200, GroupsOut(items=[GroupOut.of(group) for group in page], next=lists.cursor(request.call, next_start)))


@endpoint(
    "POST",
    GROUPS,
    id="groups.create_group",
    who=Staff("manage_customers"),
    takes=GroupInput,
    gives={201: GroupOut},
    refuses=(GroupExists, TooManyGroups),
)
def create_group(request: Request[GroupInput]) -> ApiResponse:
    """Create a group; its name is unique, ignoring case."""
    group = customers.create_group(request.org, request.body, key=request.key, now=request.call.now)
    return ApiResponse(201, GroupOut.of(group), etag(group.version))


@endpoint(
    "PATCH",
    GROUP,
    id="groups.rename_group",
    who=Staff("manage_customers"),
    takes=GroupInput,
    gives={200: GroupOut},
    refuses=(GroupExists, ChangedMeanwhile),
)
def rename_group(request: Request[GroupInput]) -> ApiResponse:
    """Rename a group."""
    group = customers.rename_group(request.org, request["group"], request.body, expected=expected(request.call))
    return ApiResponse(200, GroupOut.of(group), etag(group.version))


@endpoint("DELETE", GROUP, id="groups.delete_group", who=Staff("manage_customers"), gives={204: None}, refuses=(ChangedMeanwhile,))
def delete_group(request: Request[None]) -> ApiResponse:
    """Delete a group; its customers stay."""
    customers.delete_group(request.org, request["group"], by=request.by, now=request.call.now)
    return ApiResponse(204)


@endpoint(
    "PUT",
    GROUP_CUSTOMER,
    id="groups.join_group",
    who=Staff("manage_customers"),
    gives={204: None},
    refuses=(ChangedMeanwhile, CustomerMerged),
)
def join_group(request: Request[None]) -> ApiResponse:
    """Add a customer to the group."""
    customers.add_to_group(request.org, request["group"], request["customer"])
    return ApiResponse(204)


@endpoint(
    "DELETE",
    GROUP_CUSTOMER,
    id="groups.leave_group",
    who=Staff("manage_customers"),
    gives={204: None},
    refuses=(ChangedMeanwhile, CustomerMerged),
)
def leave_group(request: Request[None]) -> ApiResponse:
    """Remove a customer from the group."""
    customers.remove_from_group(request.org, request["group"], request["customer"])
    return ApiResponse(204)
