"""What an organisation uses, for operators."""

from datetime import UTC, datetime

from chalicelib.rules.usage import MailCount, Usage, days_until
from chalicelib.tables import usage


def read(org: str, *, now: datetime) -> Usage:
    """Return what the organisation has and did. It reads the organisation's own rows and files only, more of them the more it has."""
    return Usage(
        sessions=usage.count_sessions(org),
        registrations=usage.count_registrations(org),
        customers=usage.count_customers(org),
        mails=sum(usage.mails_of(org, days_until(now.astimezone(UTC).date())), MailCount()),
        stored=usage.bytes_stored(org),
        last_activity=usage.last_activity(org),
    )
