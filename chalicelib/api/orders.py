"""Orders: all registrations of an organisation, by billing."""

from typing import get_args

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out, csv_answer
from chalicelib.api.booked import RegistrationOut
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.operations import registrations
from chalicelib.rules.registrations import (
    Billing,
)


class OrdersOut(Out):
    items: list[RegistrationOut]
    next: str | None


@endpoint(
    "GET",
    "/v1/orgs/{org}/orders",
    who=Staff("viewer"),
    gives={200: OrdersOut},
    query={**lists.QUERY, "status": "Only those of this billing status: unpaid, invoiced, partly_paid, paid or refunded."},
)
def list_orders(request: Request[None]) -> Answer:
    """List all registrations of the organisation, latest first, by billing status."""
    asked = lists.wanted(request.call)
    status = lists.choice(request.call, "status", get_args(Billing))
    found, following = registrations.list_orders(request.org, status=status, limit=asked.limit, start=asked.start)
    body = OrdersOut(items=[RegistrationOut.of(entry) for entry in found], next=lists.cursor(request.call, following))
    return Answer(200, body)


@endpoint(
    "GET",
    "/v1/orgs/{org}/orders.csv",
    who=Staff("viewer"),
    gives={200: None},
    kind="text/csv",
    query={"status": "Only those of this billing status."},
)
def export_orders(request: Request[None]) -> Answer:
    """Export all registrations of the organisation as CSV, latest first."""
    status = lists.choice(request.call, "status", get_args(Billing))
    return csv_answer(registrations.export_orders(request.org, status=status), "orders.csv")
