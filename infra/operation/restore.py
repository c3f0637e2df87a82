"""A stage's tables restored to a moment, beside the current ones. The application does not use them before the switch.

DynamoDB restores into new tables only, and without streams, recovery, protection or time to live of their own.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment.stage import DeployingError, Stage
from infra.deployment.stage_config import table_name
from infra.deployment.tables import declared_tables, is_forgetful

POLL_SECONDS = 15
ACTIVE = "ACTIVE"

Wait = Callable[[float], object]


class NotRestorableError(DeployingError):
    """The tables cannot be restored to that moment. The text names the remedy."""


def tables_of(stage: Stage, moment: datetime) -> str:
    """Return the prefix of the names of tables restored to this moment: always the same for one moment."""
    return f"{stage.stack}-{moment.astimezone(UTC):%Y%m%dt%H%M%S}"


def restorable_tables(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return the tables that can be restored, by the last part of their names, with their properties in the template."""
    return {name: said for name, said in declared_tables(stage).items() if "PointInTimeRecoverySpecification" in said}


def check_restorable(dynamodb: Any, stage: Stage, moment: datetime) -> None:
    """Raise NotRestorableError unless all tables can be restored to this moment."""
    for name in restorable_tables(stage):
        source = table_name(stage, name)
        backups = dynamodb.describe_continuous_backups(TableName=source)["ContinuousBackupsDescription"]
        reach = backups.get("PointInTimeRecoveryDescription", {})
        if reach.get("PointInTimeRecoveryStatus") != "ENABLED":
            raise NotRestorableError(
                f"{source} has no point-in-time recovery. python -m infra check --stage {stage.name} says how to switch it on."
            )
        first, last = reach["EarliestRestorableDateTime"], reach["LatestRestorableDateTime"]
        if not first <= moment <= last:
            raise NotRestorableError(
                f"{source} can be restored to any moment from {_written(first)} to {_written(last)}. Choose one: --to …"
            )


def restore(dynamodb: Any, stage: Stage, moment: datetime, *, wait: Wait) -> Iterator[str]:
    """Restore the tables, protected as the template says, and yield the progress. Repeating it continues an interrupted restore."""
    made = {f"{tables_of(stage, moment)}-{name}": said for name, said in restorable_tables(stage).items()}
    for target, name in zip(made, restorable_tables(stage), strict=True):
        if _status(dynamodb, target) is None:
            source = table_name(stage, name)
            dynamodb.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target, RestoreDateTime=moment)
            yield f"{target} is made from {source}"
    for target, said in made.items():
        yield f"Waiting for {target}"
        _await(dynamodb, target, wait)
        _protect(dynamodb, target, said, wait)
        yield f"{target} is there, protected"


def unusable_tables(dynamodb: Any, stage: Stage, tables: str) -> list[str]:
    """Return which of the tables whose names begin like this cannot be used: that are not there, or still being made."""
    return [f"{tables}-{name}" for name in restorable_tables(stage) if _status(dynamodb, f"{tables}-{name}") != ACTIVE]


def _protect(dynamodb: Any, target: str, said: dict[str, Any], wait: Wait) -> None:
    """Give the table the settings that a restore leaves out. Existing settings stay."""
    table = dynamodb.describe_table(TableName=target)["Table"]
    if "StreamSpecification" in said and not table.get("StreamSpecification", {}).get("StreamEnabled"):
        dynamodb.update_table(TableName=target, StreamSpecification={"StreamEnabled": True, **said["StreamSpecification"]})
        _await(dynamodb, target, wait)
    if not table.get("DeletionProtectionEnabled"):
        dynamodb.update_table(TableName=target, DeletionProtectionEnabled=True)
        _await(dynamodb, target, wait)
    dynamodb.update_continuous_backups(TableName=target, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    if "TimeToLiveSpecification" in said and not is_forgetful(dynamodb, target):
        dynamodb.update_time_to_live(TableName=target, TimeToLiveSpecification=said["TimeToLiveSpecification"])


def _await(dynamodb: Any, table: str, wait: Wait) -> None:
    while _status(dynamodb, table) != ACTIVE:
        wait(POLL_SECONDS)


def _status(dynamodb: Any, table: str) -> str | None:
    try:
        return str(dynamodb.describe_table(TableName=table)["Table"]["TableStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
