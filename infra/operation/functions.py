"""Calls of the stage's own functions, so that the work is done with their usual code, permissions and settings."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from infra.deployment.stage import DeployingError
from infra.local.stream_records import Record

AT_ONCE = 10
"""Lambda takes six megabytes, and an item may have 400 kB, before and after."""

Invoke = Callable[[str, dict[str, Any]], Any]
"""Calls the function of this name with an event and returns its answer; raises FunctionFailedError."""


class FunctionFailedError(DeployingError):
    """The function raised an error or was terminated. Its log has details."""


def function_caller(client: Any) -> Invoke:
    """Return a caller of functions through Lambda's client."""

    def invoke(function: str, event: dict[str, Any]) -> Any:
        response = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        if "FunctionError" in response:
            raise FunctionFailedError(f"{function} failed; its log says why")
        return json.loads(response["Payload"].read() or b"null")

    return invoke


def failed_records(invoke: Invoke, function: str, records: Sequence[Record]) -> set[str]:
    """Hand records to a stream's function and return the sequence numbers of those that it could still not handle."""
    failed: set[str] = set()
    for first in range(0, len(records), AT_ONCE):
        response = invoke(function, {"Records": list(records[first : first + AT_ONCE])})
        failed |= {failure["itemIdentifier"] for failure in (response or {}).get("batchItemFailures", [])}
    return failed


def schedule_event(now: datetime) -> dict[str, Any]:
    """Return the event with which the rule of the schedule calls its function."""
    return {
        "version": "0",
        "id": "by-hand",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "",
        "time": now.astimezone(UTC).isoformat(),
        "region": "",
        "resources": [],
        "detail": {},
    }
