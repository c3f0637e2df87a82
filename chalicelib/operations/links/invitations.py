"""Links to answer an invitation and to a place on a waitlist."""

from chalicelib.operations.links.kinds import INVITATION, WAITLIST, WAITLIST_MAILED, version_secret
from chalicelib.rules.invitations import Invitation, InvitationEnded
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.waitlist import WaitlistEntry

OLDER_LINKS_KNOWN = 20


def invitation_token(invitation: Invitation) -> str:
    return INVITATION.token(invitation.org, invitation.session, invitation.id, secret=str(invitation.link_version))


def invitation_link(invitation: Invitation) -> str:
    """Return the link to answer the invitation. It stays the same until it is rotated."""
    return INVITATION.url_of(invitation_token(invitation))


def read_invitation_token(token: str) -> Ref:
    """Return the invitation that the token names, unverified: `check_invitation_token` verifies it. Raises NotFound."""
    return Ref(*INVITATION.unverified(token))


def check_invitation_token(invitation: Invitation | None, token: str) -> Invitation:
    """Return the invitation if the token is genuine. Raises NotFound, InvitationEnded if a newer link has replaced it."""
    if invitation is None:
        raise NotFound
    if INVITATION.is_genuine(token, str(invitation.link_version)):
        return invitation
    earlier = range(max(1, invitation.link_version - OLDER_LINKS_KNOWN), invitation.link_version)
    if any(INVITATION.is_genuine(token, str(version)) for version in earlier):
        raise InvitationEnded("rotated")
    raise NotFound


def waitlist_token(entry: WaitlistEntry) -> str:
    return WAITLIST.token(entry.org, entry.session, entry.id, secret=version_secret(entry.link_version))


def waitlist_link(entry: WaitlistEntry) -> str:
    """Return the link to view a waitlist entry's position, and to leave."""
    return WAITLIST.url_of(waitlist_token(entry))


def read_waitlist_token(token: str) -> Ref:
    """Return the waitlist entry that the token names, to be checked with `check_waitlist_token`. Raises NotFound."""
    return Ref(*WAITLIST.unverified(token))


def check_waitlist_token(entry: WaitlistEntry, token: str) -> WaitlistEntry:
    """Return the entry if the token is its link. Raises NotFound, also for a link to an address that was corrected since."""
    if not (WAITLIST.is_genuine(token, version_secret(entry.link_version)) or is_mailed_place(entry, token)):
        raise NotFound
    return entry


def mailed_waitlist_link(entry: WaitlistEntry) -> str:
    """Return the page of a position on a waitlist for the e-mail: who has this link has read the mailbox."""
    return WAITLIST_MAILED.url_of(mailed_waitlist_token(entry))


def mailed_waitlist_token(entry: WaitlistEntry) -> str:
    """Return the token of the link in the entry's e-mail."""
    return WAITLIST_MAILED.token(entry.org, entry.session, entry.id, secret=version_secret(entry.link_version))


def is_mailed_place(entry: WaitlistEntry, token: str) -> bool:
    """Whether this is the token of the link in the entry's e-mail."""
    return WAITLIST_MAILED.is_genuine(token, version_secret(entry.link_version))
