"""The schedule: minimums, unpaid orders, expiry, offers, reminders, overdue messages and webhooks, stalled jobs, figures, recount."""

from datetime import UTC, datetime

from chalicelib import telemetry
from chalicelib.operations import (
    date_reminders,
    figures,
    invitations,
    jobs,
    messages,
    orders,
    recount,
    reminders,
    sessions,
    waitlist,
    webhooks,
)
from chalicelib.rules.actor import CLOCK
from chalicelib.tables import organisations
from chalicelib.tables.actor import acting


def run(now: datetime) -> dict[str, int]:
    """Run every schedule for every organisation and return how much each did. Two runs at the same time do nothing twice.

    `now` decides what is due; messages are timed by the real clock. The recount begins at minute 0 of each hour.
    """
    with acting(CLOCK):
        done, waited = _run(now)
    _measure(done, waited)
    return done


def _run(now: datetime) -> tuple[dict[str, int], float]:
    """Run every schedule and return how much each did, and how long the oldest unsent e-mail has waited, in seconds."""
    done = {"swept": 0, "offered": 0, "reminded": 0, "released": 0, "called": 0, "woken": 0, "counted": 0}
    if now.minute == 0:
        recount.begin(datetime.now(UTC))
    done["decided"], waited = sessions.decide_due(now=now), 0.0
    done["settled"] = orders.settle_due(now=now)
    done["reminded"] += date_reminders.remind_of_dates(now=now, leaves_at=datetime.now(UTC))
    for org in organisations.every():
        done["swept"] += invitations.sweep(org, now=now)
        done["offered"] += waitlist.advance_all(org, now=now)
        done["reminded"] += reminders.remind(org, now=now, leaves_at=datetime.now(UTC))
        done["released"] += messages.release(org, now=now, leaves_at=datetime.now(UTC))
        done["called"] += messages.call_for_overdue(org, now=datetime.now(UTC))
        done["woken"] += jobs.resume_stalled(org, now=datetime.now(UTC))
        waited = max(waited, messages.longest_wait(org, now=datetime.now(UTC)))
    done["counted"] = figures.recount_stale(now=now)
    done["resent"] = webhooks.queue_overdue(now=datetime.now(UTC))
    return done, waited


def _measure(done: dict[str, int], waited: float) -> None:
    """Record the metrics of a run: counts above zero, and the age of the oldest unsent e-mail."""
    for name, count in done.items():
        if count:
            telemetry.count(f"Schedule.{name}", count)
    if waited:
        telemetry.record_duration("MailWaits", waited)
