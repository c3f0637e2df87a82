"""Invitation codes: how typed codes are read, what a code books, and how often it may be redeemed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from chalicelib.rules.contracts import ContractPrice, tagged
from chalicelib.rules.ledger import IN_FLIGHT
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Conflict, Gone, Missing
from chalicelib.rules.sessions import Session
from chalicelib.rules.text import plain
from chalicelib.rules.translation import N_

NARROWEST, WIDEST = 6, 20
SAFE_WIDTH = 8
"""Below it a code is short enough that guessing is worth a warning."""
MOST_CODES = 10_000_000
MOST_AT_ONCE = 1_000
MOST_REDEMPTIONS = 1_000
GROUP = 4
IGNORED = re.compile(r"[\s\-\u2010-\u2015\u2212]+|[.,;:!]+$")
"""Separators within a code, and punctuation copied along after it."""
FORM = re.compile(rf"[A-Z0-9]{{{NARROWEST},{WIDEST + 10}}}")

MISSES, MISSES_WITHIN = 10, timedelta(minutes=10)
"""The limit of wrong codes per client address."""
MISSES_OF_ALL, MISSES_OF_ALL_WITHIN = 1_000, timedelta(hours=1)
"""The limit of wrong codes per organisation, over all clients."""

CodeState = Literal["new", "handed_out", "used", "spent", "expired", "archived"]


class UnknownCode(Missing):
    """The code is unknown, deleted, expired, another organisation's, or its contract is not open. All get the same answer."""

    code = "unknown_code"
    sentence = N_("We do not know this code. Check the spelling, or ask the person who gave it to you.")


class CodeSpent(Gone):
    code = "code_spent"
    sentence = N_("This code has been used already. If that was not you, ask the person who gave it to you.")


class TooFewUses(Conflict):
    """The party has more spots than the code has redemptions left: each spot takes one."""

    code = "too_few_uses"
    sentence = N_("This code can be used for %(left)d more, and this party needs %(wanted)d. Register fewer people with it.")

    def __init__(self, *, left: int, wanted: int) -> None:
        self.left = left
        self.wanted = wanted


class CodeForOtherSession(Conflict):
    code = "code_for_another_session"
    sentence = N_("This code is for another session. Enter it on the code page to see what it books.")


class BookedWithCode(Conflict):
    """The registration was booked with a code, so it cannot grow: every spot at a contract's price needs a redemption."""

    code = "booked_with_code"
    sentence = N_("This registration was booked with a code, so its party cannot grow. Register the others separately.")


class CodeUsed(Conflict):
    code = "code_used"
    sentence = N_("This code has been used, so its price and its number of uses stay. Make a new code instead.")


class NothingToReturn(Conflict):
    code = "nothing_to_return"
    sentence = N_("Nobody's use of this code can be given back: remove the registration first, then return the code.")


class CodePrice(NamedTuple):
    """The product that a code books, and its price: a snapshot of the contract's price when the code was issued."""

    id: str
    code: str
    label: str
    amount: int
    currency: str
    session: str = ""
    tag: str = ""

    @classmethod
    def of(cls, price: ContractPrice) -> "CodePrice":
        return cls(price.id, price.code, price.label, price.price.amount, price.price.currency, price.session, price.tag)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    def fits(self, session: Session) -> bool:
        """Whether the code books this session: it names the session itself or one of its tags."""
        return session.id == self.session if self.session else tagged(session, self.tag)


class Use(NamedTuple):
    """Redemptions of a code by one registration."""

    redemptions: int
    session: str
    nonce: str
    """Of the attempt to book."""
    tried_at: datetime
    """When the booking was last attempted."""
    is_final: bool = False
    """Whether the spots are taken."""

    def in_flight(self, now: datetime) -> bool:
        """Whether the booking may still be under way."""
        return not self.is_final and now - self.tried_at <= IN_FLIGHT


@dataclass(frozen=True, slots=True)
class Code:
    """An invitation code. `code` is without hyphens; `uses`: registration id → use."""

    org: str
    code: str
    contract: str
    price: CodePrice
    created_at: datetime
    left: int
    max_redemptions: int = 1
    batch: str = ""
    number: int = 0
    """Its number in the batch: the same number drawn again is the same code."""
    participant: str = ""
    note: str = ""
    expires_at: datetime | None = None
    handed_out_at: datetime | None = None
    archived_at: datetime | None = None
    uses: Mapping[str, Use] = field(default_factory=dict)
    version: int = 1

    @property
    def redeemed(self) -> int:
        return self.max_redemptions - self.left

    @property
    def handed_out(self) -> bool:
        return bool(self.participant or self.handed_out_at)

    def run_out(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def state(self, now: datetime) -> CodeState:
        """Return the code's state; where several apply, the most important one."""
        if self.archived_at:
            return "archived"
        if self.left == 0:
            return "spent"
        if self.run_out(now):
            return "expired"
        if self.redeemed:
            return "used"
        return "handed_out" if self.handed_out else "new"


@dataclass(frozen=True, slots=True)
class Batch:
    """Codes that were issued together. They are generated from `seed`, so that a repeated step generates the same codes."""

    org: str
    contract: str
    id: str
    quantity: int
    width: int
    prefix: str
    price: CodePrice
    seed: bytes
    created_at: datetime
    by: str
    max_redemptions: int = 1
    note: str = ""
    expires_at: datetime | None = None
    job: str = ""


class Funnel(NamedTuple):
    """How far a batch's codes got: each code is counted once, at the furthest stage it reached."""

    made: int
    handed_out: int
    redeemed: int
    cancelled: int


def compared(typed: str) -> str:
    """Return the typed code in its stored form: in capitals, without spaces, hyphens and invisible characters."""
    return IGNORED.sub("", plain(typed)).upper()


def well_formed(code: str) -> bool:
    """Whether the text has the form of a code. Only such text is worth a look-up."""
    return FORM.fullmatch(code) is not None


def grouped(code: str, prefix: str = "") -> str:
    """Return the code for display: the prefix, then groups of four, joined by hyphens, which are ignored when a code is read."""
    rest = code.removeprefix(prefix)
    groups = [rest[start : start + GROUP] for start in range(0, len(rest), GROUP)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return "-".join([*([prefix] if prefix else []), *groups])
