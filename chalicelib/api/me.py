"""Who is signed in, and where they belong."""

from collections.abc import Iterable

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, SignedIn, endpoint
from chalicelib.operations import access
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
    memberships = access.memberships_of(request.user)
    first = memberships[0] if memberships else None
    return Answer(
        200,
        MeOut(
            user=request.user,
            email=first.email if first else "",
            name=first.name if first else "",
            memberships=MembershipOut.all_of(memberships),
            customer_of=[],
        ),
    )
