"""Steps in the queue of jobs for invitations that are due, for a reminder or since they expired: one for each partition of the clock.

They are queued when more are due than one run of the clock can handle. A step may come twice, and late: then it is let go.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.tables import keys

LATEST = timedelta(minutes=1)
"""The clock has queued others since."""
NO_JOB = "invitations"
"""What a step names as its job. A version that knows no such steps finds no job of this name, and does nothing."""


@dataclass(frozen=True, slots=True)
class DueStep:
    """One step: the partition, and until when its invitations are due."""

    due_by: str
    partition: str

    def is_late(self, now: datetime) -> bool:
        """Whether the step has waited too long. `now` is the real time."""
        return now - times.read(self.due_by) > LATEST


def queue_steps(now: datetime) -> None:
    """Queue a step for each partition. Raises RuntimeError if the queue refused one: the next minute asks again."""
    steps = [DueStep(times.written(now), partition) for partition in keys.clocks("invitations")]
    batch = [{"Id": str(number), "MessageBody": _body(step)} for number, step in enumerate(steps)]
    if clients.sqs().send_message_batch(QueueUrl=config().jobs_queue, Entries=batch).get("Failed"):  # type: ignore[arg-type]
        raise RuntimeError("the queue refused a step")


def step_from(body: str) -> DueStep | None:
    """Return the step that a message of the queue asks for, None for another message."""
    message = json.loads(body)
    return DueStep(**message[NO_JOB]) if message["job"] == NO_JOB else None


def _body(step: DueStep) -> str:
    return json.dumps({"org": "", "job": NO_JOB, NO_JOB: asdict(step)})
