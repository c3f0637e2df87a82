"""A simple model of codes: the uses and spots of each booking, and until when a crashed booking keeps them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chalicelib.rules.ledger import IN_FLIGHT

Answer = Literal["yes", "unknown", "spent", "too few", "full", "no"]


@dataclass
class Booking:
    """A booking: completed, removed, or crashed with the uses and spots it had by then."""

    id: str
    key: str
    size: int
    code: str
    state: Literal["dead", "in", "removed"] = "dead"
    used: bool = False
    until: int | None = None
    """The time in seconds at which a crashed booking's held spots expire; None if it holds none."""
    tried_at: datetime | None = None
    begun_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.until is not None and self.until > now.timestamp()

    def over(self, now: datetime) -> bool:
        """Return whether reading the code reclaims its use."""
        late = self.tried_at is not None and now - self.tried_at > IN_FLIGHT
        return self.state == "dead" and self.used and late and not self.holds(now)

    def left_behind(self, now: datetime) -> bool:
        """Return whether the reconciler reclaims its use."""
        late = self.begun_at is not None and now - self.begun_at > IN_FLIGHT
        return self.state == "dead" and self.used and late and not self.holds(now)

    def taken_back(self) -> None:
        self.used, self.until, self.tried_at, self.begun_at = False, None, None, None


@dataclass
class Model:
    """One session, and the codes that book it."""

    total: int
    uses: dict[str, int]
    bookings: list[Booking] = field(default_factory=list)
    archived: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def free(self, now: datetime) -> int:
        return self.total - sum(booking.size for booking in self.bookings if booking.state == "in" or booking.holds(now))

    def left(self, code: str) -> int:
        return self.uses[code] - sum(booking.size for booking in self.bookings if booking.code == code and booking.used)

    def settle(self, code: str, now: datetime) -> bool:
        over = [booking for booking in self.bookings if booking.code == code and booking.over(now)]
        for booking in over:
            booking.taken_back()
        return bool(over)

    def reconcile(self, now: datetime) -> None:
        for booking in self.bookings:
            if booking.left_behind(now):
                booking.taken_back()

    def give_back(self, code: str, now: datetime) -> bool:
        settled = self.settle(code, now)
        removed = [booking for booking in self.bookings if booking.code == code and booking.state == "removed" and booking.used]
        for booking in removed:
            booking.used = False
        return settled or bool(removed)

    def delete(self, code: str) -> None:
        (self.archived if any(booking.used and booking.code == code for booking in self.bookings) else self.deleted).add(code)

    def answer(self, booking: Booking, now: datetime) -> Answer:
        """Return the answer to a first or repeated request, once the code is settled."""
        if booking.code in self.archived | self.deleted:
            return "unknown"
        if booking.state == "in":
            return "yes"
        if booking.state == "removed":
            return "no"
        if not booking.used and self.left(booking.code) < booking.size:
            return "too few" if self.left(booking.code) else "spent"
        held = booking.size if booking.holds(now) else 0
        return "yes" if self.free(now) + held >= booking.size else "full"
