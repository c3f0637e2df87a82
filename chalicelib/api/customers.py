"""Customers: the people that the organisation knows."""

from typing import get_args

from chalicelib.api import downloads, lists
from chalicelib.api.customer_shapes import (
    BounceOut,
    CustomerOut,
    CustomersOut,
    CustomerWithHistoryOut,
    DataExportOut,
    ReachableOut,
    with_history,
)
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.jobs import JobStartedOut
from chalicelib.api.query import QueryParameter, one_of
from chalicelib.api.responses import ApiResponse
from chalicelib.api.unreachable import UnreachableOut
from chalicelib.operations import corrections, customers, erasure
from chalicelib.rules.customers import AddressComplained, CustomerExists, CustomerInUse, CustomerMerged, PortalStatus
from chalicelib.rules.inputs.customers import CustomerChanges, CustomerInput, MergeInput
from chalicelib.rules.merge import SameCustomer, TooManyAddresses
from chalicelib.rules.quotas import TooManyCustomers
from chalicelib.rules.refusals import ChangedMeanwhile, ValidationFailed
from chalicelib.web.audience import Staff

CUSTOMERS = "/v1/orgs/{org}/customers"
CUSTOMER = CUSTOMERS + "/{customer}"
FILTERS = {
    "q": QueryParameter("Only customers whose address, or a word of their or their participants' names, begins with each word of this."),
    "status": one_of("Only customers of this portal status.", get_args(PortalStatus)),
    "group": QueryParameter("Only customers who belong to the group of this id."),
}
QUERY = {**lists.QUERY, **FILTERS}


@endpoint("GET", CUSTOMERS, id="customers.list_customers", who=Staff("read"), gives={200: CustomersOut}, query=QUERY)
def list_customers(request: Request[None]) -> ApiResponse:
    """List customers by name."""
    paging, query = lists.list_query(request.call), request.call.query
    status = lists.choice(request.call, "status", get_args(PortalStatus))
    page = customers.list_customers(
        request.org, q=query.get("q", ""), status=status, group=query.get("group", ""), limit=paging.limit, start=paging.start
    )
    body = CustomersOut(
        items=[CustomerOut.of(customer) for customer in page.items],
        next=lists.cursor(request.call, page.next),
        unreachable=UnreachableOut.among(request.org, (customer.email for customer in page.items)),
    )
    return ApiResponse(200, body)


@endpoint(
    "POST",
    CUSTOMERS,
    id="customers.create_customer",
    who=Staff("manage_customers"),
    takes=CustomerInput,
    gives={201: CustomerOut},
    refuses=(CustomerExists, ChangedMeanwhile, TooManyCustomers, ValidationFailed),
)
def create_customer(request: Request[CustomerInput]) -> ApiResponse:
    """Create a customer, one per address, and invite them to the portal if `invite` is true."""
    customer = customers.create_customer(request.org, request.body, by=request.by, key=request.key, now=request.call.now)
    return ApiResponse(201, CustomerOut.of(customer), etag(customer.version))


@endpoint("GET", CUSTOMER, id="customers.read_customer", who=Staff("read"), gives={200: CustomerWithHistoryOut}, refuses=(CustomerMerged,))
def read_customer(request: Request[None]) -> ApiResponse:
    """Read a customer and their registrations."""
    view = customers.read_customer(request.org, request["customer"])
    return ApiResponse(200, with_history(view), etag(view.customer.version))


@endpoint(
    "PATCH",
    CUSTOMER,
    id="customers.edit_customer",
    who=Staff("manage_customers"),
    takes=CustomerChanges,
    gives={200: CustomerOut},
    refuses=(ChangedMeanwhile, CustomerExists, CustomerMerged, ValidationFailed),
)
def edit_customer(request: Request[CustomerChanges]) -> ApiResponse:
    """Change the fields that are sent; existing bookings keep the name that they were made under."""
    customer = corrections.edit_customer(
        request.org, request["customer"], request.body, expected=expected(request.call), by=request.by, now=request.call.now
    )
    return ApiResponse(200, CustomerOut.of(customer), etag(customer.version))


@endpoint(
    "DELETE",
    CUSTOMER,
    id="customers.delete_customer",
    who=Staff("manage_customers"),
    gives={204: None},
    refuses=(ChangedMeanwhile, CustomerInUse, CustomerMerged),
)
def delete_customer(request: Request[None]) -> ApiResponse:
    """Delete a customer who was never registered or invited to a session."""
    customers.delete_customer(request.org, request["customer"], expected=expected(request.call), now=request.call.now)
    return ApiResponse(204)


@endpoint(
    "POST",
    CUSTOMER + "/merge",
    id="customers.merge_customer",
    who=Staff("manage_customers"),
    takes=MergeInput,
    gives={200: CustomerOut},
    refuses=(ChangedMeanwhile, CustomerMerged, SameCustomer, TooManyAddresses),
)
def merge_customer(request: Request[MergeInput]) -> ApiResponse:
    """Merge this customer into another one, `into`, which is answered; this one answers 410 from then on."""
    survivor = customers.merge_customers(request.org, request["customer"], into=request.body.into, now=request.call.now)
    return ApiResponse(200, CustomerOut.of(survivor), etag(survivor.version))


@endpoint(
    "POST",
    CUSTOMER + "/reachable",
    id="customers.lift_suppression",
    who=Staff("manage_customers"),
    gives={200: ReachableOut},
    refuses=(AddressComplained, CustomerMerged),
)
def lift_suppression(request: Request[None]) -> ApiResponse:
    """Send e-mails again to a customer whose address had bounced, and return the bounces."""
    lifted = customers.lift_suppression(request.org, request["customer"], now=request.call.now)
    bounced = [BounceOut.of(email, bounce) for email, bounce in lifted.bounces.items()]
    return ApiResponse(200, ReachableOut(customer=lifted.customer.id, email=lifted.customer.email, bounced=bounced))


@endpoint(
    "GET", CUSTOMERS + ".csv", id="customers.customers_csv", who=Staff("read"), gives=downloads.LONG_CSV, kind="text/csv", query=FILTERS
)
def customers_csv(request: Request[None]) -> ApiResponse:
    """Download customers as CSV, in the columns of the import: a large file by a link (303), a very large one as a job (202)."""
    query, status = request.call.query, lists.choice(request.call, "status", get_args(PortalStatus))
    filters = {"q": query.get("q", ""), "status": status, "group": query.get("group", "")}
    found = customers.export_customers(request.org, **filters, by=request.by, now=request.call.now)
    return downloads.exported(request.org, found, customers.CUSTOMERS_CSV)


@endpoint(
    "GET",
    CUSTOMER + "/export",
    id="customers.export_customer",
    who=Staff("manage_customers"),
    gives={200: DataExportOut, 303: None},
    refuses=(CustomerMerged,),
)
def export_customer(request: Request[None]) -> ApiResponse:
    """Download all data about a customer, to hand over to them; a large file by a link (303)."""
    text = customers.export_customer(request.org, request["customer"], now=request.call.now)
    response = ApiResponse(200, text, {"Content-Disposition": f'attachment; filename="{customers.CUSTOMER_JSON}"'})
    return downloads.whole_or_link(request.org, response, customers.CUSTOMER_JSON)


@endpoint(
    "POST", CUSTOMER + "/erase", id="customers.erase_customer", who=Staff("erase"), gives={202: JobStartedOut}, refuses=(CustomerMerged,)
)
def erase_customer(request: Request[None]) -> ApiResponse:
    """Erase a customer's personal data.

    Erased: name, addresses, phone, participants, answers, notes, e-mails, and the account unless it is used elsewhere. Spots, amounts,
    invoice numbers and dates stay, under "Erased customer".
    """
    return ApiResponse(
        202, JobStartedOut(job=erasure.erase_customer(request.org, request["customer"], by=request.by, now=request.call.now))
    )
