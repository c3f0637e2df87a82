"""What codes promise, as simply as it can be said: who has how many uses and spots, and until when a booking that died keeps them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chalicelib.rules.ledger import IN_FLIGHT

Answer = Literal["yes", "unknown", "spent", "too few", "full", "no"]


@dataclass
class Guest:
    """Somebody's booking: it came through, was removed, or died on the way with what it had by then."""

    id: str
    key: str
    size: int
    code: str
    state: Literal["dead", "in", "removed"] = "dead"
    used: bool = False
    until: int | None = None
    """When the spots that a dead booking holds are free again, in seconds; None when it holds none."""
    tried_at: datetime | None = None
    begun_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.until is not None and self.until > now.timestamp()

    def over(self, now: datetime) -> bool:
        """Whether its use comes back when somebody looks at the code."""
        late = self.tried_at is not None and now - self.tried_at > IN_FLIGHT
        return self.state == "dead" and self.used and late and not self.holds(now)

    def left_behind(self, now: datetime) -> bool:
        """Whether its use comes back when the reconciler passes."""
        late = self.begun_at is not None and now - self.begun_at > IN_FLIGHT
        return self.state == "dead" and self.used and late and not self.holds(now)

    def taken_back(self) -> None:
        self.used, self.until, self.tried_at, self.begun_at = False, None, None, None


@dataclass
class Model:
    """One session, and the codes that book it."""

    total: int
    uses: dict[str, int]
    guests: list[Guest] = field(default_factory=list)
    archived: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def free(self, now: datetime) -> int:
        return self.total - sum(guest.size for guest in self.guests if guest.state == "in" or guest.holds(now))

    def left(self, code: str) -> int:
        return self.uses[code] - sum(guest.size for guest in self.guests if guest.code == code and guest.used)

    def settle(self, code: str, now: datetime) -> bool:
        over = [guest for guest in self.guests if guest.code == code and guest.over(now)]
        for guest in over:
            guest.taken_back()
        return bool(over)

    def reconcile(self, now: datetime) -> None:
        for guest in self.guests:
            if guest.left_behind(now):
                guest.taken_back()

    def give_back(self, code: str, now: datetime) -> bool:
        settled = self.settle(code, now)
        removed = [guest for guest in self.guests if guest.code == code and guest.state == "removed" and guest.used]
        for guest in removed:
            guest.used = False
        return settled or bool(removed)

    def delete(self, code: str) -> None:
        (self.archived if any(guest.used and guest.code == code for guest in self.guests) else self.deleted).add(code)

    def answer(self, guest: Guest, now: datetime) -> Answer:
        """Return what this guest is told, for the first time or again, once the code is settled."""
        if guest.code in self.archived | self.deleted:
            return "unknown"
        if guest.state == "in":
            return "yes"
        if guest.state == "removed":
            return "no"
        if not guest.used and self.left(guest.code) < guest.size:
            return "too few" if self.left(guest.code) else "spent"
        own = guest.size if guest.holds(now) else 0
        return "yes" if self.free(now) + own >= guest.size else "full"
