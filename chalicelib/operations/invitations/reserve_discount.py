"""Writes an invitation's row together with the use of its discount code, which is reserved while the hold lives."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.discounts.apply import allotted, usable
from chalicelib.operations.discounts.reclaim import reclaim_open_uses
from chalicelib.operations.discounts.usage import used_elsewhere
from chalicelib.operations.invitations.write import Start, Written, write_invitation
from chalicelib.rules.discounts import DiscountRefused, DiscountUsedUpByCustomer
from chalicelib.rules.refusals import Busy
from chalicelib.rules.sessions import Session
from chalicelib.tables import discounts, invitations
from chalicelib.tables.dynamodb import AlsoRefused

ATTEMPTS = 16
"""Of the last uses of a code, each may go to another request while this one chooses."""


def write_discounted(start: Start, typed: str | None, session: Session, *, now: datetime) -> Written:
    """Write the row, with a use of the discount code if one was typed. Raises DiscountRefused, and the errors of `write_invitation`."""
    if not typed:
        return write_invitation(start, now=now)
    invitation = start.invitation
    try:
        return _write(start, typed, session, now=now)
    except DiscountRefused:
        earlier = invitations.find(invitation.org, invitation.session, invitation.id)
        if earlier is None or earlier.nonce != invitation.nonce:
            raise
        return Written(earlier, again=True)


def _write(start: Start, typed: str, session: Session, *, now: datetime) -> Written:
    invitation = start.invitation
    currency = (invitation.price or session.tiers[0].price).currency
    by = discounts.counted_as(invitation.org, invitation.email)
    for attempt in range(ATTEMPTS):
        discount = allotted(usable(invitation.org, typed, session, currency, now=now))
        reduction = invitation.discount or discount.reduction(by)
        reduced = replace(invitation, discount=discount.counted(reduction, invitation.id, attempt))
        uses = discounts.use_writes(discount, reduced, used_elsewhere(discount, invitation.email))
        try:
            return write_invitation(start._replace(invitation=reduced), also=uses, now=now)
        except AlsoRefused as refused:
            if refused.reasons[-1] is not None and not reclaim_open_uses(discount, now=now):
                raise DiscountUsedUpByCustomer from None
    raise Busy
