"""The queue of jobs: each message has one step of a job done."""

from typing import Any

from chalicelib import telemetry
from chalicelib.events.records import Clock, real_time
from chalicelib.operations import codes, customers, erasing, imports, jobs, messages, portal_invitations
from chalicelib.operations.jobs.waking import woken
from chalicelib.rules.jobs import Kind

WORK: dict[Kind, jobs.Work] = {
    "mailing": messages.queue_mailing,
    "codes": codes.make_codes,
    "codes_table": codes.write_table,
    "import": imports.import_rows,
    "group": customers.leave_group,
    "erase": erasing.go_through,
    "portal_invitations": portal_invitations.queue_invitations,
}
LAST_TRY = 5
"""As infra/queues.yaml has it: after so many a message goes to the queue of those that failed."""


def handle(event: dict[str, Any], *, clock: Clock = real_time) -> dict[str, Any]:
    """Do the step of every message and return those that failed, in the shape that Lambda reads.

    Where all failed it raises: Lambda takes that for a failure even before it was told to read the answer.
    """
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    def do(record: SQSRecord) -> None:
        _step(record.body, int(record.attributes.approximate_receive_count), clock)

    return dict(process_partial_response(event=event, record_handler=do, processor=BatchProcessor(EventType.SQS)))


def _step(body: str, tries: int, clock: Clock) -> None:
    org, job = woken(body)
    try:
        jobs.go_on(org, job, WORK, now=clock())
    except Exception:
        telemetry.failed(org=org, job=job)
        if tries >= LAST_TRY:
            jobs.give_up(org, job, now=clock())
        raise
