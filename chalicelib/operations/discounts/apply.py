"""Applies discount codes to a price, and returns their uses.

A use is counted when the row of a registration or invitation is written. So an invited person keeps the promised discount as long
as the hold lasts. On acceptance the use passes to the registration.
"""

from datetime import datetime

from chalicelib.operations import throttle
from chalicelib.operations.discounts.reclaim import reclaim_open_uses
from chalicelib.rules.discounts import Discount, DiscountUsedUp, UnknownDiscount, compared, well_formed
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import Busy
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import discounts, orders, registrations, sessions
from chalicelib.tables.booking_context import Roster

ATTEMPTS = 8


def look_up(org: str, session: str, typed: str, *, source: str, now: datetime) -> Discount:
    """Return the discount of a typed code. Wrong codes are counted for `source`, the client's network address, and in total.

    Raises UnknownDiscount, TooManyAttempts, NotFound for an unknown session.
    """
    code = compared(typed)
    discount, misses = discounts.find_with_wrong_codes(
        org, session, code if well_formed(code) else "", misses=throttle.wrong_code_keys(org, source)
    )
    throttle.check_open(misses, now=now)
    if discount is None:
        raise throttle.count_wrong_code(org, source, UnknownDiscount(), now=now)
    return discount


def usable(org: str, typed: str, session: Session, currency: str, *, now: datetime, found: Discount | None = None) -> Discount:
    """Return the discount if it applies to this session today. `found` is the discount if the caller has read it.

    If it is used up, uses of failed requests are reclaimed first. Raises DiscountRefused with the reason.
    """
    discount = _with_shares(found) if found else _known(org, typed)
    try:
        discount.check(session, currency, now)
    except DiscountUsedUp:
        is_settled, again = reclaim_open_uses(discount, now=now), _known(org, typed)
        if not is_settled and _allots_as(discount, again):
            raise
        discount = again
        discount.check(session, currency, now)
    return discount


def allotted(discount: Discount) -> Discount:
    """Return a code as it was read, once its shares have the uses that are left, if it has a limit. Raises Busy."""
    for _ in range(ATTEMPTS):
        if not discount.needs_allotting:
            return discount
        discounts.allot(discount)
        again = _known(discount.org, discount.code)
        if again.version != discount.version:
            return discount  # It was edited. The write finds that out.
        discount = again
    raise Busy


def _allots_as(one: Discount, other: Discount) -> bool:
    """Whether both were read while the same uses were allotted: row and shares are two reads, and one may have missed a change."""
    return one.counts is not None and other.counts is not None and one.counts.on_row == other.counts.on_row


def _known(org: str, typed: str) -> Discount:
    code = compared(typed)
    discount = discounts.find(org, code) if well_formed(code) else None
    if discount is None:
        raise UnknownDiscount
    return _with_shares(discount)


def _with_shares(discount: Discount) -> Discount:
    """Return the code with its shares, if it has a limit: others need no more than one of them, which nobody reads."""
    return discount if discount.max_uses is None else discounts.with_shares(discount)


def return_use(discounted: Registration | Invitation) -> None:
    """Return the use of a removed registration or ended invitation. Safe to repeat.

    The use of an order is returned once none of the registrations that it lowered stands any more. That of an invitation in it is its own,
    also when it was moved.
    """
    if isinstance(discounted, Registration) and discounted.order and discounted.discount_returned:
        _return_use_of_order(discounted)
    else:
        discounts.return_use(discounted)


def _return_use_of_order(registration: Registration) -> None:
    if registration.discount is None:
        return
    order = orders.get(registration.org, registration.order)
    lowered = [one for one in orders.registrations_of(order) if one.discount and not one.invitation]
    if not order.discount_returned and all(_is_over(one) for one in lowered):
        orders.return_discount(order)


def _is_over(registration: Registration) -> bool:
    """Whether the registration, wherever it was moved to, was removed, or its session is cancelled."""
    while registration.moved_to:
        registration = registrations.get(*Ref.parse(registration.org, registration.moved_to))
    return registration.removed_at is not None or sessions.get(registration.org, registration.session).cancelled_at is not None


def finish(discounted: Registration | Invitation) -> None:
    """Record that the spots are held for which a use was counted, which makes the use final. Safe to repeat."""
    discounts.finish(discounted)


def return_uses_on(roster: Roster) -> None:
    """Return the uses of all registrations for a cancelled session. Safe to repeat."""
    for registration in roster.registrations:
        if not registration.moved_to:
            return_use(registration)
