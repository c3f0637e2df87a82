"""What becomes of an e-mail after SES has taken it. Word of it comes in any order, and more than once."""

from typing import Literal, NamedTuple

Fate = Literal["delivered", "bounced", "complained"]
WEIGHTS: dict[Fate, int] = {"delivered": 1, "bounced": 2, "complained": 3}
"""What weighs more replaces what weighs less, whichever came first."""


class Delivery(NamedTuple):
    """What SES tells of one e-mail: whose it is, what became of it, and why. `final`: the address cannot be written to any more."""

    org: str
    message: str
    fate: Fate
    reason: str
    final: bool


def lighter(fate: Fate) -> list[Fate]:
    """Return the fates that this one replaces."""
    return [other for other, weight in WEIGHTS.items() if weight < WEIGHTS[fate]]
