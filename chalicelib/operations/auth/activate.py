"""Sign-up of invited staff and customers through the link in their e-mail."""

from datetime import datetime

from chalicelib.operations import links
from chalicelib.operations.auth import user_pool
from chalicelib.operations.auth.sign_in import authenticate
from chalicelib.rules.actor import Actor
from chalicelib.rules.auth import INVITATION_LASTS, CodeNeeded, LinkExpired, LinkUsed
from chalicelib.rules.customers import Customer, CustomerMerged
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import customers, staff
from chalicelib.tables.actor import acting

ATTEMPTS = 5


def invitation_of(token: str, *, now: datetime) -> StaffMember:
    """Return the staff member whom the link invites; changes nothing. Raises NotFound, LinkUsed, LinkExpired."""
    org, pseudonym, version = links.read_staff_activation_token(token)
    member = staff.get(org, pseudonym)
    if member is None or member.link_version != version:
        raise LinkUsed
    if now >= member.invited_at + INVITATION_LASTS:
        raise LinkExpired
    return member


def has_account(email: str) -> bool:
    """Whether the address has an account. If so, activation asks for its password instead of a new one."""
    return user_pool.user_of(email) is not None


def activate_staff(token: str, password: str, *, source: str, now: datetime) -> StaffMember:
    """Make the invited person an active staff member and return it.

    A new address gets an account with this password. For an existing account the password must be the account's. The link is used up
    only once every step has succeeded.
    Raises NotFound, LinkUsed, LinkExpired, WeakPassword, WrongPassword, TooManyAttempts.
    """
    invited = invitation_of(token, now=now)
    user = _user(invited.email, password, source=source, now=now)
    try:
        with acting(Actor("staff", user, invited.email)):
            return staff.activate(invited, user)
    except ChangedMeanwhile:
        raise LinkUsed from None


def customer_invited_by(token: str, *, now: datetime) -> Customer:
    """Return the customer whom the link invites to the portal; changes nothing. Raises NotFound, LinkUsed, LinkExpired.

    The link may be opened before the customer's row records the sending, so a version newer than the row's is valid.
    """
    org, id, version = links.read_portal_activation_token(token)
    customer = _customer(org, id)
    links.check_portal_token(customer, token)
    if customer.status == "accepted" or version < customer.link_version:
        raise LinkUsed
    if customer.invited_at and now >= customer.invited_at + INVITATION_LASTS:
        raise LinkExpired
    return customer


def activate_customer(token: str, password: str, *, source: str, now: datetime) -> Customer:
    """Give the invited customer an account and return the customer as accepted. Raises the errors of `activate_staff`, and Busy."""
    invited = customer_invited_by(token, now=now)
    user = _user(invited.email, password, source=source, now=now)
    for _ in range(ATTEMPTS):
        try:
            return customers.accept(invited, user)
        except ChangedMeanwhile:
            invited = customer_invited_by(token, now=now)
    raise Busy


def _customer(org: str, id: str) -> Customer:
    """Return the customer. Raises NotFound, also for a customer merged into another: links to the merged one have expired."""
    try:
        return customers.get(org, id)
    except CustomerMerged:
        raise NotFound from None


def _user(email: str, password: str, *, source: str, now: datetime) -> str:
    """Return the user id of a new account, or of the address's existing account if the password is right.

    That opens nothing yet: signing in asks for the second factor too, if the account has one.
    """
    if user := user_pool.sign_up(email, password):
        return user
    try:
        return authenticate(email, password, source=source, now=now).user
    except CodeNeeded:
        return user_pool.user_of(email) or ""
