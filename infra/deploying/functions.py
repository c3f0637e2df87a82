"""The stage's functions: which there are, their environment, their log groups."""

from collections.abc import Iterable
from typing import Any

import boto3

from infra.deploying.changes import Change
from infra.deploying.configuring import Environment
from infra.deploying.stage import Stage

LOG_DAYS = 30


def existing(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return the configurations of the functions that are there, by their names."""
    ours = set(stage.functions.values())
    pages = boto3.client("lambda").get_paginator("list_functions").paginate()
    found = [dict(function) for page in pages for function in page["Functions"]]
    return {function["FunctionName"]: function for function in found if function["FunctionName"] in ours}


def environments(have: dict[str, dict[str, Any]], want: Environment) -> list[Change]:
    """Return what gives every function this environment."""
    return [
        Change(
            f"{name} learns {', '.join(sorted(key for key in want.keys() | given.keys() if want.get(key) != given.get(key)))}",
            "lambda",
            "update_function_configuration",
            {"FunctionName": name, "Environment": {"Variables": want}},
        )
        for name, configuration in have.items()
        if (given := configuration.get("Environment", {}).get("Variables", {})) != want
    ]


def log_groups(names: Iterable[str]) -> dict[str, int | None]:
    """Return the days for which each function's log is kept, None for ever. Functions that never ran have no log."""
    pages = boto3.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/lambda/rollbook-")
    found = {group["logGroupName"]: group.get("retentionInDays") for page in pages for group in page["logGroups"]}
    return {name: found[log_group(name)] for name in names if log_group(name) in found}


def retentions(names: Iterable[str], have: dict[str, int | None]) -> list[Change]:
    """Return what makes every function keep its log for a month, also one that has yet to write its first line."""
    return [change for name in names for change in _retention(name, have)]


def log_group(function: str) -> str:
    return f"/aws/lambda/{function}"


def _retention(name: str, have: dict[str, int | None]) -> list[Change]:
    group = log_group(name)
    kept = Change(f"{group} keeps {LOG_DAYS} days", "logs", "put_retention_policy", {"logGroupName": group, "retentionInDays": LOG_DAYS})
    if name not in have:
        return [Change(f"{group} is made", "logs", "create_log_group", {"logGroupName": group}), kept]
    return [] if have[name] == LOG_DAYS else [kept]
