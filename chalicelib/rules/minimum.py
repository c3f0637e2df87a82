"""The minimum number of participants of a session, which is decided once, at a moment before it starts."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.rules.refusals import Conflict, Invalid
from chalicelib.rules.translation import N_

BelowMinimum = Literal["cancel", "ask"]
MinimumOutcome = Literal["undecided", "goes_ahead", "asked", "cancelled"]


class NoMinimum(Conflict):
    code = "no_minimum"
    sentence = N_("This session has no minimum number of participants: it takes place anyway. See its dates instead.")


class DecisionTooLate(Invalid):
    code = "decision_too_late"
    sentence = N_("The first date would have begun when the minimum is decided. Choose an earlier moment.")


class DecisionPast(Invalid):
    """The minimum would be decided at once, before anybody can register."""

    code = "decision_past"
    sentence = N_("The moment to decide about the minimum would be over already. Choose a later one.")


class MinimumAboveSpots(Invalid):
    code = "minimum_above_spots"
    sentence = N_("The minimum is larger than the number of spots. Lower it, or add spots.")


@dataclass(frozen=True, slots=True)
class Minimum:
    """The minimum number of participants of a session, the moment of the decision, and the decision.

    It is decided at `decide_at`, or else `hours_before` the first date starts. Participants are taken spots; held ones do not count.
    """

    participants: int
    below: BelowMinimum
    decide_at: datetime | None = None
    hours_before: int | None = None
    outcome: MinimumOutcome = "undecided"
    """`asked` waits for the decision of staff. `goes_ahead` is also their answer."""
    counted: int = 0
    """How many participants were registered when it was decided."""
    decided_at: datetime | None = None

    @property
    def terms(self) -> tuple[object, ...]:
        """What staff chose. A change of it is decided anew."""
        return self.participants, self.below, self.decide_at, self.hours_before

    def due(self, starts_at: datetime) -> datetime:
        """Return when it is decided: never later than the start of the first date."""
        chosen = self.decide_at or starts_at - timedelta(hours=self.hours_before or 0)
        return min(chosen, starts_at)

    def undecided(self, decide_at: datetime | None) -> "Minimum":
        """Return the same terms for another session, to be decided at this moment if it is not some hours before."""
        return Minimum(self.participants, self.below, decide_at, self.hours_before)

    def decided(self, taken: int, *, starts_at: datetime, at: datetime) -> "Minimum":
        """Return the decision with `taken` spots. A session that has begun is never cancelled: staff are asked."""
        if taken >= self.participants:
            outcome: MinimumOutcome = "goes_ahead"
        else:
            outcome = "cancelled" if self.below == "cancel" and at < starts_at else "asked"
        return replace(self, outcome=outcome, counted=taken, decided_at=at)

    def going_ahead(self, taken: int, *, at: datetime) -> "Minimum":
        """Return the decision of staff that the session takes place anyway."""
        return replace(self, outcome="goes_ahead", counted=taken, decided_at=at)


def with_decision(new: Minimum | None, known: Minimum | None) -> Minimum | None:
    """Return the new terms, with the decision if the terms are unchanged."""
    return known if new and known and new.terms == known.terms else new
