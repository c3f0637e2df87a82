"""Authentication and authorisation. The organisation comes from the path and the role from the membership, never from the body."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.operations import api_keys
from chalicelib.operations.api_keys import FoundKey
from chalicelib.rules.api_keys import NotForKeys, is_key
from chalicelib.rules.auth import Account
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import StaffMember, check_runs
from chalicelib.rules.permissions import NotAllowed, NotLeader
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import ended_sign_ins, memberships, sessions
from chalicelib.tables import staff as staff_table
from chalicelib.web.audience import Staff
from chalicelib.web.call import Call
from chalicelib.web.refusals import NotSignedIn
from chalicelib.web.tokens import TokenHolder, holder_of


def bearer(call: Call) -> str:
    """Return the access token or API key of the Authorization header. Raises NotSignedIn."""
    kind, _, token = call.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise NotSignedIn
    return token.strip()


def staff(token: str, who: Staff, params: Mapping[str, str], *, now: datetime) -> StaffMember:
    """Return the staff member who holds this token. `params` are those of the path.

    Raises NotSignedIn; NotFound for users of other organisations, so that they cannot tell whether it exists; NotAllowed without the
    permission; NotLeader for a session that somebody does not lead who has the permission only on those that they lead;
    OrganisationSuspended.
    """
    holder = holder_of(token)
    member, organisation = staff_table.get_with_organisation(params["org"], holder.user)
    _check_signed_in(holder)
    if member is None or organisation is None or member.status != "active" or not organisation.admits(member, now):
        raise NotFound
    _check_not_ended(member, holder)
    check_runs(organisation)
    _check_permission(member, who, params)
    return member


def staff_or_key(token: str, who: Staff, params: Mapping[str, str], *, now: datetime) -> StaffMember:
    """Return the staff member who holds this token, or the program that holds this API key; the same is checked for both.

    Raises what `staff` raises, and NotForKeys on a route for people only.
    """
    if not is_key(token):
        return staff(token, who, params, now=now)
    found = _found_key(params["org"], token, now=now)
    check_runs(found.organisation)
    if who.people_only:
        raise NotForKeys
    holder = found.key.holder
    _check_permission(holder, who, params)
    return holder


def _found_key(org: str, token: str, *, now: datetime) -> FoundKey:
    """Return the key of this organisation. Raises NotSignedIn, and NotFound for a valid key of another organisation."""
    if found := api_keys.find(org, token, now=now):
        return found
    if api_keys.find_anywhere(token, now=now):
        raise NotFound
    raise NotSignedIn


def _check_permission(member: StaffMember, who: Staff, params: Mapping[str, str]) -> None:
    if member.may(who.permission):
        return
    if not who.led or not member.may_lead(who.permission):
        raise NotAllowed
    if "session" in params and not member.is_among(sessions.get(member.org, params["session"]).leaders):
        raise NotLeader


def person(token: str) -> Account:
    """Return the account that holds this token, with its memberships, possibly none. Raises NotSignedIn."""
    holder = holder_of(token)
    _check_signed_in(holder)
    found = memberships.of_user(holder.user)
    for belongs in found.belongings:
        _check_not_ended(belongs, holder)
    return found


def person_or_key(token: str, *, now: datetime) -> Account:
    """Return the account that holds this token; for an API key, an account with its one membership. Raises NotSignedIn."""
    if not is_key(token):
        return person(token)
    found = api_keys.find_anywhere(token, now=now)
    if found is None:
        raise NotSignedIn
    return Account(found.key.holder.user, (found.key.holder,))


def customer(token: str, *, now: datetime) -> Account:
    """Return the account that holds this token. Raises NotSignedIn, and NotFound unless it is a customer of some organisation."""
    found = person_or_key(token, now=now)
    if not found.customers:
        raise NotFound
    return found


def end_sign_in(token: str, *, now: datetime) -> None:
    """End the sign-in that this access token belongs to, so that the token is refused at once. An invalid token changes nothing."""
    try:
        holder = holder_of(token)
    except NotSignedIn:
        return
    if holder.sign_in:
        ended_sign_ins.end(holder.sign_in, now=now)


def _check_signed_in(holder: TokenHolder) -> None:
    if ended_sign_ins.is_ended(holder.sign_in):
        raise NotSignedIn


def _check_not_ended(belongs: StaffMember | Customer, holder: TokenHolder) -> None:
    if belongs.tokens_valid_from and holder.issued_at < belongs.tokens_valid_from:
        raise NotSignedIn
