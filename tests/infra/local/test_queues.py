"""The queues of a deployment, and how the local stack delivers their messages."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.config import config
from chalicelib.events.jobs import LAST_TRY
from infra import templates
from infra.local import queues
from infra.local.queues import Poller, Queue

CONFIG = json.loads(Path(".chalice/config.json").read_text())


class Line:
    """A queue in memory."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
        self.taken: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.faults = 0

    def receive(self, most: int) -> list[dict[str, Any]]:
        if self.faults:
            self.faults -= 1
            raise ConnectionError
        batch, self.waiting = self.waiting[:most], self.waiting[most:]
        return batch

    def delete(self, message: dict[str, Any]) -> None:
        self.deleted.append(message["body"])

    def put_back(self, message: dict[str, Any], seconds: int) -> None:
        self.waiting.append(message)


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "FAULT_SECONDS", 0.001)
    monkeypatch.setattr(queues, "POLL_SECONDS", 0.005)


@contextmanager
def polling(line: Line, handler: Callable[[dict[str, Any]], Any]) -> Iterator[Poller]:
    poller = Poller("tests", line, handler)  # type: ignore[arg-type]
    poller.start()
    yield poller
    poller.stop()


def turned(line: Line, handler: Callable[[dict[str, Any]], Any], times: int) -> None:
    poller = Poller("tests", line, handler)  # type: ignore[arg-type]
    for _ in range(times):
        poller.handle_batch()


def test_a_handled_message_is_deleted_and_a_failed_one_redelivered() -> None:
    line, seen = Line("a", "b"), []

    def handler(event: dict[str, Any]) -> None:
        seen.append(event["Records"][0]["body"])
        if seen == ["a"]:
            raise RuntimeError

    turned(line, handler, 3)
    assert (seen, line.deleted, line.waiting) == (["a", "b", "a"], ["b", "a"], [])


def test_only_the_failed_messages_of_a_batch_are_redelivered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "BATCH", 3)
    line = Line("a", "b", "c")
    turned(line, lambda _: {"batchItemFailures": [{"itemIdentifier": "1"}]}, 1)
    assert (line.deleted, [message["body"] for message in line.waiting]) == (["a", "c"], ["b"])


def test_a_queue_that_cannot_be_read_for_a_while_does_not_end_the_poller() -> None:
    line, handled = Line("a"), threading.Event()
    line.faults = 3
    with polling(line, lambda _: handled.set()):
        assert handled.wait(60)


@pytest.mark.parametrize(("logical", "handler"), [("Jobs", "on_jobs"), ("Webhooks", "on_webhooks")])
def test_the_visibility_timeout_exceeds_the_function_timeout(logical: str, handler: str) -> None:
    queue = templates.resources("queues", "test")[logical]["Properties"]
    timeout = CONFIG["lambda_functions"][handler]["lambda_timeout"]
    assert queue["VisibilityTimeout"] >= 6 * timeout


def test_the_application_knows_the_queue_of_webhooks() -> None:
    webhooks = templates.resources("queues", "test")["Webhooks"]["Properties"]
    assert webhooks["QueueName"] == config().webhooks_queue_name


def test_the_application_knows_the_queue_and_its_last_try() -> None:
    jobs = templates.resources("queues", "test")["Jobs"]["Properties"]
    assert jobs["QueueName"] == config().jobs_queue_name
    assert jobs["RedrivePolicy"]["maxReceiveCount"] == LAST_TRY


def test_a_message_arrives_as_lambda_sends_it_and_is_set_aside_after_too_many_tries(tables: None) -> None:
    sqs, seen = boto3.client("sqs"), []
    queue = Queue(sqs, config().jobs_queue)
    sqs.send_message(QueueUrl=config().jobs_queue, MessageBody="hello")
    for _ in range(LAST_TRY):
        (message,) = queue.receive(1)
        seen.append((message["body"], message["attributes"]["ApproximateReceiveCount"], message["eventSourceARN"].rpartition(":")[2]))
        queue.put_back(message, 0)
    assert seen == [("hello", str(number), "rollbook-test-jobs") for number in range(1, LAST_TRY + 1)]
    assert queue.receive(1) == []
    failed = sqs.get_queue_url(QueueName="rollbook-test-jobs-failed")["QueueUrl"]
    assert [message["Body"] for message in sqs.receive_message(QueueUrl=failed)["Messages"]] == ["hello"]


def test_queues_are_made_once(tables: None) -> None:
    sqs = boto3.client("sqs")
    made = templates.create_queues(sqs, "test")
    assert (made["Jobs"], made["Webhooks"]) == (config().jobs_queue, config().webhooks_queue)
    assert len(sqs.list_queues()["QueueUrls"]) == 5
