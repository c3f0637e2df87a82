"""The shapes of a customer, in answers to staff."""

from typing import Any

from chalicelib.api.registration_shapes import RegistrationOut
from chalicelib.api.responses import Out
from chalicelib.api.shapes import Moment
from chalicelib.api.unreachable import UnreachableOut
from chalicelib.operations import customers
from chalicelib.rules.addresses import Suppression
from chalicelib.rules.customers import Customer, PortalStatus
from chalicelib.rules.organisations import Bounce


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
    """The reasons of the bounces, by address; empty without any."""


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


def with_history(view: customers.CustomerView) -> CustomerWithHistoryOut:
    wants = view.email_preferences
    return CustomerWithHistoryOut(
        **_facts(view.customer),
        unsubscribed=wants.unsubscribed,
        suppressed=wants.suppressed_for,
        bounce=BounceOut.of(view.customer.email, wants.bounce) if wants.bounce else None,
        complaints=[kind or "unknown" for kind in wants.complaints],
        registrations=[RegistrationOut.of(registration) for registration in view.registrations],
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
