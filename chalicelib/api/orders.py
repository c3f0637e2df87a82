"""Orders: the registrations of an organisation, by billing status."""

from typing import get_args

from chalicelib.api import downloads, lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.query import one_of
from chalicelib.api.registration_shapes import RegistrationOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.operations import registrations
from chalicelib.rules.registration_history import BillingStatus
from chalicelib.web.audience import Staff

STATUS = one_of("Only registrations of this billing status.", get_args(BillingStatus))


class OrdersOut(Out):
    items: list[RegistrationOut]
    next: str | None


@endpoint(
    "GET",
    "/v1/orgs/{org}/orders",
    id="orders.list_orders",
    who=Staff("read"),
    gives={200: OrdersOut},
    query={**lists.QUERY, "status": STATUS},
)
def list_orders(request: Request[None]) -> ApiResponse:
    """List the registrations of the organisation, latest first, by billing status."""
    paging = lists.list_query(request.call)
    status = lists.choice(request.call, "status", get_args(BillingStatus))
    found, next_start = registrations.list_orders(request.org, status=status, limit=paging.limit, start=paging.start)
    body = OrdersOut(items=[RegistrationOut.of(registration) for registration in found], next=lists.cursor(request.call, next_start))
    return ApiResponse(200, body)


@endpoint(
    "GET",
    "/v1/orgs/{org}/orders.csv",
    id="orders.export_orders",
    who=Staff("read"),
    gives=downloads.LONG_CSV,
    kind="text/csv",
    query={"status": STATUS},
)
def export_orders(request: Request[None]) -> ApiResponse:
    """Export the registrations of the organisation as CSV, latest first: a large file by a link (303), a very large one as a job (202)."""
    status = lists.choice(request.call, "status", get_args(BillingStatus))
    table = registrations.export_orders(request.org, status=status, by=request.by, now=request.call.now)
    return downloads.exported(request.org, table, "orders.csv")
