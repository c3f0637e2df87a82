"""An invited member of the staff signs up by the link in the e-mail."""

from datetime import datetime

from chalicelib.operations import links
from chalicelib.operations.access import accounts
from chalicelib.operations.access.signing_in import authenticate
from chalicelib.rules.accounts import INVITATION_LASTS, LinkRunOut, LinkUsed
from chalicelib.rules.organisations import Member
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import members


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
    user = accounts.sign_up(invited.email, password) or authenticate(invited.email, password, source=source, now=now).user
    try:
        return members.activate(invited, user)
    except ChangedMeanwhile:
        raise LinkUsed from None
