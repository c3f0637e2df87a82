"""Looking at an invitation. Looking never changes anything: mail scanners open every link."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.operations.sessions.reading import InvitationView
from chalicelib.rules.discounts import PriceLine, priced
from chalicelib.rules.invitations import Invitation, InvitationOver, Status, status
from chalicelib.rules.ledger import Hold
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import invitations, keys, ledger, rosters

LIVE = {"pending", "waiting_for_approval"}


class Offer(NamedTuple):
    """What an invitation offers to whoever has its link."""

    invitation: Invitation
    session: Session
    organisation: Organisation
    status: Status

    def lines(self, chosen: str) -> list[PriceLine]:
        """Return every line of the price at the tier that the invitation fixes or that is chosen; none while that is open."""
        invitation = self.invitation
        tier = self.session.tier(invitation.tier or chosen)
        price = invitation.price or (tier.price if tier else None)
        if price is None:
            return []
        name = tier.name if tier else self.session.title
        return priced(name, price, invitation.party_size, discount=invitation.discount, sibling=invitation.sibling)


def look(token: str, *, now: datetime) -> Offer:
    """Return what the link offers. Raises NotFound for a link that never was one, InvitationOver with the way it ended."""
    offer = offered(token, now=now)
    if offer.status in LIVE:
        return offer
    raise InvitationOver(offer.status)


def offered(token: str, *, now: datetime, believing_row: bool = False) -> Offer:
    """Return the invitation that the link names, whatever has become of it.

    Whoever goes on to confirm the hold may believe the row of an invitation to a large session and save a read: the ledger decides then.
    """
    org, session_id, own = links.named_by(token)
    desk = rosters.desk(org, session_id, invitation=own)
    invitation = links.check_invitation_token(desk.invitation, token)
    if believing_row and desk.session.chunks > 1:
        return Offer(invitation, desk.session, desk.organisation, _status(desk, invitation, invitation.hold, now))
    return _offer(desk, invitation, now)


def read_offer(org: str, session_id: str, own: str, *, now: datetime) -> Offer:
    """Return the invitation as its holder would see it, found by its id."""
    desk = rosters.desk(org, session_id, invitation=own)
    if desk.invitation is None:
        raise NotFound
    return _offer(desk, desk.invitation, now)


def read_invitation(org: str, invitation_id: str, *, now: datetime) -> InvitationView:
    """Return an invitation for staff. Raises NotFound."""
    session_id, own = keys.parted(invitation_id)
    invitation = invitations.get(org, session_id, own)
    standing = ledger.locate(org, session_id, own, chunk=invitation.chunk)
    return InvitationView.at(invitation, standing[1] if standing else None, now)


def _offer(desk: rosters.Desk, invitation: Invitation, now: datetime) -> Offer:
    hold = desk.first_chunk.holds.get(invitation.id) or _elsewhere(desk, invitation)
    return Offer(invitation, desk.session, desk.organisation, _status(desk, invitation, hold, now))


def _status(desk: rosters.Desk, invitation: Invitation, hold: Hold | None, now: datetime) -> Status:
    """Return what the invitation is; of a cancelled session, or one whose last meeting has begun, none is live, whatever its row says."""
    found = status(invitation, hold, now) or "expired"
    if found not in LIVE:
        return found
    if desk.session.cancelled_at:
        return "cancelled"
    return "expired" if desk.session.last_starts_at <= now else found


def _elsewhere(desk: rosters.Desk, invitation: Invitation) -> Hold | None:
    if desk.session.chunks == 1:
        return None
    standing = ledger.locate(invitation.org, invitation.session, invitation.id, chunk=invitation.chunk)
    return standing[1] if standing else None
