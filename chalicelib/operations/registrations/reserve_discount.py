"""Writes a registration's row together with the use of its discount code: neither is stored without the other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.operations.discounts.apply import allotted, usable
from chalicelib.operations.discounts.reclaim import reclaim_open_uses
from chalicelib.operations.discounts.usage import used_elsewhere
from chalicelib.operations.registrations.booking import write_registration
from chalicelib.rules.discounts import Discount, DiscountRefused, DiscountUsedUpByCustomer
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import discounts, registrations
from chalicelib.tables.dynamodb import AlsoRefused

ATTEMPTS = 16
"""Of the last uses of a code, each may go to another request while this one chooses."""


def write_discounted(
    registration: Registration, typed: str, session: Session, *, found: Discount | None = None, others: Sequence[str] = (), now: datetime
) -> tuple[Registration, bool]:
    """Write the row at the reduced price. Return (row, True), or (row, False) if an earlier attempt wrote it, at that attempt's price.

    `found` is the discount if the caller has read it; it is read again if it has changed. `others` as in
    `write_registration`. Raises DiscountRefused, and its errors.
    """
    try:
        return _write(registration, typed, session, found, others=others, now=now)
    except DiscountRefused:
        earlier = registrations.renew(registration, now=now)
        if earlier is None:
            raise
        return earlier, False


def _write(
    registration: Registration, typed: str, session: Session, found: Discount | None, *, others: Sequence[str], now: datetime
) -> tuple[Registration, bool]:
    by = discounts.counted_as(registration.org, registration.email)
    for attempt in range(ATTEMPTS):
        discount, found = allotted(usable(registration.org, typed, session, registration.price.currency, now=now, found=found)), None
        reduced = replace(registration, discount=discount.counted(discount.reduction(by), registration.id, attempt))
        uses = discounts.use_writes(discount, reduced, used_elsewhere(discount, registration.email))
        try:
            first = write_registration(reduced, now, others=others, also=uses)
        except AlsoRefused as refused:
            if refused.reasons[-1] is not None and not reclaim_open_uses(discount, now=now):
                raise DiscountUsedUpByCustomer from None
            continue  # The code was edited, or the share was used up since it was read; the next attempt finds out which.
        if first:
            return reduced, True
        earlier = registrations.renew(registration, now=now)
        if earlier:
            return earlier, False
    raise Busy
