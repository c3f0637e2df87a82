"""The signed-in user of a request, by its cookies."""

from collections.abc import Iterable

from chalicelib.operations import auth as operations
from chalicelib.pages import cookies
from chalicelib.rules.auth import Account, SignedOut, SignIn
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import StaffMember
from chalicelib.web import auth
from chalicelib.web.audience import Staff
from chalicelib.web.call import Call
from chalicelib.web.refusals import NotSignedIn


def staff_member_of(call: Call, who: Staff) -> tuple[StaffMember, list[str]]:
    """Return the calling member of staff, and the cookies to set if the access token was renewed.

    Raises NotSignedIn without a valid token, NotFound when the caller is no member of the organisation, and NotAllowed or NotLeader
    without the permission.
    """
    token, _ = cookies.tokens_of(call)
    try:
        return auth.staff(token, who, call.params, now=call.now), []
    except NotSignedIn:
        again = renew(call)
    return auth.staff(again.access_token, who, call.params, now=call.now), cookies.keep(again)


def person_of(call: Call) -> tuple[Account, list[str]]:
    """Return the caller's account, and the cookies to set if the access token was renewed. Raises NotSignedIn."""
    token, _ = cookies.tokens_of(call)
    try:
        return auth.person(token), []
    except NotSignedIn:
        again = renew(call)
    return again.person, cookies.keep(again)


def token_of(call: Call) -> tuple[str, list[str]]:
    """Return the caller's access token, and the cookies to set if it was renewed. Raises NotSignedIn."""
    token, _ = cookies.tokens_of(call)
    try:
        auth.person(token)
    except NotSignedIn:
        again = renew(call)
        return again.access_token, cookies.keep(again)
    return token, []


def customer_of(call: Call, org: str) -> tuple[Customer | None, list[str]]:
    """Return the caller as a customer of the organisation, and the cookies to set if the access token was renewed.

    The customer is None unless the caller is signed in and is a customer of this organisation.
    """
    try:
        person, set_cookies = person_of(call) if any(cookies.tokens_of(call)) else (None, [])
    except NotSignedIn:
        return None, []
    return person.customer_of(org) if person else None, set_cookies


def active(memberships: Iterable[StaffMember]) -> list[StaffMember]:
    return [member for member in memberships if member.status == "active"]


def renew(call: Call) -> SignIn:
    """Return a new sign-in, made with the refresh token. Raises NotSignedIn when it is missing or has ended."""
    _, refresh_token = cookies.tokens_of(call)
    if not refresh_token:
        raise NotSignedIn
    try:
        return operations.refresh(refresh_token)
    except SignedOut:
        raise NotSignedIn from None


def sign_out(call: Call) -> list[str]:
    """End the caller's sign-in, its access token included, and return the cookies that delete the tokens."""
    token, refresh_token = cookies.tokens_of(call)
    if refresh_token:
        operations.sign_out(refresh_token)
    if token:
        auth.end_sign_in(token, now=call.now)
    return cookies.drop()


def drop_cookies(call: Call) -> list[str]:
    """Return the cookies that delete stored tokens; none if the request carries no tokens."""
    return cookies.drop() if any(cookies.tokens_of(call)) else []
