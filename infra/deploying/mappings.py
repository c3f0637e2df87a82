"""What Lambda reads for which function: by the ARN of its source, with everything that Chalice does not set."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3

from chalicelib.tables import keys
from infra.deploying import configuring
from infra.deploying.changes import Change
from infra.deploying.stage import Stage

WRITTEN = ["INSERT", "MODIFY"]
ON_THE_ROSTER = [{"prefix": f"{floor}#"} for floor in range(int(keys.ROSTER_AND_BELOW))]
ROSTERS = {"eventName": WRITTEN, "dynamodb": {"Keys": {"sk": {"S": ON_THE_ROSTER}}}}
"""All that events/rosters.py follows: what lies above only keeps addresses and participants unique."""
MESSAGES = {"eventName": WRITTEN, "dynamodb": {"NewImage": {"state": {"S": [{"anything-but": ["sending"]}]}}}}
"""All that events/messages.py follows: that an attempt has begun is written for others who might attempt it."""
PARTIAL = ["ReportBatchItemFailures"]
ALIVE = {"Enabled", "Enabling", "Creating", "Updating"}
HALF_A_DAY = 12 * 60 * 60

Mapping = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """What a function reads, and how."""

    function: str
    arn: str
    settings: dict[str, Any]

    @property
    def is_stream(self) -> bool:
        return ":dynamodb:" in self.arn


def wanted(stage: Stage, outputs: dict[str, str]) -> list[Source]:
    """Return what the stage's functions must read: the streams of the tables as they are now, and the queue."""
    failed = outputs["FailedRecordsQueueArn"]
    return [
        Source(stage.function("on_rosters"), configuring.stream(stage, "rosters"), stream_settings(ROSTERS, failed)),
        Source(stage.function("on_messages"), configuring.stream(stage, "messages"), stream_settings(MESSAGES, failed)),
        Source(stage.function("on_jobs"), outputs["JobsQueueArn"], {"BatchSize": 1, "FunctionResponseTypes": PARTIAL}),
    ]


def stream_settings(pattern: dict[str, Any], failed: str) -> dict[str, Any]:
    return {
        "BatchSize": 100,
        "FunctionResponseTypes": PARTIAL,
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 5,
        "MaximumRecordAgeInSeconds": HALF_A_DAY,
        "DestinationConfig": {"OnFailure": {"Destination": failed}},
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern, sort_keys=True)}]},
    }


def existing(stage: Stage) -> list[Mapping]:
    """Return the mappings of the stage's functions."""
    pages = boto3.client("lambda").get_paginator("list_event_source_mappings")
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
    """Return what is wrong with a mapping, in words."""
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
    """Whether everything that is wanted is there; AWS may say more."""
    if isinstance(want, dict):
        return isinstance(have, dict) and all(_as_wanted(have.get(key), value) for key, value in want.items())
    return bool(have == want)
