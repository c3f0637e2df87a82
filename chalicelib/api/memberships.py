"""The signed-in user and their organisations."""

from collections.abc import Iterable

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.languages import Locale
from chalicelib.rules.api_keys import KeyHolder
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.permissions import Role
from chalicelib.web.audience import SignedIn


class MembershipOut(Out):
    org: str
    role: Role

    @classmethod
    def all_of(cls, memberships: Iterable[StaffMember]) -> "list[MembershipOut]":
        return [cls(org=member.org, role=member.role) for member in memberships]


class CustomerOfOut(Out):
    org: str
    customer: str

    @classmethod
    def all_of(cls, customers: Iterable[Customer]) -> "list[CustomerOfOut]":
        return [cls(org=customer.org, customer=customer.id) for customer in customers]


class MeOut(Out):
    user: str
    email: str
    """Empty for an account that no longer belongs to any organisation, and for an API key, whose `name` is the key's."""
    name: str
    language: Locale | None
    """The language that a member of staff chose; null without a choice."""
    memberships: list[MembershipOut]
    customer_of: list[CustomerOfOut]


@endpoint("GET", "/v1/me", id="me.read_me", who=SignedIn(), gives={200: MeOut})
def read_me(request: Request[None]) -> ApiResponse:
    """Read the signed-in user and their organisations."""
    me = request.me
    known = next(iter(me.belongings), None)
    return ApiResponse(
        200,
        MeOut(
            user=me.user,
            email=known.email if known and not isinstance(known, KeyHolder) else "",
            name=known.name if known else "",
            language=next((member.language for member in me.memberships if member.language), None),
            memberships=MembershipOut.all_of(me.memberships),
            customer_of=CustomerOfOut.all_of(me.customers),
        ),
    )
