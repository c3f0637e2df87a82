"""Whether a discount code lowers a price, and its uses that come back.

A use is counted when a registration's row is written, or an invitation's: what was promised to somebody who was invited stays theirs while
the hold lives, and nobody else gets it. When they accept, the registration takes it over.
"""

from datetime import datetime

from chalicelib.operations import guessing
from chalicelib.operations.discounts.settling import settle
from chalicelib.rules.discounts import Discount, DiscountUsedUp, UnknownDiscount, compared, well_formed
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import discounts, rosters


def check_guess(org: str, session: str, typed: str, *, source: str, now: datetime) -> None:
    """Refuse a code that there is not, and count it against `source`, the client's network address; refuse all of who guesses too often.

    Raises UnknownDiscount, TooManyAttempts, NotFound for an unknown session.
    """
    own = compared(typed)
    discount, misses = discounts.tried(org, session, own if well_formed(own) else "", misses=guessing.counts(org, source))
    guessing.check_open(misses, now=now)
    if discount is None:
        raise guessing.missed(org, source, UnknownDiscount(), now=now)


def usable(org: str, typed: str, session: Session, currency: str, *, now: datetime) -> Discount:
    """Return the code if it lowers a price of this session today. Raises DiscountRefused with the reason.

    What seems to be used up may only be kept by requests that died: their uses come back first.
    """
    discount = _known(org, typed)
    try:
        discount.check(session, currency, now)
    except DiscountUsedUp:
        if not settle(discount, now=now):
            raise
        discount = _known(org, typed)
        discount.check(session, currency, now)
    return discount


def _known(org: str, typed: str) -> Discount:
    own = compared(typed)
    discount = discounts.find(org, own) if well_formed(own) else None
    if discount is None:
        raise UnknownDiscount
    return discount


def give_back(thing: Registration | Invitation) -> None:
    """Give the use back that was counted for a registration that was removed or an invitation that is over. It may be done again."""
    discounts.give_back(thing)


def finish(thing: Registration | Invitation) -> None:
    """Note that the spots are there for which a use was counted. It may be done again."""
    discounts.finish(thing)


def give_back_on(session: Session) -> None:
    """Give back the uses of everybody on a session that does not take place. It may be done again."""
    for registration in rosters.roster(session.org, session.id).registrations:
        if not registration.moved_to:
            discounts.give_back(registration)
