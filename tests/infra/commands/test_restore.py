"""Restored tables are created beside the present ones, protected and reconciled; then the stage is switched to them, and back."""

from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.config import config
from chalicelib.operations import organisations
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb as dynamodb_table
from chalicelib.tables import keys
from chalicelib.tables.conditions import THERE, Update
from infra.__main__ import main
from infra.commands import wire
from infra.deployment import stage_config
from infra.deployment.stage import Stage
from infra.deployment.tables import is_forgetful
from infra.operation import restore as restore_module
from infra.operation.environment import use_environment_of
from infra.operation.restore import NotRestorableError, check_restorable, restorable_tables, restore
from tests.operations.conftest import open_session, organisation

__all__ = ["open_session", "organisation"]
STAGE = Stage("test")
THEN = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
TABLES = "rollbook-test-20261122t113000"
RESTORE = ["restore", "--stage", "test", "--yes"]


@pytest.fixture
def backed_up(staged: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that can be restored to any time of the last 35 days. moto restores the present data, whatever the requested time."""
    usual = restore_module.check_restorable
    dynamodb = boto3.client("dynamodb")
    for name in restorable_tables(STAGE):
        dynamodb.update_continuous_backups(
            TableName=f"rollbook-test-{name}", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
    monkeypatch.setattr(restore_module, "check_restorable", lambda client, stage, moment: usual(Backups(client), stage, moment))


class Backups:
    """DynamoDB with backups from 35 days ago to five minutes before noon."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def describe_continuous_backups(self, **parameters: Any) -> Any:
        response = self._client.describe_continuous_backups(**parameters)
        noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
        response["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"] |= {
            "EarliestRestorableDateTime": noon - timedelta(days=35),
            "LatestRestorableDateTime": noon - timedelta(minutes=5),
        }
        return response


@pytest.mark.usefixtures("backed_up")
def test_restored_tables_are_created_protected_and_reconciled(
    open_session: Callable[..., Session], capsys: pytest.CaptureFixture[str]
) -> None:
    session = open_session()
    chunk = keys.chunk("demo", session.id, 0)
    dynamodb_table.update(config().rosters_table, chunk, Update().add(spots=1), THERE)
    assert main([*RESTORE, "--to", "2026-11-22T12:30:00+01:00"]) == 0
    assert main([*RESTORE, "--to", "2026-11-22T11:30:00Z"]) == 0, "a second run continues with the tables that exist"
    said = capsys.readouterr().out
    assert "1 repaired" in said
    assert "0 repaired" in said
    assert f"--switch {TABLES}" in said
    dynamodb = boto3.client("dynamodb")
    for name, wanted in restorable_tables(STAGE).items():
        table = dynamodb.describe_table(TableName=f"{TABLES}-{name}")["Table"]
        backups = dynamodb.describe_continuous_backups(TableName=f"{TABLES}-{name}")["ContinuousBackupsDescription"]
        assert table["DeletionProtectionEnabled"]
        assert ("LatestStreamArn" in table) == ("StreamSpecification" in wanted)
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        assert is_forgetful(dynamodb, f"{TABLES}-{name}") == ("TimeToLiveSpecification" in wanted)
        assert [index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])] == [
            index["IndexName"] for index in wanted.get("GlobalSecondaryIndexes", [])
        ]
    use_environment_of(STAGE)
    assert config().rosters_table == "rollbook-test-rosters", "the stage still uses the present tables"


@pytest.mark.usefixtures("backed_up")
def test_the_stage_is_switched_and_back(organisation: object, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    wired: list[str] = []

    def note(namespace: Namespace) -> int:
        wired.append(stage_config.stream(Stage(namespace.stage), "rosters"))
        return 0

    monkeypatch.setattr(wire, "run", note)
    main([*RESTORE, "--to", "2026-11-22T11:30:00Z"])
    use_environment_of(STAGE)
    organisations.create("later", "Later", now=now)

    assert main([*RESTORE, "--switch", TABLES]) == 0
    use_environment_of(STAGE)
    assert (config().rosters_table, config().memory_table) == (f"{TABLES}-rosters", "rollbook-test-memory")
    assert organisations.read("demo")
    with pytest.raises(NotFound):
        organisations.read("later")
    assert main([*RESTORE, "--switch", "rollbook-test"]) == 0
    use_environment_of(STAGE)
    assert organisations.read("later")
    assert [TABLES in arn for arn in wired] == [True, False], "the functions must read the streams of the tables that they write"


@pytest.mark.usefixtures("backed_up")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "2026-11-22T11:58:00Z"], "from 2026-10-18T12:00:00Z to 2026-11-22T11:55:00Z"),
        (["--to", "2025-11-22T11:58:00Z"], "from 2026-10-18T12:00:00Z to 2026-11-22T11:55:00Z"),
        (["--to", "yesterday"], "Write the time as 2026-11-24T16:00:00Z"),
        (["--to", "2026-11-22T11:58:00"], "with its offset"),
        (["--switch", "rollbook-test-1"], "rollbook-test-1-rosters"),
    ],
)
def test_an_impossible_time_is_refused_with_the_possible_ones(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RESTORE, *arguments]) == 1
    assert said in capsys.readouterr().err
    assert len(boto3.client("dynamodb").list_tables()["TableNames"]) == 5


@pytest.mark.usefixtures("staged")
def test_tables_without_recovery_cannot_be_restored() -> None:
    boto3.client("dynamodb").update_continuous_backups(
        TableName="rollbook-test-rosters", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    with pytest.raises(NotRestorableError, match="no point-in-time recovery"):
        check_restorable(boto3.client("dynamodb"), STAGE, THEN)


class Slow:
    """A slow DynamoDB: a table exists at the third request, and is busy after each change."""

    def __init__(self) -> None:
        self.described: dict[str, int] = {}
        self.done: list[str] = []

    def describe_table(self, *, TableName: str) -> Any:  # noqa: N803 - as boto3 has it
        if TableName not in self.described:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "DescribeTable")
        self.described[TableName] += 1
        return {"Table": {"TableStatus": "ACTIVE" if self.described[TableName] > 3 else "CREATING"}}

    def restore_table_to_point_in_time(self, *, TargetTableName: str, **_: Any) -> None:  # noqa: N803
        self.described[TargetTableName] = 0

    def update_table(self, *, TableName: str, **change: Any) -> None:  # noqa: N803
        assert self.described[TableName] > 3, "DynamoDB refuses a change while another is under way"
        self.described[TableName] = 0
        self.done.append(f"{TableName.rpartition('-')[2]} {' '.join(change)}")

    def update_continuous_backups(self, *, TableName: str, **_: Any) -> None:  # noqa: N803
        self.done.append(f"{TableName.rpartition('-')[2]} recovery")

    def describe_time_to_live(self, **_: Any) -> Any:
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}

    def update_time_to_live(self, *, TableName: str, **_: Any) -> None:  # noqa: N803
        self.done.append(f"{TableName.rpartition('-')[2]} time to live")


@pytest.mark.usefixtures("staged")
def test_a_table_is_changed_once_it_is_active_and_one_change_at_a_time() -> None:
    dynamodb, waited = Slow(), list[float]()
    list(restore(dynamodb, STAGE, THEN, wait=waited.append))
    assert dynamodb.done[:3] == ["rosters StreamSpecification", "rosters DeletionProtectionEnabled", "rosters recovery"]
    assert [line for line in dynamodb.done if line.startswith("records")][-2:] == ["records recovery", "records time to live"]
    assert [line for line in dynamodb.done if line.startswith("codes")] == ["codes DeletionProtectionEnabled", "codes recovery"]
    assert set(waited) == {restore_module.POLL_SECONDS}


def test_a_dry_run_changes_nothing(staged: None, backed_up: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "--stage", "test", "--plan", "--to", "2026-11-22T11:30:00Z"]) == 0
    assert f"{TABLES}-rosters" in capsys.readouterr().out
    assert len(boto3.client("dynamodb").list_tables()["TableNames"]) == 5
