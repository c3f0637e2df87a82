"""The price of a basket, line by line, with its one discount code."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import throttle
from chalicelib.operations.discounts.apply import usable
from chalicelib.operations.orders.lines import BasketClient, Line, lines_of, parties_of, read_context
from chalicelib.rules.baskets import Reductions, quotes, terms, total
from chalicelib.rules.discounts import Discount, DiscountForOtherSession, Reduction, UnknownDiscount, compared, well_formed
from chalicelib.rules.inputs.baskets import BasketInput, BasketQuoteInput
from chalicelib.rules.money import Money
from chalicelib.rules.pricing import Quote
from chalicelib.rules.sessions import Session
from chalicelib.tables import discounts
from chalicelib.tables.basket_context import BasketContext


class QuotedLine(NamedTuple):
    session: Session
    quote: Quote


class BasketQuote(NamedTuple):
    """The price of a basket: of each line, and the total."""

    lines: list[QuotedLine]
    total: Money


class Priced(NamedTuple):
    """A basket with its price: what lowers each line, and the discount code as it was read."""

    lines: list[Line]
    terms: list[Reductions]
    quotes: list[Quote]
    total: Money
    discount: Discount | None
    reduction: Reduction | None
    """The discount code in use by the customer."""
    fitting: Line | None
    """The first line that the discount code lowers."""


def quote_basket(org: str, basket: BasketQuoteInput, *, source: str = "", now: datetime) -> BasketQuote:
    """Return the price of a basket; nothing is held or used.

    Raises NotFound, TierNeeded, UnknownTier, DiscountRefused, MixedCurrencies, TooManyAttempts, and the refusals of invitations and codes;
    `line` of a refusal says which line it is about.
    """
    client = BasketClient(org, source, now)
    context = read_context(client, basket, discount=code_of(basket))
    priced = price(client, basket, context)
    lines = [QuotedLine(line.context.session, quoted) for line, quoted in zip(priced.lines, priced.quotes, strict=True)]
    return BasketQuote(lines, priced.total)


def code_of(basket: BasketInput | BasketQuoteInput) -> str:
    """Return the typed discount code in its stored form; empty for none, and for a text that is no code."""
    code = compared(basket.discount_code or "")
    return code if well_formed(code) else ""


def price(client: BasketClient, basket: BasketInput | BasketQuoteInput, context: BasketContext) -> Priced:
    """Return the basket's lines with their prices. Raises as `quote_basket`."""
    lines = lines_of(client, basket, context)
    discount, fitting = _discount(client, basket, context, lines) if basket.discount_code else (None, None)
    parties = parties_of(lines, discount)
    reduction = discount.reduction(discounts.counted_as(client.org, basket.email or "")) if discount else None
    agreed = terms(parties, reduction, context.organisation.sibling_discount)
    quoted = quotes(parties, agreed)
    return Priced(lines, agreed, quoted, total(quoted), discount, reduction, fitting)


def _discount(
    client: BasketClient, basket: BasketInput | BasketQuoteInput, context: BasketContext, lines: Sequence[Line]
) -> tuple[Discount, Line]:
    """Return the basket's discount, and the first line that it lowers. Raises DiscountRefused, TooManyAttempts."""
    if context.discount is None:
        raise throttle.count_wrong_code(client.org, client.source, UnknownDiscount(), now=client.now)
    parties = parties_of(lines, context.discount)
    for line, party in zip(lines, parties, strict=True):
        if party.fits:
            session, currency = line.context.session, party.price.currency
            return usable(client.org, code_of(basket), session, currency, now=client.now, found=context.discount), line
    raise DiscountForOtherSession
