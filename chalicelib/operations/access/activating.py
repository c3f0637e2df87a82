"""Whoever was invited, to the staff or to the portal, signs up by the link in the e-mail."""

from datetime import datetime

from chalicelib.operations import links
from chalicelib.operations.access import accounts
from chalicelib.operations.access.signing_in import authenticate
from chalicelib.rules.accounts import INVITATION_LASTS, LinkRunOut, LinkUsed
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import Member
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import customers, members

ATTEMPTS = 5


def invitation_of(token: str, *, now: datetime) -> Member:
    """Return whom the link invites. Raises NotFound, LinkUsed and LinkRunOut; changes nothing."""
    org, stand_in, version = links.activating(token)
    member = members.get(org, stand_in)
    if member is None or member.link_version != version:
        raise LinkUsed
    if now >= member.invited_at + INVITATION_LASTS:
        raise LinkRunOut
    return member


def has_account(email: str) -> bool:
    """Whether the address signs in already, so that it proves itself by its password instead of choosing one."""
    return accounts.user_of(email) is not None


def activate_staff(token: str, password: str, *, source: str, now: datetime) -> Member:
    """Make the invited one a member and return it as it is from then on.

    A new address gets an account with this password; one that has an account proves it with its own. Raises NotFound, LinkUsed,
    LinkRunOut, WeakPassword, WrongPassword and TooManyAttempts. The link is used only when all of it has come about.
    """
    invited = invitation_of(token, now=now)
    user = _user(invited.email, password, source=source, now=now)
    try:
        return members.activate(invited, user)
    except ChangedMeanwhile:
        raise LinkUsed from None


def customer_invited_by(token: str, *, now: datetime) -> Customer:
    """Return the customer whom the link invites to the portal. Raises NotFound, LinkUsed and LinkRunOut; changes nothing.

    The link may be opened before the customer's row says that it was sent: a newer version than the row's is as good.
    """
    org, own, version = links.activating_customer(token)
    customer = _customer(org, own)
    links.check_portal_token(customer, token)
    if customer.status == "accepted" or version < customer.link_version:
        raise LinkUsed
    if customer.invited_at and now >= customer.invited_at + INVITATION_LASTS:
        raise LinkRunOut
    return customer


def activate_customer(token: str, password: str, *, source: str, now: datetime) -> Customer:
    """Give the invited customer an account, and return the customer, who has accepted from then on. Refuses as `activate_staff` does."""
    invited = customer_invited_by(token, now=now)
    user = _user(invited.email, password, source=source, now=now)
    for _ in range(ATTEMPTS):
        try:
            return customers.accept(invited, user)
        except ChangedMeanwhile:
            invited = customer_invited_by(token, now=now)
    raise Busy


def _customer(org: str, own: str) -> Customer:
    """Return the customer; of one who became one with another, a link says nothing any more. Raises NotFound."""
    try:
        return customers.get(org, own)
    except NotFound:
        raise NotFound from None


def _user(email: str, password: str, *, source: str, now: datetime) -> str:
    """Return the id of a new account with this password, or of the one that the address has, if the password is its own."""
    return accounts.sign_up(email, password) or authenticate(email, password, source=source, now=now).user
