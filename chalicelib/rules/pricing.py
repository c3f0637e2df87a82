"""The price of a registration: the price of its spots, then the reductions, each a line that people see."""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.rules.discounts import WHOLE, Reduction, SiblingDiscount
from chalicelib.rules.money import Money
from chalicelib.rules.translation import N_

DISCOUNT = N_("Discount code")
SIBLINGS = N_("Sibling discount")


class PriceLine(NamedTuple):
    """A line of a price. For a reduction, `label` is translated, and `name` is the discount code or the percentage."""

    label: str
    amount: int
    name: str = ""
    lowers: bool = False

    def money(self, currency: str) -> Money:
        return Money(self.amount, currency)

    @property
    def untranslated(self) -> str:
        return f"{self.label} · {self.name}" if self.lowers else self.label


class Quote(NamedTuple):
    """A price with its lines."""

    lines: list[PriceLine]
    total: Money


def discount_lines(
    whole: int, spots: int, discount: Reduction | None, sibling: SiblingDiscount | None, siblings: int | None = None
) -> list[PriceLine]:
    """Return the reductions for `spots` spots that cost `whole` together: the code first, then the sibling discount on the rest.

    `siblings`: how many of the spots have the sibling discount, if a basket has counted them; else those of the party from the nth on.
    """
    lines = []
    if discount:
        off = share(whole, discount.value, WHOLE) if discount.kind == "percent" else min(discount.value, whole)
        lines.append(PriceLine(DISCOUNT, -off, discount.code, lowers=True))
        whole -= off
    if sibling and (lowered := _siblings(spots, sibling, siblings)):
        off = share(whole, lowered * sibling.percent, spots * WHOLE)
        lines.append(PriceLine(SIBLINGS, -off, f"{sibling.percent} %", lowers=True))
    return lines


def quote(
    label: str,
    price: Money,
    spots: int,
    *,
    discount: Reduction | None = None,
    sibling: SiblingDiscount | None = None,
    siblings: int | None = None,
) -> Quote:
    """Return the price of `spots` spots: a line for the tier, then the reductions. The total is never below zero.

    `siblings` as in `discount_lines`.
    """
    whole = price.times(spots)
    tier = PriceLine(f"{label} × {spots}" if spots > 1 else label, whole.amount)
    lines = [tier, *discount_lines(whole.amount, spots, discount, sibling, siblings)]
    return Quote(lines, Money(total_of(lines), price.currency))


def total_of(lines: Sequence[PriceLine]) -> int:
    return sum(line.amount for line in lines)


def siblings_left(counted: int | None, fewer: int) -> int | None:
    """Return how many spots still have the sibling discount that a basket has counted, when so many spots are given back.

    Those named last go first: they are the siblings. Spots that are added later have none.
    """
    return None if counted is None else max(0, counted - max(0, fewer))


def _siblings(spots: int, sibling: SiblingDiscount, counted: int | None) -> int:
    return max(0, spots - sibling.from_nth + 1) if counted is None else min(counted, spots)


def share(amount: int, part: int, whole: int) -> int:
    """Return `part / whole` of an amount, half a minor unit rounded up."""
    return (2 * amount * part + whole) // (2 * whole)
