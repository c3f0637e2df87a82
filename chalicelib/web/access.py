"""Who calls, and what they may do: the organisation comes from the path, the right from the membership, never from the body."""

from chalicelib.rules.accounts import Person
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import Member, NotAllowed, Role, may
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import members, people
from chalicelib.web.call import Call
from chalicelib.web.refusals import NotSignedIn
from chalicelib.web.tokens import Holder, holder_of


def bearer(call: Call) -> str:
    """Return the access token of the Authorization header, or NotSignedIn."""
    kind, _, token = call.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise NotSignedIn
    return token.strip()


def staff(token: str, org: str, needed: Role) -> Member:
    """Return the member whose token this is.

    Raises NotSignedIn; NotFound for somebody of another organisation, as if there were none; NotAllowed for too low a role.
    """
    holder = holder_of(token)
    member = members.get(org, holder.user)
    if member is None or member.status != "active":
        raise NotFound
    _check_not_ended(member, holder)
    if not may(member.role, needed):
        raise NotAllowed
    return member


def person(token: str) -> Person:
    """Return whose token this is, and where they belong, which may be nowhere. Raises NotSignedIn."""
    holder = holder_of(token)
    found = people.of_user(holder.user)
    for belongs in found.belongings:
        _check_not_ended(belongs, holder)
    return found


def customer(token: str) -> Person:
    """Return whose token this is, of a customer of at least one organisation. Raises NotSignedIn, and NotFound for anybody else."""
    found = person(token)
    if not found.customers:
        raise NotFound
    return found


def _check_not_ended(belongs: Member | Customer, holder: Holder) -> None:
    if belongs.sessions_from and holder.issued_at < belongs.sessions_from:
        raise NotSignedIn
