"""The event source mappings of the functions, by the ARN of the source, with the settings that Chalice does not make."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.tables import keys
from chalicelib.tables.audited_rows import AUDITED
from infra.deployment import stage_config
from infra.deployment.changes import Change
from infra.deployment.clients import client
from infra.deployment.stage import Stage

WRITTEN = ["INSERT", "MODIFY"]
ON_THE_ROSTER = [{"prefix": f"{floor}#"} for floor in range(int(keys.ROSTER_AND_BELOW))]
ROSTERS = {"eventName": WRITTEN, "dynamodb": {"Keys": {"sk": {"S": ON_THE_ROSTER}}}}
"""All that events/rosters.py follows: what lies above only keeps addresses and participants unique."""
DELETED_SESSIONS = {"eventName": ["REMOVE"], "dynamodb": {"Keys": {"sk": {"S": [keys.SESSION]}}}}
"""Further tables whose streams the audit log reads."""
MESSAGES = {"eventName": WRITTEN, "dynamodb": {"NewImage": {"state": {"S": [{"anything-but": ["sending"]}]}}}}
"""All that events/messages.py follows: that an attempt has begun is written for others who might attempt it."""
RECORDS = {"dynamodb": {"Keys": {"sk": {"S": [{"prefix": row.prefix} for row in AUDITED]}}}}
"""All rows of Records that the audit log covers, deletions included."""
AUDIT_ENTRIES = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"suffix": keys.AUDIT}]}}}}
"""New entries of the audit log, which webhooks follow."""
STREAMS: dict[str, tuple[Any, ...]] = {
    "rosters": (4, ROSTERS, DELETED_SESSIONS),
    "messages": (1, MESSAGES),
    "records": (2, RECORDS, AUDIT_ENTRIES),
}
"""By table: how many functions read one shard of its stream, and the patterns of the records that they get, each that fits one of them.

The records of one item stay in order; the handlers take all others in any order. The mailer sends several at once by itself.
"""
PARTIAL = ["ReportBatchItemFailures"]
JOBS_AT_ONCE, WEBHOOKS_AT_ONCE = 10, 3
"""As app.py declares them."""
ALIVE = {"Enabled", "Enabling", "Creating", "Updating"}
HALF_A_DAY = 12 * 60 * 60

Mapping = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """An event source mapping: what a function reads, and with which settings."""

    function: str
    arn: str
    settings: dict[str, Any]

    @property
    def is_stream(self) -> bool:
        return ":dynamodb:" in self.arn


def wanted(stage: Stage, outputs: dict[str, str]) -> list[Source]:
    """Return the sources of the stage's functions: the tables' current streams, and the queue."""
    return [
        *_streams(stage, outputs["FailedRecordsQueueArn"]),
        Source(stage.function("on_jobs"), outputs["JobsQueueArn"], _queue_settings(JOBS_AT_ONCE)),
        Source(stage.function("on_webhooks"), outputs["WebhooksQueueArn"], _queue_settings(WEBHOOKS_AT_ONCE)),
    ]


def stream_settings(table: str, failed: str) -> dict[str, Any]:
    """Return the settings of the mapping of a table's stream. `failed` gets the records that are given up."""
    at_once, *patterns = STREAMS[table]
    return {
        "BatchSize": 100,
        "ParallelizationFactor": at_once,
        "FunctionResponseTypes": PARTIAL,
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 5,
        "MaximumRecordAgeInSeconds": HALF_A_DAY,
        "DestinationConfig": {"OnFailure": {"Destination": failed}},
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern, sort_keys=True)} for pattern in patterns]},
    }


def _queue_settings(at_once: int) -> dict[str, Any]:
    return {"BatchSize": 1, "FunctionResponseTypes": PARTIAL, "ScalingConfig": {"MaximumConcurrency": at_once}}


def _streams(stage: Stage, failed: str) -> Iterator[Source]:
    for table in STREAMS:
        yield Source(stage.function(f"on_{table}"), stage_config.stream(stage, table), stream_settings(table, failed))


def existing(stage: Stage) -> list[Mapping]:
    """Return the mappings of the stage's functions."""
    pages = client("lambda").get_paginator("list_event_source_mappings")
    return [
        dict(mapping)
        for function in stage.functions.values()
        for page in pages.paginate(FunctionName=function)
        for mapping in page["EventSourceMappings"]
        if mapping["State"] != "Deleting"
    ]


def plan(have: Iterable[Mapping], want: Iterable[Source]) -> list[Change]:
    """Return what makes the mappings as they must be. Nothing is read twice: who reads an old stream stops before the new one begins."""
    have, want = list(have), list(want)
    current = {(function_of(mapping), mapping["EventSourceArn"]): mapping for mapping in have}
    needed = {(source.function, source.arn) for source in want}
    stale = [_removed(mapping) for key, mapping in current.items() if key not in needed]
    return stale + [change for source in want for change in _made(current.get((source.function, source.arn)), source)]


def function_of(mapping: Mapping) -> str:
    return str(mapping["FunctionArn"].rpartition(":function:")[2])


def faults(mapping: Mapping, source: Source) -> list[str]:
    """Return the faults of a mapping, in words."""
    found = [] if mapping["State"] in ALIVE else [f"is {mapping['State'].lower()}"]
    return found + [f"{name} is {mapping.get(name)}" for name, value in source.settings.items() if not _as_wanted(mapping.get(name), value)]


def _made(mapping: Mapping | None, source: Source) -> Iterator[Change]:
    if mapping is None:
        start = {"StartingPosition": "TRIM_HORIZON"} if source.is_stream else {}
        arguments = {"FunctionName": source.function, "EventSourceArn": source.arn, **start, **source.settings}
        yield Change(f"{source.function} reads {source.arn}", "lambda", "create_event_source_mapping", arguments)
    elif wrong := faults(mapping, source):
        arguments = {"UUID": mapping["UUID"], "Enabled": True, **source.settings}
        says = f"{source.function} reads {source.arn} as it should ({'; '.join(wrong)})"
        yield Change(says, "lambda", "update_event_source_mapping", arguments)


def _removed(mapping: Mapping) -> Change:
    says = f"{function_of(mapping)} stops reading {mapping['EventSourceArn']}"
    return Change(says, "lambda", "delete_event_source_mapping", {"UUID": mapping["UUID"]})


def _as_wanted(have: Any, want: Any) -> bool:
    """Whether the mapping has every wanted setting; AWS may report others too."""
    if isinstance(want, dict):
        return isinstance(have, dict) and all(_as_wanted(have.get(key), value) for key, value in want.items())
    return bool(have == want)
