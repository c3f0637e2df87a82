"""The stand-in for AWS, with small functions of the tests in it."""

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from infra.rehearsal.aws import ACCOUNT, REGION, Aws, Limits, running
from tests.live.stack import eventually

TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
RUNTIME = f"python3.{sys.version_info.minor}"
ROOM = 110
"""What this account runs at once: ten more than must stay without a reservation."""
SETS, PACE = 3, 0.3
"""How many configuration sets it may have, and the seconds between two requests about them that it takes; at AWS it is one."""


@dataclass(frozen=True)
class Cloud:
    """An account without anything in it but what a test makes."""

    aws: Aws

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    def function(self, name: str, source: str) -> str:
        """Make a function of a module with a `handler`, and return its ARN. Its role may do anything."""
        role = self._role(name)
        made = self.client("lambda").create_function(
            FunctionName=name, Runtime=RUNTIME, Role=role, Handler="main.handler", Code={"ZipFile": zipped(source)}, Timeout=20
        )
        return str(made["FunctionArn"])

    def ask(self, name: str, event: Any = None) -> Any:
        """Run a function, and return its result."""
        response = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        result = json.load(response["Payload"])
        assert "FunctionError" not in response, result
        return result

    def reserve(self, name: str, number: int) -> None:
        self.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=number)

    def free(self, name: str) -> None:
        """Take a reservation back."""
        self.client("lambda").delete_function_concurrency(FunctionName=name)

    def queue(self, name: str) -> tuple[str, str]:
        """Make a queue, and return its address and its ARN."""
        url = self.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        return url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def received(self, url: str, *, within: float = 15) -> Any:
        """Wait for a message of a queue, and return what it says."""
        sqs = self.client("sqs")
        (message,) = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), within=within)
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return json.loads(message["Body"])

    def waiting(self, url: str) -> int:
        """Return how many messages a queue has."""
        attributes = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(attributes["Attributes"]["ApproximateNumberOfMessages"])

    def _role(self, name: str) -> str:
        iam = self.client("iam")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUST]}))
        iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [ANYTHING]}))
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def zipped(source: str) -> bytes:
    """Return a package of one module."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("main.py", source)
    return packed.getvalue()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("cloud"), limits=Limits(ROOM, SETS, PACE * 0.9)) as aws:
        yield Cloud(aws)
