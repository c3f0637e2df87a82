"""Reclaims the uses of requests that failed before they had their spots, when a code seems used up.

The order makes it safe: a row is read before the ledger and taken back only if it is unchanged, and a retried request renews its row
before it claims its spots.
"""

from datetime import datetime

from chalicelib.rules.discounts import Discount, OpenUse
from chalicelib.rules.invitations import Invitation, status
from chalicelib.rules.ledger import IN_FLIGHT
from chalicelib.rules.registrations import Registration
from chalicelib.tables import discounts, invitations, ledger, registrations

MOST_AT_ONCE = 50
"""The next attempt reclaims the rest."""


def reclaim_open_uses(discount: Discount, *, now: datetime) -> bool:
    """Settle the open uses of requests no longer in progress: finish or return each. True if one was returned."""
    left_behind = [use for use in discounts.open_uses(discount.org, discount.code) if not use.in_flight(now)]
    return [use for use in left_behind[:MOST_AT_ONCE] if _reclaim(discount.org, use, now=now)] != []


def _reclaim(org: str, use: OpenUse, *, now: datetime) -> bool:
    if use.of == "registration":
        registration = registrations.find(org, use.session, use.id)
        return registration is not None and _reclaim_from_registration(registration, now)
    invitation = invitations.find(org, use.session, use.id)
    return invitation is not None and _reclaim_from_invitation(invitation, now)


def _reclaim_from_registration(registration: Registration, now: datetime) -> bool:
    if registration.removed_at:
        return discounts.return_use(registration)
    if registration.confirmed_at or registration.holds(ledger.hold_of(registration)):
        discounts.finish(registration)
        return False
    return now - registration.created_at > IN_FLIGHT and registrations.delete_attempt(registration)


def _reclaim_from_invitation(invitation: Invitation, now: datetime) -> bool:
    if invitation.ended:
        return discounts.return_use(invitation)
    if status(invitation, ledger.hold_of(invitation), now):
        discounts.finish(invitation)
        return False
    return now - invitation.begun_at > IN_FLIGHT and invitations.delete_attempt(invitation)
