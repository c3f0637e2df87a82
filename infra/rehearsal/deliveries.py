"""Lambda's delivery of stream records and of events to a function: the settings decide the effect of a failure.

What found no room, because the function is throttled, was no attempt: it waits, whatever the settings say.
Sources: AWS Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB": partial batch responses, retained records, error handling;
"How Lambda handles errors and retries with asynchronous invocation".
"""

import time
from collections.abc import Callable
from typing import Any

BACKOFF_SECONDS = 0.05
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds between attempts at an event; at AWS a minute and two after an error, and up to five minutes while there is no room."""
Mapping = dict[str, Any]
Records = list[dict[str, Any]]
Result = dict[str, Any]
"""MiniStack's report of an invocation: `body` is the function's return value, `error` is set if it raised, `throttle` if it was not run."""


def deliver(
    mapping: Mapping, records: Records, run: Callable[[Records], Result], set_aside: Callable[[Mapping, Records, Result], None]
) -> Result:
    """Hand the records over until each was handled or set aside, and return the last result.

    An endless retry, and a wait for room, are left to the caller.
    """
    size, attempts, result, retries = len(records), 0, Result(), mapping.get("MaximumRetryAttempts", -1)
    while records:
        batch = records[:size]
        result = run(batch)
        if result.get("throttle"):
            return result
        handled = _handled(mapping, batch, result)
        failed = len(batch) - handled
        if handled:
            records, attempts = records[handled:], 0
        if not failed:
            size = len(records)
        elif failed > 1 and mapping.get("BisectBatchOnFunctionError"):
            size = failed // 2
        elif attempts < retries:
            size, attempts = failed, attempts + 1
            time.sleep(BACKOFF_SECONDS)
        elif retries < 0:
            return {**result, "error": True}
        else:
            set_aside(mapping, records[:failed], result)
            records, size, attempts = records[failed:], len(records) - failed, 0
    return {**result, "error": False}


def repeat(run: Callable[[], Result], *, attempts: int, seconds: float) -> Result:
    """Run until there is no error, and return the last result. A refusal for want of room is no attempt, but takes time."""
    until, pause = time.monotonic() + seconds, FIRST_PAUSE
    while True:
        result = run()
        attempts -= 0 if result.get("throttle") else 1
        if not result.get("error") or attempts < 1 or time.monotonic() + pause > until:
            return result
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _handled(mapping: Mapping, batch: Records, result: Result) -> int:
    """Return how many records from the front of the batch need no retry."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
        return len(batch)
    failed = {failure["itemIdentifier"] for failure in (result.get("body") or {}).get("batchItemFailures", [])}
    return next((index for index, record in enumerate(batch) if record["dynamodb"]["SequenceNumber"] in failed), len(batch))
