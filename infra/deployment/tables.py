"""The tables as the template declares them, and what of it DynamoDB does."""

from typing import Any

from infra.deployment.stage import Stage
from infra.templates import resources


def declared_tables(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return the properties of all tables in the template, by the last part of their names."""
    every = (definition["Properties"] for definition in resources("tables", stage.name).values())
    return {said["TableName"].removeprefix(f"{stage.stack}-"): said for said in every}


def is_forgetful(dynamodb: Any, table: str) -> bool:
    """Whether DynamoDB deletes expired rows of the table: time to live is on, or being switched on. A restored table starts without."""
    there = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return there["TimeToLiveStatus"] in {"ENABLED", "ENABLING"}
