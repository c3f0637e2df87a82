"""The queue of jobs for tests: messages come at least once, again after a crash, and aside after too many."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from chalicelib.events import jobs
from chalicelib.operations import registrations
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.messages import Message
from chalicelib.rules.refs import public_id
from chalicelib.tables import messages
from tests.operations.simulated_aws import Crash


@dataclass
class Sqs:
    """A stand-in for SQS: it keeps messages until they are handled."""

    waiting: list[str] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> dict[str, str]:  # noqa: N803 - as boto3 has it
        assert QueueUrl
        self.before()
        self.waiting.append(MessageBody)
        return {}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        assert 0 < len(Entries) <= 10
        for entry in Entries:
            self.send_message(QueueUrl=QueueUrl, MessageBody=entry["MessageBody"], DelaySeconds=entry.get("DelaySeconds", 0))
        return {}


@dataclass
class Worker:
    """Hands messages over as Lambda does."""

    sqs: Sqs
    now: datetime
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    repeats: float = 0.0
    """How often a message that was handled comes again all the same."""
    set_aside: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Go on until nothing waits any more."""
        while self.sqs.waiting:
            self.deliver(self.sqs.waiting.pop(0))

    def deliver(self, body: str) -> None:
        for tries in itertools.count(1):
            if tries > jobs.LAST_TRY:
                self.set_aside.append(body)
                return
            try:
                jobs.handle(event(body, tries), clock=lambda: self.now)
            except (Crash, BatchProcessingError):
                continue
            if self.dice.random() >= self.repeats:
                return


def event(body: str, tries: int = 1) -> dict[str, Any]:
    return {"Records": [{"messageId": "m", "body": body, "attributes": {"ApproximateReceiveCount": str(tries)}, "eventSource": "aws:sqs"}]}


def join(session: str, email: str, child: str = "Kim", *, now: datetime) -> str:
    """Add a person to the roster of demo's session, without a confirmation, and return the registration."""
    new = {"name": "Ana", "email": email}
    addition = AddInput.model_validate({"new_customer": new, "participants": [{"name": child}], "send_confirmation": False})
    added = registrations.add("demo", session, addition, by="owner", key=f"{email} {child}", now=now)
    return public_id(session, added.registration.id)


def queued(session: str) -> list[Message]:
    """Return the messages about a session of demo, those that staff wrote."""
    found, _ = messages.about_session("demo", session, limit=200, start=None)
    return [message for message in found if message.kind == "roster_message"]
