"""The reminders of one organisation, run by the schedule: invitations to sessions and to the portal, on the days of its settings."""

from datetime import datetime

from chalicelib.operations.invitations.remind import remind_invited
from chalicelib.operations.portal_invitations import remind_customers
from chalicelib.rules.reminders import quiet
from chalicelib.tables import organisations


def remind(org: str, *, now: datetime, leaves_at: datetime) -> int:
    """Queue the reminders due by `now` and return how many; none in quiet hours, without reminder days, or suspended.

    Concurrent runs queue each reminder once. `leaves_at` is the real time, by which the outbox sends.
    """
    organisation = organisations.get(org)
    if organisation.suspended_at or not organisation.reminder_days or quiet(organisation.quiet_hours, organisation.time_zone, now):
        return 0
    times = {"now": now, "leaves_at": leaves_at}
    return remind_invited(organisation, **times) + remind_customers(organisation, **times)
