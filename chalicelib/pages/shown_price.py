"""The prices that a public form was shown with, so that a booking costs the shown price."""

from chalicelib.operations import discounts
from chalicelib.pages.visit import Visit
from chalicelib.rules.discounts import SiblingDiscount
from chalicelib.rules.money import Money
from chalicelib.rules.registration_refusals import PriceChanged
from chalicelib.rules.sessions import Session

PRICES, CODE, TOTAL = "shown_prices", "shown_code", "shown_total"
"""The fields of a form: the prices of its session, the discount code that its total has off, and the total of a basket."""


def prices_of(visit: Visit, session: Session, sibling: SiblingDiscount | None, code: str = "") -> str:
    """Return what the price of a party follows from: the price of each tier, the sibling discount and a discount code.

    Raises UnknownDiscount, TooManyAttempts.
    """
    parts = [f"{tier.id}:{total_of(tier.price)}" for tier in session.tiers]
    if sibling:
        parts.append(f"{sibling.from_nth}/{sibling.percent}")
    if code:
        discount = discounts.look_up(session.org, session.id, code, source=visit.call.source, now=visit.call.now)
        parts.append(f"{discount.kind}:{discount.value}")
    return " ".join(parts)


def total_of(money: Money) -> str:
    return f"{money.amount}{money.currency}"


def check_prices(visit: Visit, session: Session, sibling: SiblingDiscount | None) -> None:
    """Raise PriceChanged when a price has changed since the form was shown. A form that showed none is not checked."""
    shown = visit.typed.get(PRICES, "")
    if shown and shown != prices_of(visit, session, sibling, visit.typed.get(CODE, "")):
        raise PriceChanged
