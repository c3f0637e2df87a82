"""What time does to invitations, of all organisations: those that expired end, those without an answer are reminded of.

When many are due, a run of the clock does not handle them itself: steps in the queue of jobs do, one for each partition of the clock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from chalicelib.operations.invitations import expire
from chalicelib.operations.invitations import remind as invitation_reminders
from chalicelib.operations.invitations.due_steps import DueStep, queue_steps
from chalicelib.operations.portal_invitations import remind as portal_reminders
from chalicelib.operations.turns import Turns
from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.reminders import quiet, quiet_hours_around
from chalicelib.tables import clock, invitations, organisations
from chalicelib.tables.clock import Due
from chalicelib.tables.keys import CUSTOMER, INVITATION, Key

AT_ONCE = 100
"""So many invitations of one organisation are read in one of its turns."""
MOST_IN_A_RUN = 200
"""More invitations than this are handled by several functions: one of them needs about half a minute for five hundred."""
NEXT_CHECK_WHILE_SUSPENDED = timedelta(hours=1)
"""The reminder of a suspended organisation's invitation is put off by this."""


class InvitationCounts(NamedTuple):
    """How many invitations have ended, and how many reminders were queued."""

    ended: int
    reminded: int


class _Run(NamedTuple):
    now: datetime
    leaves_at: datetime

    def silent_until(self, organisation: Organisation) -> datetime | None:
        """Return until when the organisation reminds nobody: the end of its quiet hours, or the next check while it is suspended."""
        if organisation.suspended_at is not None:
            return self.now + NEXT_CHECK_WHILE_SUSPENDED
        hours, zone = organisation.quiet_hours, organisation.time_zone
        return quiet_hours_around(self.now, hours, zone)[1] if hours and quiet(hours, zone, self.now) else None


def remind(*, now: datetime, leaves_at: datetime, turns: Turns | None = None) -> InvitationCounts:
    """End the invitations that expired and queue the reminders due by `now`; none in quiet hours, without reminder days, or suspended.

    Concurrent runs queue each reminder once. `leaves_at` is the real time, by which the outbox sends. Counts what is done here only, not
    what is left to steps in the queue.
    """
    turns, run, settings, counts = turns or Turns(), _Run(now, leaves_at), cache(organisations.get), InvitationCounts(0, 0)
    due = clock.due("invitations", until=times.written(now))
    if len(due) > MOST_IN_A_RUN:
        turns.alone("invitations", lambda: queue_steps(now))
    else:
        counts = _work_on_invitations(due, run, turns)
    customers_due = clock.due("portal", until=f"{times.written(now)}#~")
    reminded = turns.take("portal", customers_due, lambda org, rows: _remind_customers(settings(org), rows, run), at_once=AT_ONCE)
    return InvitationCounts(counts.ended, counts.reminded + reminded)


def run_step(step: DueStep, *, now: datetime) -> InvitationCounts:
    """Do what `remind` does for the invitations of one partition, within a run's time. `now` is the real time.

    A step that comes too late does nothing: the clock has queued another. Raises StepFailedError at the end if rows could not be worked on.
    """
    if step.is_late(now):
        return InvitationCounts(0, 0)
    turns = Turns(parts=1)
    due = clock.due("invitations", until=step.due_by, partitions=[step.partition])
    counts = _work_on_invitations(due, _Run(times.read(step.due_by), now), turns)
    if turns.failed:
        raise StepFailedError
    return counts


class StepFailedError(Exception):
    """Some rows of a step could not be worked on. The log names them; everything else was done."""


def _work_on_invitations(due: Sequence[Due], run: _Run, turns: Turns) -> InvitationCounts:
    settings, ended = cache(organisations.get), 0

    def work_on_rows(org: str, rows: Sequence[Key]) -> int:
        nonlocal ended
        counts = _work_on_rows(settings(org), rows, run)
        ended += counts.ended
        return counts.reminded

    reminded = turns.take("invitations", due, work_on_rows, at_once=AT_ONCE)
    return InvitationCounts(ended, reminded)


def _work_on_rows(organisation: Organisation, rows: Sequence[Key], run: _Run) -> InvitationCounts:
    named = [(row.pk.partition("#")[2], row.sk.removeprefix(INVITATION)) for row in rows]
    found = invitations.find_all(organisation.org, named)
    ended = sum(expire(one, now=run.now) for one in found if one.expires_at <= run.now)
    pending = [one for one in found if one.expires_at > run.now]
    return InvitationCounts(ended, _remind_invited(organisation, pending, run))


def _remind_invited(organisation: Organisation, pending: Sequence[Invitation], run: _Run) -> int:
    if (later := run.silent_until(organisation)) is not None:
        for one in pending:
            invitation_reminders.put_off(one, until=later, now=run.now)
        return 0
    if organisation.reminder_days:
        return invitation_reminders.remind_invited(organisation, pending, now=run.now, leaves_at=run.leaves_at)
    for one in pending:
        if one.remind_at is not None and one.remind_at <= run.now:
            invitation_reminders.pause(one, now=run.now)
    return 0


def _remind_customers(organisation: Organisation, rows: Sequence[Key], run: _Run) -> int:
    ids = [row.sk.removeprefix(CUSTOMER) for row in rows]
    if run.silent_until(organisation):
        return 0
    if organisation.reminder_days:
        return portal_reminders.remind_customers(organisation, ids, now=run.now, leaves_at=run.leaves_at)
    portal_reminders.pause(organisation.org, ids, now=run.now)
    return 0
