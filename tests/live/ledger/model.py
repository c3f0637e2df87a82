"""A simple model of the ledger: a number of spots, and which party has how many of them until when."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Spots
from chalicelib.rules.registrations import Registration

State = Literal["held", "taken", "declined", "cancelled", "expired", "removed"]


@dataclass
class Party:
    """The spots of an invitation or a registration."""

    size: int
    state: State
    extra: int = 0
    until: datetime | None = None
    invitation: Invitation | None = None
    registration: Registration | None = None
    waits: str = ""

    def live(self, now: datetime) -> bool:
        return self.state == "taken" or (self.state == "held" and self.until is not None and self.until > now)


@dataclass
class Model:
    """A session as all readers should see it."""

    total: int
    most_extra: int
    parties: list[Party] = field(default_factory=list)

    def spots(self, now: datetime) -> Spots:
        live = [party for party in self.parties if party.live(now)]
        return Spots(
            total=self.total,
            taken=sum(party.size for party in live if party.state == "taken"),
            held=sum(party.size for party in live if party.state == "held"),
            extra=sum(party.extra for party in live),
            free=max(0, self.total - sum(party.size - party.extra for party in live)),
        )

    def answer(self, size: int, *, over: bool, now: datetime) -> Literal["yes", "extra", "full", "too many extras"]:
        """Return the answer to a request for this many spots."""
        spots = self.spots(now)
        if spots.free >= size:
            return "yes"
        if not over:
            return "full"
        return "extra" if spots.extra + size <= self.most_extra else "too many extras"
