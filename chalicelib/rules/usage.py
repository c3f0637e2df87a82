"""How much an organisation uses: what an operator sees of each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

DAYS = 30
"""So many days of e-mails are shown, today included."""


@dataclass(frozen=True, slots=True)
class MailCount:
    """The e-mails of some days: handed to SES, and those that came back or were marked as spam."""

    sent: int = 0
    bounced: int = 0
    complained: int = 0

    def __add__(self, other: "MailCount") -> "MailCount":
        return MailCount(self.sent + other.sent, self.bounced + other.bounced, self.complained + other.complained)


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
