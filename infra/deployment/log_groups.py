"""The log groups of the stage, which are kept for a month."""

from collections.abc import Iterable, Mapping

from infra.deployment.changes import Change
from infra.deployment.clients import client

LOG_DAYS = 30


def existing(*prefixes: str) -> dict[str, int | None]:
    """Return the days for which each group of these prefixes is kept, None for ever. What never wrote a line has no group."""
    paginator = client("logs").get_paginator("describe_log_groups")
    pages = (page for prefix in prefixes for page in paginator.paginate(logGroupNamePrefix=prefix))
    return {group["logGroupName"]: group.get("retentionInDays") for page in pages for group in page["logGroups"]}


def plan(groups: Iterable[str], have: Mapping[str, int | None]) -> list[Change]:
    """Return the changes that keep every group for a month, also a group without a line so far."""
    return [change for group in groups for change in _plan(group, have)]


def _plan(group: str, have: Mapping[str, int | None]) -> list[Change]:
    kept = Change(f"{group} keeps {LOG_DAYS} days", "logs", "put_retention_policy", {"logGroupName": group, "retentionInDays": LOG_DAYS})
    if group not in have:
        return [Change(f"{group} is made", "logs", "create_log_group", {"logGroupName": group}), kept]
    return [] if have[group] == LOG_DAYS else [kept]
