"""What lowers a price: one discount code, then the sibling discount. Every step of it is a line that people see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from chalicelib.rules.contracts import tagged
from chalicelib.rules.ledger import IN_FLIGHT
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Refusal, marked
from chalicelib.rules.sessions import Session

Kind = Literal["percent", "fixed"]
State = Literal["active", "not_yet", "ended", "used_up", "off"]
FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
MOST_USES = 1_000_000
MOST_LIMITS = 50
"""To so many sessions, and to so many tags, a code may be limited."""
WHOLE = 100
DISCOUNT = marked("Discount code")
SIBLINGS = marked("Sibling discount")


class DiscountRefused(Exception):
    """A discount code that does not lower this price."""


class UnknownDiscount(DiscountRefused, Refusal):
    code = "unknown_discount"
    sentence = marked("We do not know this discount code. Check how it is written, or leave it out.")


class DiscountNotYet(DiscountRefused, Refusal):
    code = "discount_not_yet"
    sentence = marked("This discount code cannot be used yet. Come back later, or leave it out.")


class DiscountEnded(DiscountRefused, Refusal):
    """Run out or switched off."""

    code = "discount_ended"
    sentence = marked("This discount code is not valid any more. Leave it out to book at the full price.")


class DiscountElsewhere(DiscountRefused, Refusal):
    code = "discount_for_another_session"
    sentence = marked("This discount code is for other sessions. Leave it out to book at the full price.")


class DiscountUsedUp(DiscountRefused, Refusal):
    code = "discount_used_up"
    sentence = marked("This discount code has been used as often as it may be. Leave it out to book at the full price.")


class DiscountUsedByYou(DiscountUsedUp):
    sentence = marked("You have used this discount code as often as one person may. Leave it out to book at the full price.")


class OneCodeOnly(Refusal):
    """What a contract agreed on is lowered by nothing."""

    code = "one_code_only"
    sentence = marked("An invitation code has its own price: it cannot be combined with a discount code. Leave one of them out.")


class DiscountExists(Refusal):
    code = "discount_exists"
    sentence = marked("There is a discount code of this name already. Choose another name, or edit that one.")


class DiscountOver(Refusal):
    """What has ended stays so: nobody is to find an old coupon alive again."""

    code = "discount_over"
    sentence = marked("This discount code has ended, and that is final. Make a new one instead.")


@dataclass(frozen=True, slots=True)
class SiblingDiscount:
    """So many per cent off every spot of a party from the nth on."""

    from_nth: int
    percent: int


class Reduction(NamedTuple):
    """A discount code as somebody uses it: its terms are a snapshot, and `by` is whose use is counted."""

    code: str
    kind: Kind
    value: int
    by: str = ""


class OpenUse(NamedTuple):
    """A use whose registration, or invitation, may be without spots yet: the request is under way, or died."""

    of: Literal["registration", "invitation"]
    session: str
    own: str
    at: datetime

    def in_flight(self, now: datetime) -> bool:
        return now - self.at <= IN_FLIGHT


class PriceLine(NamedTuple):
    """A step of a price. `label` of one that lowers it is to be translated; `name` is the code, or how many per cent."""

    label: str
    amount: int
    name: str = ""
    lowers: bool = False

    def money(self, currency: str) -> Money:
        return Money(self.amount, currency)

    @property
    def untranslated(self) -> str:
        return f"{self.label} · {self.name}" if self.lowers else self.label


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount code. It is used once for each registration, whatever the party."""

    org: str
    code: str
    """As staff wrote it; it is read without case."""
    kind: Kind
    value: int
    """Per cent, or minor units off the whole registration."""
    currency: str
    created_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None
    sessions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    active: bool = True
    used: int = 0
    made_by: str = ""
    """The request that made it, so that the same one again is no second code."""
    version: int = 1

    @property
    def off(self) -> Money:
        """What a fixed one takes off."""
        return Money(self.value, self.currency)

    def ended(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    @property
    def used_up(self) -> bool:
        return self.max_uses is not None and self.used >= self.max_uses

    def state(self, now: datetime) -> State:
        """Return the one word that says most about it."""
        if self.ended(now):
            return "ended"
        if not self.active:
            return "off"
        if self.used_up:
            return "used_up"
        return "not_yet" if self.starts_at and self.starts_at > now else "active"

    def fits(self, session: Session) -> bool:
        """Whether it is for this session: any, one of those named, or one with a tag that is named."""
        anywhere = not (self.sessions or self.tags)
        return anywhere or session.id in self.sessions or any(tagged(session, tag) for tag in self.tags)

    def check(self, session: Session, currency: str, now: datetime) -> None:
        """Refuse, with the reason, a code that lowers no price of this session today."""
        if not self.fits(session) or (self.kind == "fixed" and self.currency != currency):
            raise DiscountElsewhere
        match self.state(now):
            case "ended" | "off":
                raise DiscountEnded
            case "not_yet":
                raise DiscountNotYet
            case "used_up":
                raise DiscountUsedUp

    def reduction(self, by: str) -> Reduction:
        return Reduction(self.code, self.kind, self.value, by)


def compared(typed: str) -> str:
    """Return the code that somebody means: without case and without spaces."""
    return "".join(typed.split()).upper()


def well_formed(code: str) -> bool:
    """Whether a discount code may look like this. What does not need not be looked up."""
    return FORM.fullmatch(code) is not None


def lowered(whole: int, spots: int, discount: Reduction | None, sibling: SiblingDiscount | None) -> list[PriceLine]:
    """Return what comes off so many spots that cost `whole`: the code first, then the sibling discount on what is left."""
    lines = []
    if discount:
        off = _share(whole, discount.value, WHOLE) if discount.kind == "percent" else min(discount.value, whole)
        lines.append(PriceLine(DISCOUNT, -off, discount.code, lowers=True))
        whole -= off
    if sibling and spots >= sibling.from_nth:
        siblings = spots - sibling.from_nth + 1
        off = _share(whole, siblings * sibling.percent, spots * WHOLE)
        lines.append(PriceLine(SIBLINGS, -off, f"{sibling.percent} %", lowers=True))
    return lines


def priced(
    label: str, price: Money, spots: int, *, discount: Reduction | None = None, sibling: SiblingDiscount | None = None
) -> list[PriceLine]:
    """Return every line of the price of so many spots: the tier, then what lowers it. Their sum is never below zero."""
    whole = price.times(spots).amount
    return [PriceLine(f"{label} × {spots}" if spots > 1 else label, whole), *lowered(whole, spots, discount, sibling)]


def total_of(lines: Sequence[PriceLine]) -> int:
    return sum(line.amount for line in lines)


def _share(amount: int, part: int, whole: int) -> int:
    """Return this part of an amount, half a minor unit rounded up."""
    return (2 * amount * part + whole) // (2 * whole)
