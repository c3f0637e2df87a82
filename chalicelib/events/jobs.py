"""The job queue: each message triggers one step of a job, of the recount, or of the clock's invitations."""

from collections.abc import Callable
from typing import Any

from chalicelib import telemetry
from chalicelib.events.records import Clock, real_time
from chalicelib.operations import (
    bulk_invitations,
    cancellation,
    codes,
    corrections,
    customers,
    erasure,
    imports,
    invoices,
    jobs,
    messages,
    orders,
    portal_invitations,
    recount,
    refunds,
    registrations,
    reminders,
)
from chalicelib.operations.invitations import due_steps
from chalicelib.operations.jobs.queue import ids_from
from chalicelib.rules.actor import CLOCK
from chalicelib.rules.jobs import JobKind
from chalicelib.tables.actor import acting

WORK: dict[JobKind, jobs.Work] = {
    "mailing": messages.queue_roster_messages,
    "codes": codes.make_codes,
    "codes_table": codes.write_export,
    "orders_table": registrations.write_export,
    "customers_table": customers.write_export,
    "import": imports.import_rows,
    "group": customers.leave_group,
    "erase": erasure.run_steps,
    "correction": corrections.apply_next,
    "portal_invitations": portal_invitations.queue_invitations,
    "session_invitations": bulk_invitations.invite_next,
    "checkouts": invoices.close_next,
    "refunds": refunds.complete_next,
    "orders": orders.resolve_next,
    "cancellation": cancellation.complete_next,
}
LAST_TRY = 5
"""`maxReceiveCount` in infra/queues.yaml: after this many attempts a message moves to the dead-letter queue."""


def handle(event: dict[str, Any], *, clock: Clock = real_time) -> dict[str, Any]:
    """Run the step of every message and return the failures in Lambda's batch response.

    Raises if every message failed, which Lambda treats as a failure even where batch responses are not switched on yet.
    """
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    def do(record: SQSRecord) -> None:
        _run_message(record.body, int(record.attributes.approximate_receive_count), clock)

    return dict(process_partial_response(event=event, record_handler=do, processor=BatchProcessor(EventType.SQS)))


def _run_message(body: str, tries: int, clock: Clock) -> None:
    if (step := recount.step_from(body)) is not None:
        _run_jobless(lambda: recount.run_step(step, now=clock()), org=step.org, job=recount.NO_JOB)
        return
    if (due := due_steps.step_from(body)) is not None:
        _run_jobless(lambda: reminders.run_step(due, now=clock()), org="", job=due_steps.NO_JOB)
        return
    org, job = ids_from(body)
    try:
        with acting(CLOCK):
            jobs.run_step(org, job, WORK, now=clock())
    except Exception:
        telemetry.record_failure(org=org, job=job)
        if tries >= LAST_TRY:
            jobs.fail_job(org, job, now=clock())
        raise


def _run_jobless(work: Callable[[], object], *, org: str, job: str) -> None:
    """Run a step that belongs to no job."""
    try:
        with acting(CLOCK):
            work()
    except Exception:
        telemetry.record_failure(org=org, job=job)
        raise
