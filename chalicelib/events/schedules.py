"""The schedule: minimums, unpaid orders, expiry, offers, reminders, overdue messages and webhooks, stalled jobs, figures, recount."""

from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib import telemetry
from chalicelib.operations import date_reminders, figures, jobs, messages, orders, recount, reminders, sessions, waitlist, webhooks
from chalicelib.operations.turns import Turns
from chalicelib.rules import times
from chalicelib.rules.actor import CLOCK
from chalicelib.tables import clock
from chalicelib.tables.actor import acting
from chalicelib.tables.keys import JOB, Key


class ClockFailedError(Exception):
    """Some rows could not be worked on. The log names them; everything else was done."""


def run(now: datetime) -> dict[str, int]:
    """Run the due work of all organisations, and return how much was done. Two runs at the same time do nothing twice.

    `now` decides what is due; messages are timed by the real clock. The recount begins at minute 0 of each hour. What is due is found by
    its moment, so that the number of organisations costs nothing. Raises ClockFailedError at the end.
    """
    turns = Turns()
    with acting(CLOCK):
        done, waited = _run(now, turns)
    _measure(done, waited)
    if turns.failed:
        raise ClockFailedError
    return done


def _run(now: datetime, turns: Turns) -> tuple[dict[str, int], float]:
    """Run every schedule and return how much each did, and how long the oldest unsent e-mail has waited, in seconds."""
    invited, called = reminders.InvitationCounts(0, 0), messages.Called(0, 0.0)

    def remind() -> int:
        nonlocal invited
        invited = reminders.remind(now=now, leaves_at=datetime.now(UTC), turns=turns)
        return invited.reminded

    def call() -> int:
        nonlocal called
        called = messages.call_for_overdue(now=datetime.now(UTC), turns=turns)
        return called.organisations

    def remind_of_dates() -> int:
        return date_reminders.remind_of_dates(now=now, leaves_at=datetime.now(UTC), turns=turns)

    if now.minute == 0:
        turns.alone("recount", lambda: recount.begin(datetime.now(UTC)))
    done = {"decided": turns.alone("decided", lambda: sessions.decide_due(now=now, turns=turns))}
    done["settled"] = turns.alone("settled", lambda: orders.resolve_due(now=now, turns=turns))
    done["reminded"] = turns.alone("dates", remind_of_dates) + turns.alone("reminded", remind)
    done["expired"] = invited.ended
    done["offered"] = turns.alone("offered", lambda: waitlist.advance_all(now=now, turns=turns))
    done["dispatched"] = turns.alone("dispatched", lambda: messages.dispatch(now=now, leaves_at=datetime.now(UTC), turns=turns))
    done["called"] = turns.alone("called", call)
    done["woken"] = turns.alone("woken", lambda: _wake(turns))
    done["counted"] = turns.alone("counted", lambda: figures.recount_stale(now=now, turns=turns))
    done["resent"] = turns.alone("resent", lambda: webhooks.queue_overdue(now=datetime.now(UTC)))
    return done, called.longest_wait


def _wake(turns: Turns) -> int:
    """Queue the next step of jobs that make no progress."""
    now = datetime.now(UTC)

    def wake(org: str, rows: Sequence[Key]) -> int:
        return jobs.resume_job(org, rows[0].sk.removeprefix(JOB), now=now)

    return turns.take("woken", clock.due("jobs", until=f"{times.written(now)}#~"), wake)


def _measure(done: dict[str, int], waited: float) -> None:
    """Record the metrics of a run: counts above zero, and the age of the oldest unsent e-mail, once it is overdue."""
    for name, count in done.items():
        if count:
            telemetry.count(f"Schedule.{name}", count)
    if waited:
        telemetry.record_duration("MailWaits", waited)
