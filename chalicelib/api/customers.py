"""Customers: the people that the organisation knows."""

from typing import Any, get_args

from chalicelib.api import downloads, lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.jobs import BegunOut
from chalicelib.api.query import QueryParameter, one_of
from chalicelib.api.registration_shapes import RegistrationOut
from chalicelib.api.shapes import Moment
from chalicelib.api.unreachable import UnreachableOut
from chalicelib.operations import corrections, customers, erasure
from chalicelib.operations.downloads import link_if_large
from chalicelib.rules.customers import AddressComplained, Customer, CustomerExists, CustomerInUse, CustomerMerged, PortalStatus
from chalicelib.rules.inputs.customers import CustomerChanges, CustomerInput, MergeInput
from chalicelib.rules.merge import SameCustomer, TooManyAddresses
from chalicelib.rules.organisations import Bounce, Suppression
from chalicelib.rules.quotas import TooManyCustomers
from chalicelib.rules.refusals import ChangedMeanwhile, ValidationFailed
from chalicelib.web.audience import Staff

CUSTOMERS = "/v1/orgs/{org}/customers"
CUSTOMER = CUSTOMERS + "/{customer}"
QUERY = {
    **lists.QUERY,
    "q": QueryParameter("Only customers whose address, or a word of their or their participants' names, begins with each word of this."),
    "status": one_of("Only customers of this portal status.", get_args(PortalStatus)),
    "group": QueryParameter("Only customers who belong to the group of this id."),
}


class ChildOut(Out):
    name: str
    date_of_birth: str | None


class CustomerOut(Out):
    id: str
    name: str
    email: str
    addresses: list[str]
    """Other addresses that they have or had."""
    phone: str
    participants: list[ChildOut]
    groups: list[str]
    """The ids of their groups."""
    fields: dict[str, str]
    status: PortalStatus
    invited_at: Moment | None
    """When the last portal invitation was sent."""
    created_at: Moment

    @classmethod
    def of(cls, customer: Customer) -> "CustomerOut":
        return cls(**_facts(customer))


class BounceOut(Out):
    email: str
    at: Moment | None
    reason: str
    """The reply of the receiving server; empty in older records."""

    @classmethod
    def of(cls, email: str, bounce: Bounce) -> "BounceOut":
        return cls(email=email, at=bounce.at, reason=bounce.reason)


class ReachableOut(Out):
    """A customer who can be reached again."""

    customer: str
    email: str
    bounced: list[BounceOut]
    """What had bounced, by address; empty if nothing had."""


class CustomerWithHistoryOut(CustomerOut):
    unsubscribed: bool
    """Whether they unsubscribed from invitations and reminders."""
    suppressed: Suppression | None
    """Why e-mails no longer reach their address. A complaint outweighs a bounce."""
    bounce: BounceOut | None
    """The permanent bounce of their address."""
    complaints: list[str]
    """The kinds of e-mail that they marked as spam; `unknown` in older records."""
    registrations: list[RegistrationOut]
    """Their registrations, latest first."""


class DataExportOut(Out):
    """All data about a customer, as it is stored."""

    customer: dict[str, Any]
    addresses: list[dict[str, Any]]
    registrations: list[dict[str, Any]]
    invitations: list[dict[str, Any]]
    waitlists: list[dict[str, Any]]
    attendance: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    invoices: list[dict[str, Any]]


class CustomersOut(Out):
    items: list[CustomerOut]
    next: str | None
    unreachable: list[UnreachableOut]
    """Who of them cannot be reached by e-mail."""


@endpoint("GET", CUSTOMERS, id="customers.list_customers", who=Staff("read"), gives={200: CustomersOut}, query=QUERY)
def list_customers(request: Request[None]) -> Answer:
    """List customers by name."""
    asked, query = lists.list_query(request.call), request.call.query
    status = lists.choice(request.call, "status", get_args(PortalStatus))
    page = customers.list_customers(
        request.org, q=query.get("q", ""), status=status, group=query.get("group", ""), limit=asked.limit, start=asked.start
    )
    body = CustomersOut(
        items=[CustomerOut.of(customer) for customer in page.items],
        next=lists.cursor(request.call, page.next),
        unreachable=UnreachableOut.among(request.org, (customer.email for customer in page.items)),
    )
    return Answer(200, body)


@endpoint(
    "POST",
    CUSTOMERS,
    id="customers.create_customer",
    who=Staff("manage_customers"),
    takes=CustomerInput,
    gives={201: CustomerOut},
    refuses=(CustomerExists, ChangedMeanwhile, TooManyCustomers, ValidationFailed),
)
def create_customer(request: Request[CustomerInput]) -> Answer:
    """Create a customer, one per address, and invite them to the portal if `invite` is true."""
    customer = customers.create_customer(request.org, request.body, by=request.by, key=request.key, now=request.call.now)
    return Answer(201, CustomerOut.of(customer), etag(customer.version))


@endpoint("GET", CUSTOMER, id="customers.read_customer", who=Staff("read"), gives={200: CustomerWithHistoryOut}, refuses=(CustomerMerged,))
def read_customer(request: Request[None]) -> Answer:
    """Read a customer and their registrations."""
    view = customers.read_customer(request.org, request["customer"])
    return Answer(200, with_history(view), etag(view.customer.version))


@endpoint(
    "PATCH",
    CUSTOMER,
    id="customers.edit_customer",
    who=Staff("manage_customers"),
    takes=CustomerChanges,
    gives={200: CustomerOut},
    refuses=(ChangedMeanwhile, CustomerExists, CustomerMerged, ValidationFailed),
)
def edit_customer(request: Request[CustomerChanges]) -> Answer:
    """Change the fields that are sent; existing bookings keep the name that they were made under."""
    customer = corrections.edit_customer(
        request.org, request["customer"], request.body, expected=expected(request.call), by=request.by, now=request.call.now
    )
    return Answer(200, CustomerOut.of(customer), etag(customer.version))


@endpoint(
    "DELETE",
    CUSTOMER,
    id="customers.delete_customer",
    who=Staff("manage_customers"),
    gives={204: None},
    refuses=(ChangedMeanwhile, CustomerInUse, CustomerMerged),
)
def delete_customer(request: Request[None]) -> Answer:
    """Delete a customer who was never registered or invited to a session."""
    customers.delete_customer(request.org, request["customer"], expected=expected(request.call), now=request.call.now)
    return Answer(204)


@endpoint(
    "POST",
    CUSTOMER + "/merge",
    id="customers.merge_customer",
    who=Staff("manage_customers"),
    takes=MergeInput,
    gives={200: CustomerOut},
    refuses=(ChangedMeanwhile, CustomerMerged, SameCustomer, TooManyAddresses),
)
def merge_customer(request: Request[MergeInput]) -> Answer:
    """Merge this customer into another one, `into`, which is answered; this one answers 410 from then on."""
    survivor = customers.merge_customers(request.org, request["customer"], into=request.body.into, now=request.call.now)
    return Answer(200, CustomerOut.of(survivor), etag(survivor.version))


@endpoint(
    "POST",
    CUSTOMER + "/reachable",
    id="customers.lift_suppression",
    who=Staff("manage_customers"),
    gives={200: ReachableOut},
    refuses=(AddressComplained, CustomerMerged),
)
def lift_suppression(request: Request[None]) -> Answer:
    """Send e-mails to a customer again whose address had bounced, and say what had bounced."""
    lifted = customers.lift_suppression(request.org, request["customer"], now=request.call.now)
    bounced = [BounceOut.of(email, bounce) for email, bounce in lifted.bounces.items()]
    return Answer(200, ReachableOut(customer=lifted.customer.id, email=lifted.customer.email, bounced=bounced))


@endpoint("GET", CUSTOMERS + ".csv", id="customers.customers_csv", who=Staff("read"), gives={200: None, 303: None}, kind="text/csv")
def customers_csv(request: Request[None]) -> Answer:
    """Download all customers as CSV, in the columns of the import; a large file by a link (303)."""
    return downloads.csv_download(request.org, customers.export_customers(request.org, now=request.call.now), customers.CUSTOMERS_CSV)


@endpoint(
    "GET",
    CUSTOMER + "/export",
    id="customers.export_customer",
    who=Staff("manage_customers"),
    gives={200: DataExportOut, 303: None},
    refuses=(CustomerMerged,),
)
def export_customer(request: Request[None]) -> Answer:
    """Download all data about a customer, to hand over to them; a large file by a link (303)."""
    text = customers.export_customer(request.org, request["customer"], now=request.call.now)
    if link := link_if_large(request.org, text, customers.CUSTOMER_JSON):
        return Answer(303, "", {"Location": link})
    return Answer(200, text, {"Content-Disposition": f'attachment; filename="{customers.CUSTOMER_JSON}"'})


@endpoint("POST", CUSTOMER + "/erase", id="customers.erase_customer", who=Staff("erase"), gives={202: BegunOut}, refuses=(CustomerMerged,))
def erase_customer(request: Request[None]) -> Answer:
    """Erase a customer's personal data.

    Erased: name, addresses, phone, participants, answers, notes, e-mails, and the account unless it is used elsewhere. Spots, amounts,
    invoice numbers and dates stay, under "Erased customer".
    """
    return Answer(202, BegunOut(job=erasure.erase_customer(request.org, request["customer"], by=request.by, now=request.call.now)))


def with_history(view: customers.CustomerView) -> CustomerWithHistoryOut:
    wants = view.email_preferences
    return CustomerWithHistoryOut(
        **_facts(view.customer),
        unsubscribed=wants.unsubscribed,
        suppressed=wants.suppressed_for,
        bounce=BounceOut.of(view.customer.email, wants.bounce) if wants.bounce else None,
        complaints=[kind or "unknown" for kind in wants.complaints],
        registrations=[RegistrationOut.of(entry) for entry in view.registrations],
    )


def _facts(customer: Customer) -> dict[str, Any]:
    children = [ChildOut(name=one.name, date_of_birth=one.date_of_birth or None) for one in customer.participants]
    return {
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "addresses": list(customer.addresses),
        "phone": customer.phone,
        "participants": children,
        "groups": list(customer.groups),
        "fields": dict(customer.fields),
        "status": customer.status,
        "invited_at": customer.invited_at,
        "created_at": customer.created_at,
    }
