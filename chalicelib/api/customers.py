"""Customers: the people whom the organisation knows."""

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.booked import RegistrationOut
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.shapes import Moment
from chalicelib.operations import customers
from chalicelib.rules.customers import Customer, CustomerExists, PortalStatus
from chalicelib.rules.drafts.customers import CustomerChanges, CustomerDraft
from chalicelib.rules.refusals import ChangedMeanwhile

CUSTOMERS = "/v1/orgs/{org}/customers"
CUSTOMER = CUSTOMERS + "/{customer}"


class ChildOut(Out):
    name: str
    date_of_birth: str | None


class CustomerOut(Out):
    id: str
    name: str
    email: str
    phone: str
    participants: list[ChildOut]
    status: PortalStatus
    created_at: Moment

    @classmethod
    def of(cls, customer: Customer) -> "CustomerOut":
        return cls(**_facts(customer))


class CustomerWithHistoryOut(CustomerOut):
    registrations: list[RegistrationOut]
    """What they registered for, latest first."""


class CustomersOut(Out):
    items: list[CustomerOut]
    next: str | None


@endpoint(
    "GET",
    CUSTOMERS,
    who=Staff("viewer"),
    gives={200: CustomersOut},
    query={**lists.QUERY, "q": "Only those whose address, or a word of whose or whose participants' names, begins with each word of this."},
)
def list_customers(request: Request[None]) -> Answer:
    """List customers by name."""
    asked = lists.wanted(request.call)
    page = customers.list_customers(request.org, q=request.call.query.get("q", ""), limit=asked.limit, start=asked.start)
    body = CustomersOut(items=[CustomerOut.of(customer) for customer in page.items], next=lists.cursor(request.call, page.next))
    return Answer(200, body)


@endpoint("POST", CUSTOMERS, who=Staff("manager"), takes=CustomerDraft, gives={201: CustomerOut}, refuses=(CustomerExists,))
def create_customer(request: Request[CustomerDraft]) -> Answer:
    """Make a customer; one for each address."""
    customer = customers.create_customer(request.org, request.body, key=request.key, now=request.call.now)
    return Answer(201, CustomerOut.of(customer), etag(customer.version))


@endpoint("GET", CUSTOMER, who=Staff("viewer"), gives={200: CustomerWithHistoryOut})
def read_customer(request: Request[None]) -> Answer:
    """Read a customer and what they registered for."""
    customer, registrations = customers.read_customer(request.org, request["customer"])
    body = CustomerWithHistoryOut(**_facts(customer), registrations=[RegistrationOut.of(entry) for entry in registrations])
    return Answer(200, body, etag(customer.version))


@endpoint(
    "PATCH",
    CUSTOMER,
    who=Staff("manager"),
    takes=CustomerChanges,
    gives={200: CustomerOut},
    refuses=(ChangedMeanwhile, CustomerExists),
)
def edit_customer(request: Request[CustomerChanges]) -> Answer:
    """Change what is named of a customer; what was booked keeps the name it was booked under."""
    customer = customers.edit_customer(request.org, request["customer"], request.body, expected=expected(request.call))
    return Answer(200, CustomerOut.of(customer), etag(customer.version))


def _facts(customer: Customer) -> dict[str, object]:
    children = [ChildOut(name=one.name, date_of_birth=one.date_of_birth or None) for one in customer.participants]
    return {
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "participants": children,
        "status": customer.status,
        "created_at": customer.created_at,
    }
