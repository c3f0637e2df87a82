"""A registration's row is written together with the use of its discount code, so that there is never one without the other."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.discounts.counting import used_elsewhere
from chalicelib.operations.discounts.settling import settle
from chalicelib.operations.discounts.using import usable
from chalicelib.operations.registrations.seating import write_registration
from chalicelib.rules.discounts import DiscountRefused, DiscountUsedByYou
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import discounts, registrations
from chalicelib.tables.requests import AlsoRefused

ATTEMPTS = 4


def write_discounted(registration: Registration, typed: str, session: Session, *, now: datetime) -> tuple[Registration, bool]:
    """Write the row at the price that the code leads to; False beside it when this attempt was written before, whatever it led to then.

    Raises DiscountRefused, and what `write_registration` does.
    """
    try:
        return _write(registration, typed, session, now=now)
    except DiscountRefused:
        earlier = registrations.renew(registration, now=now)
        if earlier is None:
            raise
        return earlier, False


def _write(registration: Registration, typed: str, session: Session, *, now: datetime) -> tuple[Registration, bool]:
    by = discounts.counted_as(registration.org, registration.email)
    for _ in range(ATTEMPTS):
        discount = usable(registration.org, typed, session, registration.price.currency, now=now)
        reduced = replace(registration, discount=discount.reduction(by))
        uses = discounts.use_writes(discount, reduced, used_elsewhere(discount, registration.email))
        try:
            first = write_registration(reduced, now, also=uses)
        except AlsoRefused as refused:
            if refused.reasons[-1] is not None and not settle(discount, now=now):
                raise DiscountUsedByYou from None
            continue  # Changed or used up since it was read: looking again says which.
        if first:
            return reduced, True
        earlier = registrations.renew(registration, now=now)
        if earlier:
            return earlier, False
    raise Busy
