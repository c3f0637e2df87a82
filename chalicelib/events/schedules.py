"""What the clock brings: invitations that have run out, reminders, messages and jobs left behind, ledgers to recount."""

from datetime import UTC, datetime

from chalicelib import telemetry
from chalicelib.operations import invitations, jobs, messages, reconciling, reminding, waitlist
from chalicelib.tables import organisations


def run(now: datetime) -> dict[str, int]:
    """Run every schedule for every organisation and return how much each did. Two runs at once do nothing twice.

    What is due is decided by `now`; what is sent leaves at once, by the real clock. The ledgers are recounted at the full hour.
    """
    done = {"swept": 0, "offered": 0, "reminded": 0, "called": 0, "woken": 0, "repaired": 0}
    waited = 0.0
    for org in organisations.every():
        done["swept"] += invitations.sweep(org, now=now)
        done["offered"] += waitlist.attend_all(org, now=now)
        done["reminded"] += reminding.remind(org, now=now, leaves_at=datetime.now(UTC))
        done["called"] += messages.call_for_overdue(org, now=datetime.now(UTC))
        done["woken"] += jobs.wake_left_behind(org, now=datetime.now(UTC))
        waited = max(waited, messages.waits(org, now=datetime.now(UTC)))
        if now.minute == 0:
            done["repaired"] += len(reconciling.reconcile(org, now=now, repair=True))
    _measure(done, waited, now)
    return done


def _measure(done: dict[str, int], waited: float, now: datetime) -> None:
    """Write how much was done, and how long the oldest e-mail has waited to leave: none costs nothing. Drift is told by the hour."""
    for name, count in done.items():
        if count and name != "repaired":
            telemetry.counted(f"Schedule.{name}", count)
    if waited:
        telemetry.lasted("MailWaits", waited)
    if now.minute == 0:
        telemetry.counted("Drift", done["repaired"])
