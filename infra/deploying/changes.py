"""What is to be changed in the account, as data: it is shown first, then done."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.exceptions import ClientError

STILL_AT_IT = {"ResourceInUseException", "ResourceConflictException", "TooManyRequestsException"}
"""What Lambda answers while it works on an earlier change of the same thing."""
PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Change:
    """One request to AWS, and how an operator reads it."""

    says: str
    service: str
    operation: str
    arguments: dict[str, Any] = field(default_factory=dict)


def apply(changes: Iterable[Change]) -> None:
    """Do every change, one after the other."""
    for change in changes:
        _apply(change, deadline=time.monotonic() + PATIENCE)


def _apply(change: Change, *, deadline: float) -> None:
    request = getattr(boto3.client(change.service), change.operation)  # type: ignore[call-overload]
    while True:
        try:
            request(**change.arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] not in STILL_AT_IT or time.monotonic() > deadline:
                raise
            time.sleep(2)
        else:
            return
