"""Who is signed in, by the cookies of the call."""

from collections.abc import Iterable

from chalicelib.operations import access as operations
from chalicelib.pages import cookies
from chalicelib.rules.accounts import Person, SignedIn, SignedOut
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import Member, Role
from chalicelib.web import access
from chalicelib.web.call import Call
from chalicelib.web.refusals import NotSignedIn


def member_of(call: Call, org: str, role: Role) -> tuple[Member, list[str]]:
    """Return the member of staff who calls, and the cookies to set when the access token had to be renewed.

    Raises NotSignedIn, NotFound and NotAllowed.
    """
    token, _ = cookies.kept(call)
    try:
        return access.staff(token, org, role), []
    except NotSignedIn:
        again = renewed(call)
    return access.staff(again.access_token, org, role), cookies.keep(again)


def person_of(call: Call) -> tuple[Person, list[str]]:
    """Return who calls, and the cookies to set. Raises NotSignedIn."""
    token, _ = cookies.kept(call)
    try:
        return access.person(token), []
    except NotSignedIn:
        again = renewed(call)
    return again.person, cookies.keep(again)


def customer_of(call: Call, org: str) -> tuple[Customer | None, list[str]]:
    """Return the customer that whoever calls is of an organisation, if they have signed in, and the cookies to set."""
    try:
        person, set_cookies = person_of(call) if any(kept(call)) else (None, [])
    except NotSignedIn:
        return None, []
    return person.customer_of(org) if person else None, set_cookies


def active(memberships: Iterable[Member]) -> list[Member]:
    return [member for member in memberships if member.status == "active"]


def renewed(call: Call) -> SignedIn:
    """Return whoever the refresh token belongs to, signed in anew. Raises NotSignedIn."""
    _, refresh_token = cookies.kept(call)
    if not refresh_token:
        raise NotSignedIn
    try:
        return operations.refresh(refresh_token)
    except SignedOut:
        raise NotSignedIn from None


def kept(call: Call) -> tuple[str, str]:
    """Return what the browser keeps of somebody who has signed in."""
    return cookies.kept(call)


def dropped(call: Call) -> list[str]:
    """Return the cookies that take away what the browser keeps in vain."""
    return cookies.drop() if any(cookies.kept(call)) else []
