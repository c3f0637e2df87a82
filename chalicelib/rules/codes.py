"""Invitation codes: what is typed, what a code books, how often it may be used, and how codes are drawn."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import shake_256
from typing import Literal, NamedTuple

from chalicelib.rules.contracts import Price, tagged
from chalicelib.rules.ledger import IN_FLIGHT
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Refusal, marked
from chalicelib.rules.sessions import Session

SYMBOLS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 that nobody takes for each other: no 0 and O, no 1, I and L."""
NARROWEST, WIDEST = 6, 20
SAFE_WIDTH = 8
"""Below it a code is short enough that guessing is worth a warning."""
SHARE_OF_KEY_SPACE = 100
"""At most one in so many of the codes of a width may exist in a batch."""
MOST_CODES = 10_000_000
MOST_AT_ONCE = 1_000
MOST_REDEMPTIONS = 1_000
GROUP = 4
IGNORED = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
FORM = re.compile(rf"[A-Z0-9]{{{NARROWEST},{WIDEST + 10}}}")

MISSES, MISSES_WITHIN = 10, timedelta(minutes=10)
"""How often one client address may be wrong."""
MISSES_OF_ALL, MISSES_OF_ALL_WITHIN = 1_000, timedelta(hours=1)
"""How often everybody together may be wrong at one organisation."""

FAIR = 256 - 256 % len(SYMBOLS)
_SYMBOL_OF_BYTE = bytes(ord(SYMBOLS[byte % len(SYMBOLS)]) for byte in range(256))
_UNFAIR = bytes(range(FAIR, 256))

State = Literal["new", "handed_out", "used", "spent", "expired", "archived"]


class UnknownCode(Refusal):
    """Unknown, deleted, run out, of another organisation, of a contract that is not open: all look the same."""

    code = "unknown_code"
    sentence = marked("We do not know this code. Check how it is written, or ask whoever gave it to you.")


class CodeSpent(Refusal):
    code = "code_spent"
    sentence = marked("This code has been used already. If that was not you, ask whoever gave it to you.")


class TooFewUses(Refusal):
    """Each spot takes one use."""

    code = "too_few_uses"
    sentence = marked("This code can be used for %(left)d more, and this party needs %(wanted)d. Register fewer people with it.")

    def __init__(self, *, left: int, wanted: int) -> None:
        self.left = left
        self.wanted = wanted


class OtherProduct(Refusal):
    code = "code_for_another_session"
    sentence = marked("This code is for another session. Enter it on the code page to see what it books.")


class BookedWithCode(Refusal):
    """No spot is taken at a contract's price without a use of its code."""

    code = "booked_with_code"
    sentence = marked("This registration was booked with a code, so its party cannot grow. Register the others separately.")


class TooManyForWidth(Refusal):
    code = "too_many_for_width"
    sentence = marked("With %(width)d characters at most %(most)d codes are hard enough to guess. Choose more characters, or fewer codes.")

    def __init__(self, *, width: int, most: int) -> None:
        self.width = width
        self.most = most


class CodeUsed(Refusal):
    code = "code_used"
    sentence = marked("This code has been used, so its price and its number of uses stay. Make a new code instead.")


class NothingToReturn(Refusal):
    code = "nothing_to_return"
    sentence = marked("Nobody's use of this code can be given back: remove the registration first, then return the code.")


class CodePrice(NamedTuple):
    """What a code books and at what price: as the contract's price was when the code was issued."""

    id: str
    code: str
    label: str
    amount: int
    currency: str
    session: str = ""
    tag: str = ""

    @classmethod
    def of(cls, price: Price) -> "CodePrice":
        return cls(price.id, price.code, price.label, price.price.amount, price.price.currency, price.session, price.tag)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    def fits(self, session: Session) -> bool:
        """Whether it books this session: the one that it names, or any with its tag."""
        return session.id == self.session if self.session else tagged(session, self.tag)


class Use(NamedTuple):
    """Uses of a code by one registration. `v` tells attempts apart, `at` is when the last one was; it is final once the spots are taken."""

    n: int
    s: str
    """The session."""
    v: str
    at: str
    f: bool = False

    def in_flight(self, now: datetime) -> bool:
        """Whether the booking may still be under way."""
        return not self.f and now - datetime.fromisoformat(self.at) <= IN_FLIGHT


@dataclass(frozen=True, slots=True)
class Code:
    """An invitation code. `code` is what is typed, without hyphens; `uses` are by registration id."""

    org: str
    code: str
    contract: str
    price: CodePrice
    created_at: datetime
    left: int
    max_redemptions: int = 1
    batch: str = ""
    place: int = 0
    """Its number in the batch: the same place drawn again is the same code."""
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

    def state(self, now: datetime) -> State:
        """Return the one word that says most about it."""
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
    """Codes that were made together. `seed` is what they are drawn from, so that a step done again makes the same ones."""

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
    """What became of a batch's codes: each is counted once, where it got furthest."""

    made: int
    handed_out: int
    redeemed: int
    cancelled: int


def compared(typed: str) -> str:
    """Return the code that somebody means: without spaces and hyphens, in capitals."""
    return IGNORED.sub("", typed).upper()


def well_formed(code: str) -> bool:
    """Whether any code may look like this. What does not need not be looked up."""
    return FORM.fullmatch(code) is not None


def grouped(code: str, prefix: str = "") -> str:
    """Return the code as it is read aloud: the prefix, then groups of four, with hyphens that mean nothing."""
    own = code.removeprefix(prefix)
    groups = [own[start : start + GROUP] for start in range(0, len(own), GROUP)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return "-".join([*([prefix] if prefix else []), *groups])


def most_of_width(width: int) -> int:
    """Return how many codes of this width a batch may have: one in a hundred of those that there are."""
    return int(len(SYMBOLS) ** width // SHARE_OF_KEY_SPACE)


def check_quantity(quantity: int, width: int) -> None:
    most = most_of_width(width)
    if quantity > most:
        raise TooManyForWidth(width=width, most=most)


def drawn(seed: bytes, *, first: int, count: int, width: int) -> Iterator[str]:
    """Return so many codes, without prefix, from place `first` on. The same seed and `first` draw the same ones.

    The seed's 32 random bytes are stretched by SHAKE-256. Bytes that would favour some symbols are passed over.
    """
    symbols = _stretched(seed + first.to_bytes(8, "big"), count * width)
    return (symbols[start : start + width] for start in range(0, count * width, width))


def drawn_again(seed: bytes, *, place: int, attempt: int, width: int) -> str:
    """Return the next code for a place whose last one exists already."""
    return _stretched(seed + place.to_bytes(8, "big") + attempt.to_bytes(4, "big"), width)


def _stretched(seed: bytes, symbols: int) -> str:
    stream = shake_256(seed)
    wanted = symbols + symbols // 16 + 16
    while True:
        fair = stream.digest(wanted).translate(_SYMBOL_OF_BYTE, _UNFAIR)
        if len(fair) >= symbols:
            return fair[:symbols].decode()
        wanted *= 2
