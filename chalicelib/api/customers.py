"""Customers: the people whom the organisation knows."""

from typing import Any, Literal, get_args

from chalicelib.api import downloads, lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.booked import RegistrationOut
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.jobs import BegunOut
from chalicelib.api.shapes import Moment
from chalicelib.operations import customers, erasing
from chalicelib.operations.downloads import link_if_large
from chalicelib.rules.customers import Customer, CustomerExists, CustomerMerged, PortalStatus
from chalicelib.rules.drafts.customers import CustomerChanges, CustomerDraft, MergeDraft
from chalicelib.rules.merging import SameCustomer, TooManyAddresses
from chalicelib.rules.refusals import ChangedMeanwhile, DoesNotFit

CUSTOMERS = "/v1/orgs/{org}/customers"
CUSTOMER = CUSTOMERS + "/{customer}"
QUERY = {
    **lists.QUERY,
    "q": "Only those whose address, or a word of whose or whose participants' names, begins with each word of this.",
    "status": "Only those of this portal status: added, invited or accepted.",
    "group": "Only those who belong to the group of this id.",
}


class ChildOut(Out):
    name: str
    date_of_birth: str | None


class CustomerOut(Out):
    id: str
    name: str
    email: str
    addresses: list[str]
    """Further addresses that they have or had."""
    phone: str
    participants: list[ChildOut]
    groups: list[str]
    """Ids of groups."""
    fields: dict[str, str]
    status: PortalStatus
    invited_at: Moment | None
    """When the last invitation to the portal was sent."""
    created_at: Moment

    @classmethod
    def of(cls, customer: Customer) -> "CustomerOut":
        return cls(**_facts(customer))


class CustomerWithHistoryOut(CustomerOut):
    unsubscribed: bool
    """Whether they stopped what they did not ask for."""
    suppressed: Literal["bounced", "complained"] | None
    """Why no e-mail reaches their address any more."""
    registrations: list[RegistrationOut]
    """What they registered for, latest first."""


class DossierOut(Out):
    """All that is kept about a customer, as it is stored."""

    customer: dict[str, Any]
    addresses: list[dict[str, Any]]
    registrations: list[dict[str, Any]]
    invitations: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    invoices: list[dict[str, Any]]


class CustomersOut(Out):
    items: list[CustomerOut]
    next: str | None


@endpoint("GET", CUSTOMERS, who=Staff("viewer"), gives={200: CustomersOut}, query=QUERY)
def list_customers(request: Request[None]) -> Answer:
    """List customers by name."""
    asked, query = lists.wanted(request.call), request.call.query
    status = lists.choice(request.call, "status", get_args(PortalStatus))
    page = customers.list_customers(
        request.org, q=query.get("q", ""), status=status, group=query.get("group", ""), limit=asked.limit, start=asked.start
    )
    body = CustomersOut(items=[CustomerOut.of(customer) for customer in page.items], next=lists.cursor(request.call, page.next))
    return Answer(200, body)


@endpoint(
    "POST",
    CUSTOMERS,
    who=Staff("manager"),
    takes=CustomerDraft,
    gives={201: CustomerOut},
    refuses=(CustomerExists, ChangedMeanwhile, DoesNotFit),
)
def create_customer(request: Request[CustomerDraft]) -> Answer:
    """Make a customer, one for each address, and invite it to the portal if `invite` says so."""
    customer = customers.create_customer(request.org, request.body, by=request.by, key=request.key, now=request.call.now)
    return Answer(201, CustomerOut.of(customer), etag(customer.version))


@endpoint("GET", CUSTOMER, who=Staff("viewer"), gives={200: CustomerWithHistoryOut}, refuses=(CustomerMerged,))
def read_customer(request: Request[None]) -> Answer:
    """Read a customer and what they registered for."""
    view = customers.read_customer(request.org, request["customer"])
    return Answer(200, with_history(view), etag(view.customer.version))


@endpoint(
    "PATCH",
    CUSTOMER,
    who=Staff("manager"),
    takes=CustomerChanges,
    gives={200: CustomerOut},
    refuses=(ChangedMeanwhile, CustomerExists, CustomerMerged, DoesNotFit),
)
def edit_customer(request: Request[CustomerChanges]) -> Answer:
    """Change what is named of a customer; what was booked keeps the name it was booked under."""
    customer = customers.edit_customer(request.org, request["customer"], request.body, expected=expected(request.call))
    return Answer(200, CustomerOut.of(customer), etag(customer.version))


@endpoint(
    "POST",
    CUSTOMER + "/merge",
    who=Staff("manager"),
    takes=MergeDraft,
    gives={200: CustomerOut},
    refuses=(ChangedMeanwhile, CustomerMerged, SameCustomer, TooManyAddresses),
)
def merge_customer(request: Request[MergeDraft]) -> Answer:
    """Let this customer become one with another, `into`, and answer that one. This one answers 410 from then on."""
    survivor = customers.merge_customers(request.org, request["customer"], into=request.body.into, now=request.call.now)
    return Answer(200, CustomerOut.of(survivor), etag(survivor.version))


@endpoint("GET", CUSTOMERS + ".csv", who=Staff("viewer"), gives={200: None, 303: None}, kind="text/csv")
def customers_csv(request: Request[None]) -> Answer:
    """Download all customers, with columns that an import takes; a large table by a link (303)."""
    return downloads.table(request.org, customers.export_customers(request.org), customers.CUSTOMERS_CSV)


@endpoint("GET", CUSTOMER + "/export", who=Staff("manager"), gives={200: DossierOut, 303: None}, refuses=(CustomerMerged,))
def export_customer(request: Request[None]) -> Answer:
    """Download all that is kept about a customer, to hand it over; a large file by a link (303)."""
    text = customers.export_customer(request.org, request["customer"])
    if link := link_if_large(request.org, text, customers.CUSTOMER_JSON):
        return Answer(303, "", {"Location": link})
    return Answer(200, text, {"Content-Disposition": f'attachment; filename="{customers.CUSTOMER_JSON}"'})


@endpoint("POST", CUSTOMER + "/erase", who=Staff("manager"), gives={202: BegunOut}, refuses=(CustomerMerged,))
def erase_customer(request: Request[None]) -> Answer:
    """Erase every trace of this person.

    Name, addresses, phone, participants, answers, notes, e-mails, and the account if it is of no use elsewhere. Spots, amounts, invoice
    numbers and dates stay, under "Erased customer".
    """
    return Answer(202, BegunOut(job=erasing.erase_customer(request.org, request["customer"], by=request.by, now=request.call.now)))


def with_history(view: customers.CustomerView) -> CustomerWithHistoryOut:
    return CustomerWithHistoryOut(
        **_facts(view.customer),
        unsubscribed=view.wishes.unsubscribed,
        suppressed=(view.wishes.suppressed_for or "bounced") if view.wishes.suppressed else None,
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
