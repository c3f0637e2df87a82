"""The hourly recount of all organisations, in steps through the queue of jobs: sessions that are not over, a hundred in each step.

With many organisations an hour counts a part of them only, each in its turn, so that the recount never fills the queue of jobs.

The clock queues one step, which names the organisations and queues a step for each. That one goes on until its sessions are counted and
its rows of meetings compared. A step may fail, and may come twice: each repair is safe to repeat, and nothing is stored between steps.
An organisation with data of an earlier version is counted whole, once. What changes after a session is over is marked, and its figures
are counted within a minute; `python -m infra reconcile` recounts everything.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from chalicelib import clients, telemetry
from chalicelib.config import config
from chalicelib.operations import date_reminders, figures, migrate_rows, reconcile, reconcile_meetings
from chalicelib.operations.reconcile import Drift
from chalicelib.rules import times
from chalicelib.rules.jobs import SLICE
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers, meetings, organisations, sessions
from chalicelib.tables.figures import is_complete as has_all_figures

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

STILL_COUNTED = timedelta(days=2)
"""So long after its end a session is recounted: longer than anything that a booking leaves unfinished."""
LATEST = timedelta(hours=1)
"""An older step is dropped: the next recount has begun."""
SPREAD_SECONDS = 600
"""Organisations begin within this time, each at a moment of its own, so that their steps do not stand before the jobs of staff."""
ORGANISATIONS = 250
"""So many does one step name."""
MOST_AN_HOUR = 2_000
"""About so many are counted in an hour: with a hundred and fifty sessions to come each, ten minutes of all functions that work on jobs."""
MESSAGES = 10
"""SQS's limit of one request."""
NO_JOB = "recount"
"""What a step names as its job. A version that knows no such steps finds no job of this name, and does nothing."""


@dataclass(frozen=True, slots=True)
class RecountStep:
    """One step: of the organisation `org`, or, where it is empty, of the list of organisations."""

    asked_at: str
    org: str = ""
    after: str = ""
    """The place after which this step goes on: of a session, of a meeting, or the id of an organisation."""
    of_meetings: bool = False
    whole: bool = False
    """Whether sessions that are over are counted too."""


def begin(now: datetime) -> None:
    """Queue the recount of all organisations. `now` is the real time, by which steps grow old."""
    _queue([RecountStep(times.written(now))])


def step_from(body: str) -> RecountStep | None:
    """Return the step that a message of the queue asks for, None for a message about a job."""
    message = json.loads(body)
    return RecountStep(**message[NO_JOB]) if message["job"] == NO_JOB else None


def run_step(step: RecountStep, *, now: datetime) -> None:
    """Run a step and queue what follows. Drift is measured by each step of an organisation, and as none by the last one of the list.

    `now` is the real time. A session that cannot be read is named in the log, and the others are counted.
    """
    if now - times.read(step.asked_at) > LATEST:
        return
    if not step.org:
        _name_organisations(step)
        return
    found, next_steps = _recounted(step, now)
    telemetry.count("Drift", len(found))
    for drift in found:
        telemetry.logger.warning("drift", extra={"org": step.org, "session": drift.session, "kind": drift.kind})
    _queue(next_steps)


def _name_organisations(step: RecountStep) -> None:
    named, last = organisations.ids_after(step.after, limit=ORGANISATIONS)
    hours = hours_of_a_round(organisations.count())
    _queue(RecountStep(step.asked_at, org) for org in named if is_due(org, times.read(step.asked_at), hours))
    if last:
        _queue([replace(step, after=last)])
    else:
        telemetry.count("Drift", 0)


def hours_of_a_round(count: int) -> int:
    """Return in how many hours each of so many organisations is counted once."""
    return 1 + max(count - 1, 0) // MOST_AN_HOUR


def is_due(org: str, asked_at: datetime, hours: int) -> bool:
    """Return whether an organisation is counted in this hour, if each is counted once in so many hours."""
    return (int(asked_at.timestamp()) // 3600 + crc32(org.encode())) % hours == 0


def _recounted(step: RecountStep, now: datetime) -> tuple[list[Drift], list[RecountStep]]:
    """Return the drift that a step found and repaired, and the steps that follow."""
    if step.of_meetings:
        return _compared(step)
    if not step.after:
        if customers.write_missing(step.org) >= customers.INDEXED_AT_A_TIME:
            return [], [step]
        step = _first(step, now)
    ids, last = sessions.ids_after(step.org, step.after, limit=SLICE)
    found = list(_of_sessions(step.org, ids, now))
    if last:
        return found, [replace(step, after=last)]
    if step.whole:
        figures.complete(step.org)
        meetings.note_complete(step.org)
    more, next_steps = _compared(replace(step, after=_earliest(step, now), of_meetings=True))
    return [*found, *more], next_steps


def _first(step: RecountStep, now: datetime) -> RecountStep:
    """Bring over what an earlier version has stored. Return the step with the place from which sessions are counted."""
    migrate_rows.migrate_rows(step.org, now=now)
    customers.name_addresses(step.org)
    date_reminders.check_older(step.org, now=now)
    step = replace(step, whole=not (has_all_figures(step.org) and meetings.is_complete(step.org)))
    return replace(step, after=_earliest(step, now))


def _earliest(step: RecountStep, now: datetime) -> str:
    return "0" if step.whole else times.written(now - STILL_COUNTED)


def _of_sessions(org: str, ids: Iterable[str], now: datetime) -> Iterator[Drift]:
    counted = list[Session]()
    for id in ids:
        try:
            found, session = reconcile.recount(org, id, now=now)
        except Exception:
            telemetry.record_failure(org=org, session=id)
            continue
        yield from found
        counted += [session] if session else []
    yield from (Drift(id, "miscounted_figures", "") for id in figures.recount_some(org, [one.id for one in counted], now=now))
    yield from _without_rows(org, counted)


def _without_rows(org: str, counted: Sequence[Session]) -> Iterator[Drift]:
    is_first = not meetings.is_complete(org)
    incomplete, bare = reconcile_meetings.lacking(org, counted)
    for id in bare:
        reconcile_meetings.write_missing(org, id)
    for id in incomplete:
        if reconcile_meetings.write_missing(org, id) and not is_first:
            yield Drift(id, "meeting_without_row", "")


def _compared(step: RecountStep) -> tuple[list[Drift], list[RecountStep]]:
    """Compare the next rows of meetings with their sessions."""
    rows, last = meetings.page(step.org, after=step.after)
    next_steps = [replace(step, after=last)] if last else []
    try:
        gone = list(reconcile_meetings.delete_strays(step.org, reconcile_meetings.strays_among(step.org, rows)))
    except Exception:  # A session among theirs cannot be read: the step that counted it has named it.
        telemetry.record_failure(org=step.org, part="meetings")
        return [], next_steps
    return [Drift(row.session, "stray_meeting", row.meeting) for row in gone], next_steps


def _queue(steps: Iterable[RecountStep]) -> None:
    """Queue steps, the first ones of organisations each after a delay of its own. Raises RuntimeError if the queue refused one."""
    every = list(steps)
    for first in range(0, len(every), MESSAGES):
        batch = [_message(one, str(number)) for number, one in enumerate(every[first : first + MESSAGES])]
        if clients.sqs().send_message_batch(QueueUrl=config().jobs_queue, Entries=batch).get("Failed"):
            raise RuntimeError("the queue refused a step")


def _message(step: RecountStep, id: str) -> "SendMessageBatchRequestEntryTypeDef":
    delay = crc32(step.org.encode()) % SPREAD_SECONDS if step.org and not step.after else 0
    return {"Id": id, "MessageBody": json.dumps({"org": step.org, "job": NO_JOB, NO_JOB: asdict(step)}), "DelaySeconds": delay}
