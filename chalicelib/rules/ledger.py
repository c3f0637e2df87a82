"""The roster ledger: how spots are counted.

A session's spots lie in chunks. Of every chunk this is true at any moment: `cap = spots + Σ(n − x)` over its holds, and `extra = Σ x`.
A hold takes `n` spots, `x` of them extra: those stand beside `cap`, take nothing from `spots` and give nothing back.
`spots` is below zero only after the session was made smaller than what was in use.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from chalicelib.rules.refusals import Refusal, marked

CHUNK_SIZE = 50
MOST_EXTRA = 50
MOST_SPOTS = 4000
IN_FLIGHT = timedelta(seconds=120)
"""A row younger than this may still get its hold: a request lasts half a minute at most, and two clocks differ by a minute at most."""


class SessionFull(Refusal):
    """Fewer spots are free than the party needs."""

    code = "session_full"

    def __init__(self, *, free: int, wanted: int) -> None:
        self.free = free
        self.wanted = wanted

    @property
    def sentence(self) -> str:  # type: ignore[override]
        if self.free == 0:
            return marked("This session is full.")
        if self.free == 1:
            return marked("Only 1 spot is free, and this party needs %(wanted)d.")
        return marked("Only %(free)d spots are free, and this party needs %(wanted)d.")

    def data(self) -> dict[str, object]:
        return {"free": self.free, "wanted": self.wanted}


class TooManyExtras(Refusal):
    code = "too_many_extras"
    sentence = marked("A session takes at most 50 extra spots. Raise its number of spots instead.")


class Hold(NamedTuple):
    """Spots that are not free: held (`H`, until `e`) or confirmed (`C`).

    `v` tells two attempts under one id apart; `r` names the registration that a confirmed invitation became.
    """

    n: int
    s: Literal["H", "C"]
    v: str
    x: int = 0
    e: int | None = None
    r: str | None = None

    def live(self, now: datetime) -> bool:
        return self.s == "C" or (self.e is not None and self.e > now.timestamp())

    @property
    def back(self) -> int:
        """How many spots become free when this hold ends."""
        return self.n - self.x


@dataclass(frozen=True, slots=True)
class Chunk:
    """At most fifty spots of a session, give or take a large party."""

    number: int
    cap: int
    spots: int
    extra: int
    holds: Mapping[str, Hold]
    debt: bool = False
    """The session was made smaller than its use: nothing may be claimed until `settled` says so."""
    waiting: Mapping[int, int] = field(default_factory=dict)
    """On the first chunk: how many parties of each size are in line for an offer."""
    waits: int = 0
    """How many these are together, counted by itself: what a claim of the public looks at."""

    def expired(self, now: datetime) -> dict[str, Hold]:
        return {key: hold for key, hold in self.holds.items() if not hold.live(now)}

    def within_reach(self, now: datetime) -> int:
        """The spots that one claim could take: the free ones and those of holds that have run out."""
        return self.spots + sum(hold.back for hold in self.expired(now).values())


class Spots(NamedTuple):
    """A session's spots at a moment. `taken` and `held` include extras."""

    total: int
    taken: int
    held: int
    extra: int
    free: int

    @property
    def used(self) -> int:
        return self.taken + self.held


def count(chunks: Iterable[Chunk], now: datetime) -> Spots:
    """Return the session's spots as they are now; what has run out counts as free, whatever the sweeper does."""
    chunks = list(chunks)
    live = [hold for chunk in chunks for hold in chunk.holds.values() if hold.live(now)]
    return Spots(
        total=sum(chunk.cap for chunk in chunks),
        taken=sum(hold.n for hold in live if hold.s == "C"),
        held=sum(hold.n for hold in live if hold.s == "H"),
        extra=sum(hold.x for hold in live),
        free=max(0, sum(chunk.within_reach(now) for chunk in chunks)),
    )


def split(total: int) -> list[int]:
    """Return the sizes of the chunks that a new session's spots lie in, as even as can be."""
    chunks = max(1, -(-total // CHUNK_SIZE))
    size, more = divmod(total, chunks)
    return [size + 1] * more + [size] * (chunks - more)


def to_take_over(chunk: Chunk, wanted: int, now: datetime, *, turn: int = 0) -> dict[str, Hold] | None:
    """Return the expired holds whose spots, with the free ones, are enough for the party; None when even all are not.

    Claims with different turns choose different ones, so that many at once do not reach for the same.
    """
    missing = wanted - chunk.spots
    chosen: dict[str, Hold] = {}
    expired = list(chunk.expired(now).items())
    first = turn % max(1, len(expired))
    for key, hold in (*expired[first:], *expired[:first]):
        if missing <= 0:
            break
        if hold.back > 0:
            chosen[key] = hold
            missing -= hold.back
    return chosen if missing <= 0 else None


def resized(hold: Hold, size: int) -> Hold:
    """Return the hold with another number of spots; a smaller party keeps no more extras than it has spots."""
    return hold._replace(n=size, x=min(hold.x, size))


def faults(chunk: Chunk) -> list[str]:
    """Return in what the chunk breaks its own law; empty when it holds."""
    found = []
    if chunk.cap != chunk.spots + sum(hold.back for hold in chunk.holds.values()):
        found.append("spots")
    if chunk.extra != sum(hold.x for hold in chunk.holds.values()):
        found.append("extra")
    return found
