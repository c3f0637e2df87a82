"""The tables as the template declares them, what of it DynamoDB does, and which tables a stage uses after a restore.

That choice is a tag of the stage's first table of rosters: it is the same for every computer, and outlives functions and stack.
"""

from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment.clients import client
from infra.deployment.stage import Stage
from infra.templates import resources

TAG = "tables"
MISSING = "ResourceNotFoundException"


def declared_tables(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return the properties of all tables in the template, by the last part of their names."""
    every = (definition["Properties"] for definition in resources("tables", stage.name).values())
    return {said["TableName"].removeprefix(f"{stage.stack}-"): said for said in every}


def is_forgetful(dynamodb: Any, table: str) -> bool:
    """Whether DynamoDB deletes expired rows of the table: time to live is on, or being switched on. A restored table starts without."""
    there = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return there["TimeToLiveStatus"] in {"ENABLED", "ENABLING"}


@cache
def chosen(stage: Stage) -> str:
    """Return the prefix of the tables that the stage was switched to; empty when it never was."""
    arn = _tagged(stage)
    if not arn:
        return ""
    pages = client("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}.get(TAG, "")


def choose(stage: Stage, tables: str) -> None:
    """Have the stage's commands use the tables with this prefix, on every computer. Functions learn of it by `wire`."""
    client("dynamodb").tag_resource(ResourceArn=_tagged(stage), Tags=[{"Key": TAG, "Value": tables}])
    chosen.cache_clear()


def _tagged(stage: Stage) -> str:
    """Return the ARN of the table that has the tag; empty before there is one."""
    try:
        return client("dynamodb").describe_table(TableName=f"{stage.stack}-rosters")["Table"]["TableArn"]
    except ClientError as error:
        if error.response["Error"]["Code"] == MISSING:
            return ""
        raise
