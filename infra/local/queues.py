"""Delivers messages of a queue to their handler, as Lambda's event source mapping does: retried, then moved to the failure queue."""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from infra.local.activity import Activity

BATCH = 1
POLL_SECONDS = 0.2
FAULT_SECONDS = 1.0
RETRY_SECONDS = 2
"""The pause before a retry. Lambda waits for the queue's visibility time-out, which is minutes and too long on a laptop."""
log = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any]], Any]
Message = dict[str, Any]


class Queue:
    """A queue, and its messages as Lambda hands them over."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def receive(self, most: int) -> list[Message]:
        """Receive visible messages; others do not see them until their visibility time-out."""
        result = self._client.receive_message(QueueUrl=self._url, MaxNumberOfMessages=most, MessageSystemAttributeNames=["All"])
        return [as_lambda_sends(message, self._arn) for message in result.get("Messages", [])]

    @cached_property
    def _arn(self) -> str:
        found = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        return str(found["Attributes"]["QueueArn"])

    def delete(self, message: Message) -> None:
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["receiptHandle"])

    def put_back(self, message: Message, seconds: int) -> None:
        """Make the message visible again after this number of seconds; after too many attempts the queue moves it to the failure queue."""
        self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=message["receiptHandle"], VisibilityTimeout=seconds)


class Poller:
    """Delivers one queue to one handler, in a thread that no exception ends."""

    def __init__(self, name: str, queue: Queue, handler: Handler, activity: Activity | None = None) -> None:
        """`activity`: of the stack that it belongs to; without one, nothing is known of it, and the queue is read as seldom as may be."""
        self._name = name
        self._queue = queue
        self._handler = handler
        self._activity = activity or Activity()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{name} queue", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = 1) -> None:
        """End after the present batch."""
        self._stopping.set()
        self._activity.note()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                worked = self.handle_batch()
            except Exception:
                log.exception("the queue of %s could not be read", self._name)
                self._stopping.wait(FAULT_SECONDS)
                continue
            if not worked:
                self._activity.pause(POLL_SECONDS, self._stopping)

    def handle_batch(self) -> bool:
        """Handle the messages that can be received at once; return whether there were any."""
        batch = self._queue.receive(BATCH)
        if not batch:
            return False
        failed = self._failed(batch)
        for message in batch:
            if message["messageId"] in failed:
                self._queue.put_back(message, RETRY_SECONDS)
            else:
                self._queue.delete(message)
        return True

    def _failed(self, batch: Sequence[Message]) -> set[str]:
        """Return which messages of the batch were not handled."""
        try:
            result = self._handler({"Records": list(batch)})
        except Exception:
            log.warning("the handler of the queue of %s failed", self._name, exc_info=True)
            return {message["messageId"] for message in batch}
        return {failure["itemIdentifier"] for failure in (result or {}).get("batchItemFailures", [])}


def as_lambda_sends(message: Message, arn: str) -> Message:
    """Return a message received from the queue in the form in which Lambda hands it to a function."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(":")[3],
    }
