"""The local stack with a minimal application instead of Rollbook, for test_stack.py."""

import os
import sys
import time
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from chalice import Chalice

from chalicelib import clients
from infra.local.__main__ import main

ROSTERS, MESSAGES = "rollbook-local-rosters", "rollbook-local-messages"
chalice_app = Chalice(app_name="small", configure_logs=False)


@chalice_app.route("/v1/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@chalice_app.route("/people/{address}", methods=["POST"])
def write(address: str) -> dict[str, str]:
    _write(address)
    return {"written": address}


@chalice_app.route("/queue/{address}", methods=["POST"])
def enqueue(address: str) -> dict[str, str]:
    clients.sqs().send_message(QueueUrl=os.environ["ROLLBOOK_JOBS_QUEUE"], MessageBody=address)
    return {"queued": address}


@chalice_app.route("/people")
def people() -> list[str]:
    return sorted(item["pk"]["S"] for item in clients.dynamodb().scan(TableName=ROSTERS)["Items"])


def on_rosters(event: Any, context: Any) -> None:
    """Queue a message for every new address: the first of two steps to an e-mail."""
    for record in event["Records"]:
        clients.dynamodb().put_item(TableName=MESSAGES, Item={"pk": record["dynamodb"]["Keys"]["pk"]})


def on_messages(event: Any, context: Any) -> dict[str, Any]:
    for record in event["Records"]:
        clients.ses().send_email(
            FromEmailAddress=os.environ["ROLLBOOK_SENDER"],
            Destination={"ToAddresses": [record["dynamodb"]["Keys"]["pk"]["S"]]},
            Content={"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": context.aws_request_id}}}},
        )
    return {"batchItemFailures": []}


def on_records(event: Any, context: Any) -> dict[str, Any]:
    return {"batchItemFailures": []}


def on_jobs(event: Any, context: Any) -> None:
    """Record the body of a queue message."""
    for record in event["Records"]:
        _write(record["body"])


def run(now: datetime) -> dict[str, int]:
    _write(f"scheduled-{now.year}@example.org")
    return {"written": 1}


def create_data(demo: bool, password: str, *, payments: bool, now: datetime) -> None:
    """Sleep as long as the test asks for."""
    while not Path(os.environ["ROLLBOOK_STATE"], "planted").exists():
        time.sleep(0.01)


def _write(address: str) -> None:
    clients.dynamodb().put_item(TableName=ROSTERS, Item={"pk": {"S": address}, "sk": {"S": "1"}})


def module(name: str, **contents: Any) -> None:
    sys.modules[name] = ModuleType(name)
    vars(sys.modules[name]).update(contents)


if __name__ == "__main__":
    queues = {"on_jobs": on_jobs, "on_webhooks": on_jobs}
    module("app", app=chalice_app, on_rosters=on_rosters, on_messages=on_messages, on_records=on_records, **queues)
    module("chalicelib.events.schedules", run=run)
    module("infra.seed", create_data=create_data)
    sys.exit(main())
