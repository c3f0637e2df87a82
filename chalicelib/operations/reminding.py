"""What the schedule reminds people of, for one organisation: invitations to sessions and to the portal, on the days of its settings."""

from datetime import datetime

from chalicelib.operations.invitations.reminding import remind_invited
from chalicelib.operations.portal_invitations import remind_customers
from chalicelib.rules.reminders import quiet
from chalicelib.tables import organisations


def remind(org: str, *, now: datetime, leaves_at: datetime) -> int:
    """Queue what is due by `now` and return how much that is; nothing in quiet hours, or while no days are set.

    Two runs at once queue nothing twice. `leaves_at` is the real time: messages are sent by it.
    """
    organisation = organisations.get(org)
    if not organisation.reminder_days or quiet(organisation.quiet_hours, organisation.time_zone, now):
        return 0
    times = {"now": now, "leaves_at": leaves_at}
    return remind_invited(organisation, **times) + remind_customers(organisation, **times)
