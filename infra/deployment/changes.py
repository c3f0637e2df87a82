"""Changes in the account, as data: they are shown first, then made."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment.clients import client

STILL_AT_IT = {"ResourceInUseException", "ResourceConflictException", "TooManyRequestsException", "ConflictException"}
"""Errors of Lambda and API Gateway while an earlier change of the same resource is in progress, or when requests are too many."""
NOT_KNOWN_YET = ("The role ARN does not have required permissions", "Cannot access stream", "does not have permissions to call")
"""The errors of API Gateway and Lambda about a role that was created, or got its policy, a moment ago."""
DONE_ALREADY = {"ResourceAlreadyExistsException", "EntityAlreadyExists"}
"""A function that wrote its first line meanwhile has made its log group; another region has made the role that all share."""
TIMEOUT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Change:
    """One request to AWS, and how an operator reads it."""

    says: str
    service: str
    operation: str
    arguments: dict[str, Any] = field(default_factory=dict)


def apply(changes: Iterable[Change]) -> None:
    """Make the changes in order."""
    for change in changes:
        _apply(change, deadline=time.monotonic() + TIMEOUT_SECONDS)


def _apply(change: Change, *, deadline: float) -> None:
    request = getattr(client(change.service), change.operation)  # type: ignore[call-overload]
    while not _done(request, change, in_time=time.monotonic() < deadline):
        time.sleep(2)


def _done(request: Callable[..., Any], change: Change, *, in_time: bool) -> bool:
    try:
        request(**change.arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in DONE_ALREADY:
            return True
        if in_time and (code in STILL_AT_IT or any(words in str(error) for words in NOT_KNOWN_YET)):
            return False
        raise
    return True
