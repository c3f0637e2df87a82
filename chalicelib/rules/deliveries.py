"""The delivery of an e-mail after SES accepted it. SES's events may be repeated and reordered."""

from typing import Literal, NamedTuple

Fate = Literal["delivered", "bounced", "complained"]
PRECEDENCE: dict[Fate, int] = {"delivered": 1, "bounced": 2, "complained": 3}
"""A fate replaces those of lower precedence, in whatever order the events arrive."""


class Delivery(NamedTuple):
    """SES's event about one e-mail: its message, its fate, and why. `final`: no further e-mail can reach the address."""

    org: str
    message: str
    fate: Fate
    reason: str
    final: bool


def replaceable(fate: Fate) -> list[Fate]:
    """Return the less serious fates, which this one replaces."""
    return [other for other, weight in PRECEDENCE.items() if weight < PRECEDENCE[fate]]
