"""Uses of a discount code whose request died before it had its spots: they come back as soon as somebody meets a code that is used up.

The order that makes it safe: the row is read before the ledger is, and is taken back only exactly as it was read;
a request that is tried again renews its row before it claims its spots.
"""

from datetime import datetime

from chalicelib.rules.discounts import Discount, OpenUse
from chalicelib.rules.invitations import Invitation, status
from chalicelib.rules.ledger import IN_FLIGHT, Hold
from chalicelib.rules.registrations import Registration
from chalicelib.tables import discounts, invitations, ledger, registrations

MOST_AT_ONCE = 50
"""Whoever comes next looks after the others."""


def settle(discount: Discount, *, now: datetime) -> bool:
    """Look after the uses that nobody has finished. True when one came back."""
    left_behind = [use for use in discounts.open_uses(discount.org, discount.code) if not use.in_flight(now)]
    return [use for use in left_behind[:MOST_AT_ONCE] if _settle(discount.org, use, now=now)] != []


def _settle(org: str, use: OpenUse, *, now: datetime) -> bool:
    if use.of == "registration":
        registration = registrations.find(org, use.session, use.own)
        return registration is not None and _settle_registration(registration, now)
    invitation = invitations.find(org, use.session, use.own)
    return invitation is not None and _settle_invitation(invitation, now)


def _settle_registration(registration: Registration, now: datetime) -> bool:
    if registration.removed_at:
        return discounts.give_back(registration)
    if registration.confirmed_at or registration.holds(_hold(registration, registration.hold)):
        discounts.finish(registration)
        return False
    return now - registration.created_at > IN_FLIGHT and registrations.take_back(registration)


def _settle_invitation(invitation: Invitation, now: datetime) -> bool:
    if invitation.ended:
        return discounts.give_back(invitation)
    if status(invitation, _hold(invitation, invitation.id), now):
        discounts.finish(invitation)
        return False
    return now - invitation.begun_at > IN_FLIGHT and invitations.take_back(invitation)


def _hold(thing: Registration | Invitation, hold_id: str) -> Hold | None:
    found = ledger.locate(thing.org, thing.session, hold_id, chunk=thing.chunk)
    return found[1] if found else None
