"""Writes an invitation's row before its spots are held, with a guard row that allows one live invitation per address."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.rules.invitations import LIVE, AlreadyInvited, Invitation, status
from chalicelib.rules.ledger import IN_FLIGHT
from chalicelib.rules.refusals import Busy
from chalicelib.tables import dynamodb, invitations, ledger

ATTEMPTS = 2


class Start(NamedTuple):
    """The row to write, for a new or a revived invitation."""

    invitation: Invitation
    was: Invitation | None = None
    """The ended row of a revived invitation."""
    guarded: invitations.InvitationGuards = invitations.InvitationGuards()
    """The customer's other addresses and ended invitations."""


class Written(NamedTuple):
    """The stored row. `again`: an earlier attempt of the same request wrote it."""

    invitation: Invitation
    again: bool = False


def write_invitation(start: Start, *, also: dynamodb.Writes = (), now: datetime) -> Written:
    """Write the row, the guard row of its address, and `also`, in one transaction. The guard of an ended invitation is taken over.

    Raises AlreadyInvited, Busy while another request for this customer may be in progress, AlsoRefused if `also` failed its conditions.
    """
    for _ in range(ATTEMPTS + len(start.guarded.others)):
        try:
            return _write(start, also)
        except invitations.AddressTaken as taken:
            check_ended(start.invitation, taken.id, now)
            start = start._replace(guarded=start.guarded._replace(replacing={*start.guarded.replacing, taken.id}))
    raise Busy


def check_ended(invitation: Invitation, other_id: str, now: datetime) -> None:
    """Raise AlreadyInvited if the other invitation is live, Busy while its request may be in progress."""
    other = invitations.find(invitation.org, invitation.session, other_id)
    if other is None:
        return
    found = status(other, ledger.hold_of(other), now)
    if found in LIVE:
        raise AlreadyInvited(other.public_id)
    if found is None and now - other.begun_at < IN_FLIGHT:
        raise Busy


def _write(start: Start, also: dynamodb.Writes) -> Written:
    invitation, was, guarded = start
    if was:
        invitations.write_revived(invitation, was=was, guarded=guarded, also=also)
        return Written(invitation)
    earlier = invitations.write(invitation, guarded=guarded, also=also)
    return Written(earlier, again=True) if earlier else Written(invitation)
