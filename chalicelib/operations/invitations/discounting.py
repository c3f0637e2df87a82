"""An invitation's row is written together with the use of its discount code, which is kept for the invitee while the hold lives."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.operations.discounts.counting import used_elsewhere
from chalicelib.operations.discounts.settling import settle
from chalicelib.operations.discounts.using import usable
from chalicelib.rules.discounts import DiscountRefused, DiscountUsedByYou
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import Busy
from chalicelib.rules.sessions import Session
from chalicelib.tables import discounts, invitations
from chalicelib.tables.requests import AlsoRefused

ATTEMPTS = 4
Write = Callable[[Invitation, invitations.Writes], Invitation | None]


def written(
    invitation: Invitation, typed: str | None, write: Write, session: Session, *, now: datetime
) -> tuple[Invitation, Invitation | None]:
    """Write the row with a use of the code, if there is one; return it, and the row as this very attempt wrote it before, if it did.

    Raises DiscountRefused, and what `write` does.
    """
    if not typed:
        return invitation, write(invitation, ())
    try:
        return _written(invitation, typed, write, session, now=now)
    except DiscountRefused:
        earlier = invitations.find(invitation.org, invitation.session, invitation.id)
        if earlier is None or earlier.nonce != invitation.nonce:
            raise
        return invitation, earlier


def _written(invitation: Invitation, typed: str, write: Write, session: Session, *, now: datetime) -> tuple[Invitation, Invitation | None]:
    currency = (invitation.price or session.tiers[0].price).currency
    by = discounts.counted_as(invitation.org, invitation.email)
    for _ in range(ATTEMPTS):
        discount = usable(invitation.org, typed, session, currency, now=now)
        reduction = invitation.discount or discount.reduction(by)
        reduced = replace(invitation, discount=reduction)
        uses = discounts.use_writes(discount, reduced, used_elsewhere(discount, invitation.email))
        try:
            return reduced, write(reduced, uses)
        except AlsoRefused as refused:
            if refused.reasons[-1] is not None and not settle(discount, now=now):
                raise DiscountUsedByYou from None
    raise Busy
