"""What is to be changed in the account, as data: it is shown first, then done."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.exceptions import ClientError

STILL_AT_IT = {"ResourceInUseException", "ResourceConflictException", "TooManyRequestsException"}
"""What Lambda answers while it works on an earlier change of the same thing."""
DONE_ALREADY = {"ResourceAlreadyExistsException"}
"""A function that wrote its first line meanwhile has made its log group."""
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
    while not _done(request, change, patient=time.monotonic() < deadline):
        time.sleep(2)


def _done(request: Callable[..., Any], change: Change, *, patient: bool) -> bool:
    try:
        request(**change.arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in DONE_ALREADY:
            return True
        if code in STILL_AT_IT and patient:
            return False
        raise
    return True
