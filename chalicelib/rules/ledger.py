"""The roster ledger counts spots.

The spots of a session are stored in chunks. In every chunk, always, `cap = spots + Σ(hold.spots − hold.extra)`, and `extra = Σ hold.extra`.
Extra spots of a hold are outside `cap`: they neither reduce nor increase `spots`.
`spots` is negative only after the total was reduced below the number in use.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from chalicelib.rules.refusals import Conflict
from chalicelib.rules.translation import N_

CHUNK_SIZE = 50
MOST_EXTRA = 50
MOST_SPOTS = 4000
NOT_COUNTED = -1_000_000
"""Where an earlier version has not counted the live entries, changes are added to this, until all of them are counted."""
IN_FLIGHT = timedelta(seconds=120)
"""A row younger than this may still get its hold: a request lasts half a minute at most, and two clocks differ by a minute at most."""


class SessionFull(Conflict):
    """Fewer spots are free than the party needs."""

    code = "session_full"

    def __init__(self, *, free: int, wanted: int) -> None:
        self.free = free
        self.wanted = wanted

    @property
    def sentence(self) -> str:  # type: ignore[override]
        if self.free == 0:
            return N_("This session is full. Choose another session or use the waitlist.")
        if self.free == 1:
            return N_("Only 1 spot is free, and this party needs %(wanted)d. Register fewer people or use the waitlist.")
        return N_("Only %(free)d spots are free, and this party needs %(wanted)d. Register fewer people or use the waitlist.")

    @property
    def fact(self) -> str:
        """The sentence without its advice, for a page that offers extra spots instead."""
        if self.free == 0:
            return N_("This session is full.")
        if self.free == 1:
            return N_("Only 1 spot is free, and this party needs %(wanted)d.")
        return N_("Only %(free)d spots are free, and this party needs %(wanted)d.")

    def data(self) -> dict[str, object]:
        return {"free": self.free, "wanted": self.wanted}


class TooManyExtras(Conflict):
    code = "too_many_extras"
    sentence = N_("A session takes at most 50 extra spots. Raise its number of spots instead.")


class Attempt(Protocol):
    """An invitation, a registration, or a hold of either."""

    @property
    def nonce(self) -> str: ...


class Hold(NamedTuple):
    """Spots that are not free: held until `expires_at`, or taken."""

    spots: int
    state: Literal["held", "taken"]
    nonce: str
    """The nonce of the attempt that created it; it distinguishes attempts under one id."""
    extra: int = 0
    """How many of the spots are extra ones."""
    expires_at: int | None = None
    """Seconds since 1970; only of a held one."""
    registration: str | None = None
    """The id of the registration that an accepted invitation became."""
    payer: str | None = None
    """The line of an order that waits for its payment and has the invitation of this hold."""
    payer_until: int | None = None
    """Until when nobody else can accept the invitation, in seconds since 1970."""

    @property
    def is_taken(self) -> bool:
        return self.state == "taken"

    def is_for(self, attempt: Attempt) -> bool:
        """Whether the hold belongs to this attempt of an invitation or a registration."""
        return self.nonce == attempt.nonce

    def is_live(self, now: datetime) -> bool:
        return self.is_taken or (self.expires_at is not None and self.expires_at > now.timestamp())

    def awaits_payment(self, now: datetime) -> bool:
        """Whether the hold's invitation is in an order that waits for its payment."""
        return not self.is_taken and self.payer_until is not None and self.payer_until > now.timestamp()

    @property
    def freed(self) -> int:
        """The number of spots that become free when the hold ends."""
        return self.spots - self.extra


@dataclass(frozen=True, slots=True)
class Chunk:
    """One item of the ledger, with at most fifty spots of a session; more only where a large party needs them together."""

    number: int
    cap: int
    spots: int
    extra: int
    holds: Mapping[str, Hold]
    debt: bool = False
    """The total was reduced below the number in use. Claims fail until `rebalancing.settled` returns the moves that end the debt."""
    waiting_by_size: Mapping[int, int] = field(default_factory=dict)
    """On the first chunk: how many parties of each size are in line for an offer."""
    waiting_parties: int = 0
    """The number of all these parties, in an attribute of its own for the condition of a public claim."""
    unconfirmed_parties: int = 0
    """How many of them have an address that nobody has confirmed."""
    counted_waitlist_entries: int = NOT_COUNTED
    """On the first chunk: how many live entries the waitlist has, in line or not; or, from NOT_COUNTED on, how their number has changed."""

    @property
    def live_waitlist_entries(self) -> int | None:
        """How many live entries the waitlist has. None if an earlier version has not counted them."""
        return self.counted_waitlist_entries if self.counted_waitlist_entries >= 0 else None

    def expired(self, now: datetime) -> dict[str, Hold]:
        return {key: hold for key, hold in self.holds.items() if not hold.is_live(now)}

    def available(self, now: datetime) -> int:
        """The spots that one claim could take: the free ones and those of expired holds."""
        return self.spots + sum(hold.freed for hold in self.expired(now).values())


class Spots(NamedTuple):
    """The counts of a session's spots at a moment. `taken` and `held` include extras."""

    total: int
    taken: int
    held: int
    extra: int
    free: int

    @property
    def used(self) -> int:
        return self.taken + self.held


def count(chunks: Iterable[Chunk], now: datetime) -> Spots:
    """Return the session's counts at `now`. Expired holds count as free, even before the sweeper removes them."""
    total, free, taken, held, extra = 0, 0, 0, 0, 0
    for chunk in chunks:
        total, free = total + chunk.cap, free + chunk.spots
        for hold in chunk.holds.values():
            if not hold.is_live(now):
                free += hold.freed
                continue
            extra += hold.extra
            taken, held = (taken + hold.spots, held) if hold.is_taken else (taken, held + hold.spots)
    return Spots(total, taken, held, extra, max(0, free))


def split(total: int) -> list[int]:
    """Return the chunk sizes for a new session's spots, as equal as possible."""
    chunks = max(1, -(-total // CHUNK_SIZE))
    size, more = divmod(total, chunks)
    return [size + 1] * more + [size] * (chunks - more)


def to_take_over(chunk: Chunk, wanted: int, now: datetime, *, rotation: int = 0) -> dict[str, Hold] | None:
    """Return expired holds whose spots, with the free ones, make `wanted`; None when all of them are too few.

    `rotation` rotates the choice, so that concurrent claims do not contend for the same holds.
    """
    missing = wanted - chunk.spots
    chosen: dict[str, Hold] = {}
    expired = list(chunk.expired(now).items())
    first = rotation % max(1, len(expired))
    for key, hold in (*expired[first:], *expired[:first]):
        if missing <= 0:
            break
        if hold.freed > 0:
            chosen[key] = hold
            missing -= hold.freed
    return chosen if missing <= 0 else None


def resized(hold: Hold, size: int) -> Hold:
    """Return the hold with `size` spots, and with at most as many extras."""
    return hold._replace(spots=size, extra=min(hold.extra, size))


def faults(chunk: Chunk) -> list[str]:
    """Return the counters that break the chunk's invariant: "spots", "extra"; empty for a sound chunk."""
    found = []
    if chunk.cap != chunk.spots + sum(hold.freed for hold in chunk.holds.values()):
        found.append("spots")
    if chunk.extra != sum(hold.extra for hold in chunk.holds.values()):
        found.append("extra")
    return found
