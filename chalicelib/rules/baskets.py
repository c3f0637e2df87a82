"""The price of a basket: one discount code over all of its lines, and the sibling discount over the different children in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.rules.discounts import Reduction, SiblingDiscount
from chalicelib.rules.money import Money
from chalicelib.rules.pricing import Quote, quote, share
from chalicelib.rules.refusals import Conflict, Invalid
from chalicelib.rules.registrations import same_participant
from chalicelib.rules.translation import N_

MOST_LINES = 20


class MixedBasketCurrencies(Invalid):
    code = "mixed_currencies"
    sentence = N_("These sessions are priced in different currencies. Book them separately.")


class BasketFull(Conflict):
    """A browser keeps no more of a basket."""

    code = "basket_full"
    sentence = N_("Your basket is full. Book what is in it, then go on with another one.")


class InvitationNeedsApproval(Conflict):
    """The invitation was passed on, and staff must approve its new owner, so that it cannot be booked at once."""

    code = "needs_approval"
    sentence = N_(
        "This invitation was sent to another address, so the organiser has to approve it. Open its own link and ask for it there."
    )


class Reductions(NamedTuple):
    """What lowers the price of a line: a discount code, and the sibling discount on so many spots; None: by the size of the party."""

    discount: Reduction | None = None
    sibling: SiblingDiscount | None = None
    siblings: int | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A line of a basket, as far as its price needs it: spots at a price, and who takes part."""

    label: str
    price: Money
    """Of one spot."""
    spots: int
    participants: tuple[str, ...]
    fits: bool = False
    """Whether the basket's discount code lowers it."""
    snapshot: Reductions | None = None
    """The terms that an invitation or an invitation code fixed: the basket changes nothing about them."""

    @property
    def whole(self) -> int:
        return self.price.times(self.spots).amount

    @property
    def children(self) -> list[str]:
        """One for each spot. A spot without a name is the same child as the one without a name at this place of another line."""
        named = [same_participant(name) for name in self.participants]
        return [*named, *(f"\0{index}" for index in range(len(named), self.spots))]


def terms(parties: Sequence[Party], discount: Reduction | None, sibling: SiblingDiscount | None) -> list[Reductions]:
    """Return what lowers each line. A percentage lowers each line that the code fits; a fixed amount is shared by them, to the cent."""
    shares = _shares(parties, discount) if discount else [None] * len(parties)
    counted = _siblings(parties, sibling) if sibling else [0] * len(parties)
    return [
        party.snapshot or Reductions(reduction, sibling if siblings else None, siblings if sibling and siblings else None)
        for party, reduction, siblings in zip(parties, shares, counted, strict=True)
    ]


def quotes(parties: Sequence[Party], agreed: Sequence[Reductions]) -> list[Quote]:
    """Return the price of each line under its terms."""
    return [
        quote(party.label, party.price, party.spots, discount=each.discount, sibling=each.sibling, siblings=each.siblings)
        for party, each in zip(parties, agreed, strict=True)
    ]


def total(quoted: Sequence[Quote]) -> Money:
    """Return the sum of the lines, of which there is at least one. Raises MixedBasketCurrencies."""
    currencies = {one.total.currency for one in quoted}
    if len(currencies) > 1:
        raise MixedBasketCurrencies
    return Money(sum(one.total.amount for one in quoted), currencies.pop())


def _shares(parties: Sequence[Party], discount: Reduction) -> list[Reduction | None]:
    """Return each line's part of the discount. The parts of a fixed amount are by the lines' prices, and make exactly the whole."""
    if discount.kind == "percent":
        return [discount if party.fits else None for party in parties]
    lowered = sum(party.whole for party in parties if party.fits)
    value, sum_so_far, given = min(discount.value, lowered), 0, 0
    shares: list[Reduction | None] = []
    for party in parties:
        sum_so_far += party.whole if party.fits else 0
        until = share(value, sum_so_far, lowered) if lowered else 0
        shares.append(discount._replace(value=until - given) if party.fits and until > given else None)
        given = until
    return shares


def _siblings(parties: Sequence[Party], sibling: SiblingDiscount) -> list[int]:
    """Return how many spots of each line have the sibling discount: those of children from the nth on, as first named in the basket."""
    ranks: dict[str, int] = {}
    for party in parties:
        for child in party.children:
            ranks.setdefault(child, len(ranks) + 1)
    return [sum(ranks[child] >= sibling.from_nth for child in party.children) for party in parties]
