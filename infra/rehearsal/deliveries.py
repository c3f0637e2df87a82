"""Lambda's delivery of stream records to a function: the settings of the mapping decide the effect of a failure.

Source: AWS Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB": partial batch responses, retained records, error handling.
"""

import time
from collections.abc import Callable
from typing import Any

BACKOFF_SECONDS = 0.05
Mapping = dict[str, Any]
Records = list[dict[str, Any]]
Result = dict[str, Any]
"""MiniStack's report of an invocation: `body` is the function's return value, `error` is set if it raised."""


def deliver(
    mapping: Mapping, records: Records, run: Callable[[Records], Result], set_aside: Callable[[Mapping, Records, Result], None]
) -> Result:
    """Hand the records over until each was handled or set aside, and return the last result; an endless retry is left to the caller."""
    size, attempts, result = len(records), 0, Result()
    while records:
        batch = records[:size]
        result = run(batch)
        handled = _handled(mapping, batch, result)
        if handled:
            records, attempts = records[handled:], 0
        if handled == len(batch):
            size = len(records)
        elif len(batch) - handled > 1 and mapping.get("BisectBatchOnFunctionError"):
            size = (len(batch) - handled) // 2
        elif attempts < mapping.get("MaximumRetryAttempts", -1):
            size = len(batch) - handled
            attempts += 1
            time.sleep(BACKOFF_SECONDS)
        elif mapping.get("MaximumRetryAttempts", -1) < 0:
            return {**result, "error": True}
        else:
            lost = len(batch) - handled
            set_aside(mapping, records[:lost], result)
            records, size, attempts = records[lost:], len(records) - lost, 0
    return {**result, "error": False}


def _handled(mapping: Mapping, batch: Records, result: Result) -> int:
    """Return how many records from the front of the batch need no retry."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
        return len(batch)
    failed = {failure["itemIdentifier"] for failure in (result.get("body") or {}).get("batchItemFailures", [])}
    return next((place for place, record in enumerate(batch) if record["dynamodb"]["SequenceNumber"] in failed), len(batch))
