"""Invitations, read only: mail scanners open every link."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import links
from chalicelib.operations.sessions.queries import InvitationView
from chalicelib.rules.invitations import LIVE, Invitation, InvitationEnded, InvitationStatus, status
from chalicelib.rules.ledger import Hold
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.pricing import PriceLine, quote
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context, invitations, ledger


class ClaimView(NamedTuple):
    """An invitation, seen by the holder of its link."""

    invitation: Invitation
    session: Session
    organisation: Organisation
    status: InvitationStatus
    other_addresses: tuple[str, ...] = ()
    """The other addresses of the customer who answers."""

    def lines(self, chosen: str) -> list[PriceLine]:
        """Return the lines of the price at the fixed or `chosen` tier; none while no tier is chosen."""
        invitation = self.invitation
        tier = self.session.tier(invitation.tier or chosen)
        price = invitation.price or (tier.price if tier else None)
        if price is None:
            return []
        name = tier.name if tier else self.session.title
        return quote(name, price, invitation.party_size, discount=invitation.discount, sibling=invitation.sibling).lines


def live_claim_view(token: str, *, now: datetime) -> ClaimView:
    """Return the live invitation of the link. Raises NotFound for an invalid link, InvitationEnded with the status."""
    view = claim_view(token, now=now)
    if view.status in LIVE:
        return view
    raise InvitationEnded(view.status)


def claim_view(token: str, *, email: str = "", now: datetime, believing_row: bool = False) -> ClaimView:
    """Return the invitation of the link in any status, for an answer under this address.

    Raises NotFound, InvitationEnded for a replaced link.

    `believing_row` saves a read of a large session's ledger: for callers that confirm the hold next, which decides anyway.
    """
    org, session_id, id = links.read_invitation_token(token)
    context = booking_context.read(org, session_id, email=email, invitation=id)
    invitation = links.check_invitation_token(context.invitation, token)
    if believing_row and context.session.chunks > 1:
        return _seen(context, invitation, invitation.hold, now)
    return view_of(context, invitation, now)


def read_claim_view(org: str, session_id: str, id: str, *, now: datetime) -> ClaimView:
    """Return the invitation with this id, as its holder sees it. Raises NotFound."""
    context = booking_context.read(org, session_id, invitation=id)
    if context.invitation is None:
        raise NotFound
    return view_of(context, context.invitation, now)


def read_invitation(org: str, public_id: str, *, now: datetime) -> InvitationView:
    """Return the invitation with its status, for staff. Raises NotFound."""
    _, session_id, id = Ref.parse(org, public_id)
    invitation = invitations.get(org, session_id, id)
    return InvitationView.at(invitation, ledger.hold_of(invitation), now)


def view_of(context: booking_context.BookingContext, invitation: Invitation, now: datetime) -> ClaimView:
    hold = context.first_chunk.holds.get(invitation.id) or _elsewhere(context, invitation)
    return _seen(context, invitation, hold, now)


def _seen(context: booking_context.BookingContext, invitation: Invitation, hold: Hold | None, now: datetime) -> ClaimView:
    status = _status(context, invitation, hold, now)
    return ClaimView(invitation, context.session, context.organisation, status, context.other_addresses)


def _status(context: booking_context.BookingContext, invitation: Invitation, hold: Hold | None, now: datetime) -> InvitationStatus:
    """Return the status. No invitation to a cancelled session, or after the start of its last meeting, is live."""
    found = status(invitation, hold, now) or "expired"
    if found not in LIVE:
        return found
    if context.session.cancelled_at:
        return "cancelled"
    return "expired" if context.session.last_starts_at <= now else found


def _elsewhere(context: booking_context.BookingContext, invitation: Invitation) -> Hold | None:
    if context.session.chunks == 1:
        return None
    return ledger.hold_of(invitation)
