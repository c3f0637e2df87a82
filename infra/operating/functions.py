"""The stage's own functions, asked to do their work: the same code, rights and settings as ever."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from infra.local.stream_records import Record

AT_ONCE = 10
"""Lambda takes six megabytes, and an item may have 400 kB, before and after."""

Invoke = Callable[[str, dict[str, Any]], Any]
"""Calls the function of this name with an event and returns its answer; raises FunctionFailedError."""


class FunctionFailedError(Exception):
    """The function raised, or was ended. Its log says more."""


def invoking(client: Any) -> Invoke:
    """Return what invokes functions through Lambda's client."""

    def invoke(function: str, event: dict[str, Any]) -> Any:
        answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        if "FunctionError" in answer:
            raise FunctionFailedError(f"{function} failed; its log says why")
        return json.loads(answer["Payload"].read() or b"null")

    return invoke


def not_handled(invoke: Invoke, function: str, records: Sequence[Record]) -> set[str]:
    """Hand records to a stream's function and return the sequence numbers of those that it could still not handle."""
    failed: set[str] = set()
    for first in range(0, len(records), AT_ONCE):
        answer = invoke(function, {"Records": list(records[first : first + AT_ONCE])})
        failed |= {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", [])}
    return failed


def tick(now: datetime) -> dict[str, Any]:
    """Return the event by which the clock's rule runs the schedules."""
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
