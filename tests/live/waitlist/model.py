"""A simple model of a waitlist: the entries in order, the spots of each party until when, and the next offer."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.rules.invitations import Invitation
from chalicelib.rules.waitlist import WaitlistEntry

Answer = Literal["yes", "full", "kept"]
OFFER = timedelta(hours=24)


@dataclass
class Seat:
    """The spots of a party. An offer or another invitation also has a row, and a way in which it ended."""

    size: int
    id: str
    extra: int = 0
    until: datetime | None = None
    invitation: Invitation | None = None
    ended: Literal["", "accepted", "declined", "cancelled", "expired"] = ""
    gone: bool = False

    def live(self, now: datetime) -> bool:
        return not self.gone and (self.until is None or self.until > now)

    @property
    def pending(self) -> bool:
        return self.invitation is not None and not self.ended

    def end(self, how: Literal["declined", "cancelled", "expired"]) -> None:
        self.ended, self.gone = how, True

    def accept(self) -> None:
        self.ended, self.until = "accepted", None


@dataclass
class Waiter:
    """An entry on the waitlist."""

    entry: WaitlistEntry
    size: int
    status: str = "waiting"
    held_back: str = ""
    seat: Seat | None = None
    invited: Seat | None = None
    """An invitation that staff sent to the same address."""

    @property
    def in_line(self) -> bool:
        return self.status == "waiting" and not self.held_back

    @property
    def live(self) -> bool:
        return self.status in {"waiting", "offered"}


@dataclass
class Model:
    total: int
    cutoff: datetime
    strict: bool = True
    auto: bool = True
    seats: list[Seat] = field(default_factory=list)
    waiters: list[Waiter] = field(default_factory=list)
    """In order."""

    def free(self, now: datetime) -> int:
        return max(0, self.total - sum(seat.size - seat.extra for seat in self.seats if seat.live(now)))

    @property
    def line(self) -> list[Waiter]:
        return [waiter for waiter in self.waiters if waiter.in_line]

    @property
    def live(self) -> list[Waiter]:
        return [waiter for waiter in self.waiters if waiter.live]

    def kept(self, now: datetime) -> bool:
        """Return whether free spots are kept for the queue."""
        if now >= self.cutoff or not self.line:
            return False
        return self.strict or min(waiter.size for waiter in self.line) <= self.free(now)

    def answer(self, size: int, now: datetime) -> Answer:
        """Return the answer to the public."""
        if self.kept(now):
            return "kept"
        return "yes" if self.free(now) >= size else "full"

    def following(self, now: datetime) -> Waiter | None:
        if not self.auto or now >= self.cutoff:
            return None
        candidates = self.line[:1] if self.strict else self.line
        return next((waiter for waiter in candidates if waiter.size <= self.free(now)), None)

    def follow(self) -> None:
        """Move each entry by the result of its offer; in order, for offers that expired together."""
        for waiter in [waiter for waiter in self.waiters if waiter.status == "offered"]:
            assert waiter.seat
            if waiter.seat.ended in {"accepted", "declined"}:
                waiter.status = waiter.seat.ended
            elif waiter.seat.ended == "cancelled":
                waiter.status, waiter.held_back = "waiting", "revoked"
            elif waiter.seat.ended == "expired":
                waiter.status = "waiting"
                self.waiters.remove(waiter)
                self.waiters.append(waiter)

    def settle(self, now: datetime) -> list[Waiter]:
        """Do what the handlers must have done; return the entries that got an offer, in order."""
        self.follow()
        offered = []
        while waiter := self.following(now):
            self.offer(waiter, now)
            offered.append(waiter)
        return offered

    def offer(self, waiter: Waiter, now: datetime) -> None:
        """Offer free spots to an entry, or make the invitation that its address already has the offer."""
        if waiter.invited and waiter.invited.pending and waiter.invited.live(now):
            waiter.seat = waiter.invited
        else:
            waiter.seat = Seat(waiter.size, "", until=now + OFFER)
            self.seats.append(waiter.seat)
        waiter.status, waiter.held_back = "offered", ""

    def sweep(self, now: datetime) -> None:
        for seat in self.seats:
            if seat.pending and not seat.live(now):
                seat.end("expired")

    def move(self, waiter: Waiter, position: int) -> None:
        others = [other for other in self.live if other is not waiter]
        gone = [other for other in self.waiters if not other.live]
        others.insert(position - 1, waiter)
        self.waiters = gone + others
