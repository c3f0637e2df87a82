"""How much an organisation uses: what an operator sees of each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

DAYS = 30
"""So many days of e-mails are shown, today included."""
FEWEST_BOUNCED, FEWEST_COMPLAINED = 20, 5
"""Fewer on one day are no sign of anything."""


@dataclass(frozen=True, slots=True)
class MailCount:
    """The e-mails of some days: handed to SES, and those that came back or were marked as spam."""

    sent: int = 0
    bounced: int = 0
    complained: int = 0

    def __add__(self, other: "MailCount") -> "MailCount":
        return MailCount(self.sent + other.sent, self.bounced + other.bounced, self.complained + other.complained)

    @property
    def does_harm(self) -> bool:
        """Whether so much of a day's e-mails comes back or is marked as spam that it puts everybody's sending at risk.

        AWS looks at an account with 5 % bounces or 0.1 % complaints; one organisation may have more for a day, but not go on like this.
        """
        bounces = self.bounced >= FEWEST_BOUNCED and self.bounced * 10 > self.sent
        complaints = self.complained >= FEWEST_COMPLAINED and self.complained * 200 > self.sent
        return bounces or complaints


@dataclass(frozen=True, slots=True)
class Usage:
    """What an organisation has and does. `mails` are those of the last 30 days, `stored` the bytes of its files and pictures."""

    sessions: int
    registrations: int
    customers: int
    mails: MailCount
    stored: int
    last_activity: datetime | None
    """The moment of the latest entry of its audit log, which reaches back two years."""


def days_until(today: date) -> list[str]:
    """Return the last 30 days, today included, as ISO dates."""
    return [(today - timedelta(days=back)).isoformat() for back in range(DAYS)]
