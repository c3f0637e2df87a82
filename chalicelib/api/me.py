"""Who is signed in, and where they belong."""

from collections.abc import Iterable

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, SignedIn, endpoint
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import Member, Role


class MembershipOut(Out):
    org: str
    role: Role

    @classmethod
    def all_of(cls, memberships: Iterable[Member]) -> "list[MembershipOut]":
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
    """Empty for somebody who has an account and belongs nowhere any more."""
    name: str
    memberships: list[MembershipOut]
    customer_of: list[CustomerOfOut]


@endpoint("GET", "/v1/me", who=SignedIn(), gives={200: MeOut})
def read_me(request: Request[None]) -> Answer:
    """Say who is signed in, and where they belong."""
    me = request.me
    known = next(iter(me.belongings), None)
    return Answer(
        200,
        MeOut(
            user=me.user,
            email=known.email if known else "",
            name=known.name if known else "",
            memberships=MembershipOut.all_of(me.memberships),
            customer_of=CustomerOfOut.all_of(me.customers),
        ),
    )
