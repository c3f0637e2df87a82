"""Discount codes and the sibling discount: when they apply, and how often. `rules/pricing` calculates the amounts."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from chalicelib.rules.contracts import tagged
from chalicelib.rules.discount_shares import SHARES, UseCounts, chosen
from chalicelib.rules.ledger import IN_FLIGHT
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Conflict, Invalid
from chalicelib.rules.sessions import Session
from chalicelib.rules.text import plain
from chalicelib.rules.translation import N_

DiscountKind = Literal["percent", "fixed"]
DiscountState = Literal["active", "not_yet", "ended", "used_up", "off"]
FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
MOST_USES = 1_000_000
MOST_LIMITS = 50
"""The maximum number of sessions, and of tags, to which a code may be limited."""
WHOLE = 100


class DiscountRefused(Exception):
    """The discount code does not lower this price."""


class UnknownDiscount(DiscountRefused, Invalid):
    code = "unknown_discount"
    sentence = N_("We do not know this discount code. Check the spelling, or leave it out.")


class DiscountNotStarted(DiscountRefused, Invalid):
    code = "discount_not_yet"
    sentence = N_("This discount code cannot be used yet. Come back later, or leave it out.")


class DiscountInactive(DiscountRefused, Invalid):
    """The code has ended or is switched off."""

    code = "discount_ended"
    sentence = N_("This discount code is not valid any more. Leave it out to book at the full price.")


class DiscountForOtherSession(DiscountRefused, Invalid):
    code = "discount_for_another_session"
    sentence = N_("This discount code is for other sessions. Leave it out to book at the full price.")


class DiscountUsedUp(DiscountRefused, Conflict):
    code = "discount_used_up"
    sentence = N_("This discount code has been used as often as it may be. Leave it out to book at the full price.")


class DiscountUsedUpByCustomer(DiscountUsedUp):
    sentence = N_("You have used this discount code as often as one person may. Leave it out to book at the full price.")


class OneCodeOnly(Invalid):
    """No discount code lowers a contract's price."""

    code = "one_code_only"
    sentence = N_("An invitation code has its own price: it cannot be combined with a discount code. Leave one of them out.")


class DiscountExists(Conflict):
    code = "discount_exists"
    sentence = N_("There is a discount code of this name already. Choose another name, or edit that one.")


class DiscountEndIsFinal(Conflict):
    """An ended discount code cannot be changed, so that no old coupon becomes valid again."""

    code = "discount_over"
    sentence = N_("This discount code has ended, and that is final. Make a new one instead.")


@dataclass(frozen=True, slots=True)
class SiblingDiscount:
    """`percent` off every spot of a party from number `from_nth` on."""

    from_nth: int
    percent: int


class Reduction(NamedTuple):
    """A discount code in use: a snapshot of its terms. `by` is the person under whom the use is counted."""

    code: str
    kind: DiscountKind
    value: int
    by: str = ""
    share: int | None = None
    """The number of the share on which the use is counted; None on the code's own row, as the version before did."""


class OpenUse(NamedTuple):
    """A use whose registration or invitation may have no spots yet: its request is in flight or has crashed."""

    of: Literal["registration", "invitation"]
    session: str
    id: str
    at: datetime

    def in_flight(self, now: datetime) -> bool:
        return now - self.at <= IN_FLIGHT


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount code. A registration counts as one use, whatever its party size."""

    org: str
    code: str
    """As staff wrote it; it is read without case."""
    kind: DiscountKind
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
    """All uses if `counts` were read; else those on the code's own row, with the ones that it has allotted."""
    counts: UseCounts | None = None
    """The shares, for a code with a limit, and for staff."""
    made_by: str = ""
    """The id of the request that created it, so that a retry of the request creates no second code."""
    version: int = 1

    @property
    def off(self) -> Money:
        """The amount that a fixed discount takes off."""
        return Money(self.value, self.currency)

    def ended(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    @property
    def used_up(self) -> bool:
        return self.max_uses is not None and self.used >= self.max_uses

    @property
    def needs_allotting(self) -> bool:
        """Whether no share can be used before the uses of the code are allotted to them."""
        return self.max_uses is not None and self.counts is not None and self.counts.needs_allotting(self.max_uses)

    def state(self, now: datetime) -> DiscountState:
        """Return the code's state; where several apply, the most important one."""
        if self.ended(now):
            return "ended"
        if not self.active:
            return "off"
        if self.used_up:
            return "used_up"
        return "not_yet" if self.starts_at and self.starts_at > now else "active"

    def fits(self, session: Session) -> bool:
        """Whether the code applies to the session: it has no restriction, or names the session or one of its tags."""
        anywhere = not (self.sessions or self.tags)
        return anywhere or session.id in self.sessions or any(tagged(session, tag) for tag in self.tags)

    def lowers(self, session: Session, currency: str) -> bool:
        """Whether the code lowers a price of the session in this currency, while it is valid."""
        return self.fits(session) and (self.kind == "percent" or self.currency == currency)

    def check(self, session: Session, currency: str, now: datetime) -> None:
        """Raises a DiscountRefused with the reason when the code lowers no price of this session at `now`."""
        if not self.lowers(session, currency):
            raise DiscountForOtherSession
        match self.state(now):
            case "ended" | "off":
                raise DiscountInactive
            case "not_yet":
                raise DiscountNotStarted
            case "used_up":
                raise DiscountUsedUp

    def reduction(self, by: str) -> Reduction:
        return Reduction(self.code, self.kind, self.value, by)

    def counted(self, reduction: Reduction, booking_id: str, attempt: int = 0) -> Reduction:
        """Return the reduction with the share on which a booking counts its use: one with uses left, if there is a limit.

        `booking_id` is of a registration or an invitation.
        """
        left = [1] * SHARES
        if self.max_uses is not None and self.counts is not None and self.counts.open_shares:
            left = [share.left for share in self.counts.shares]
        return reduction._replace(share=chosen(left, booking_id, attempt))


def compared(typed: str) -> str:
    """Return the typed code in its stored form: in capitals, without spaces and invisible characters."""
    return "".join(plain(typed).split()).upper()


def well_formed(code: str) -> bool:
    """Whether the text has the form of a discount code. Only such text is worth a look-up."""
    return FORM.fullmatch(code) is not None
