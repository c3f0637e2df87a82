"""Tables as they were stand beside those that are, protected and recounted, until the stage is switched to them, and back."""

from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.operations import organisations
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from infra.__main__ import main
from infra.commands import wire
from infra.deploying import configuring
from infra.deploying.stage import Stage
from infra.operating import restoring
from infra.operating.acting import act_as
from infra.operating.restoring import NotRestorableError, check_reach, kept, restore
from tests.messages.conftest import open_session, organisation

__all__ = ["open_session", "organisation"]
STAGE = Stage("test")
THEN = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
TABLES = "rollbook-test-20261122t113000"
RESTORE = ["restore", "--stage", "test", "--yes"]


@pytest.fixture
def backed_up(staged: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that can be restored to any moment of the last month. moto restores what is there now, whatever the moment."""
    usual = restoring.check_reach
    dynamodb = boto3.client("dynamodb")
    for name in kept(STAGE):
        dynamodb.update_continuous_backups(
            TableName=f"rollbook-test-{name}", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
    monkeypatch.setattr(restoring, "check_reach", lambda client, stage, moment: usual(Backups(client), stage, moment))


class Backups:
    """DynamoDB, whose backups reach from a month ago to five minutes before noon."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def describe_continuous_backups(self, **asked: Any) -> Any:
        answer = self._client.describe_continuous_backups(**asked)
        noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
        answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"] |= {
            "EarliestRestorableDateTime": noon - timedelta(days=35),
            "LatestRestorableDateTime": noon - timedelta(minutes=5),
        }
        return answer


@pytest.mark.usefixtures("backed_up")
def test_tables_are_made_beside_the_others_protected_and_recounted(
    open_session: Callable[..., Session], capsys: pytest.CaptureFixture[str]
) -> None:
    session = open_session()
    chunk = keys.chunk("demo", session.id, 0)
    requests.update(settings().rosters_table, chunk, "ADD spots :one", "attribute_exists(pk)", values={":one": {"N": "1"}})
    assert main([*RESTORE, "--to", "2026-11-22T12:30:00+01:00"]) == 0
    assert main([*RESTORE, "--to", "2026-11-22T11:30:00Z"]) == 0, "again: what is there is gone on with"
    said = capsys.readouterr().out
    assert "1 repaired" in said
    assert "0 repaired" in said
    assert f"--switch {TABLES}" in said
    dynamodb = boto3.client("dynamodb")
    for name, wanted in kept(STAGE).items():
        table = dynamodb.describe_table(TableName=f"{TABLES}-{name}")["Table"]
        backups = dynamodb.describe_continuous_backups(TableName=f"{TABLES}-{name}")["ContinuousBackupsDescription"]
        assert table["DeletionProtectionEnabled"]
        assert ("LatestStreamArn" in table) == ("StreamSpecification" in wanted)
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        assert [index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])] == [
            index["IndexName"] for index in wanted.get("GlobalSecondaryIndexes", [])
        ]
    act_as(STAGE)
    assert settings().rosters_table == "rollbook-test-rosters", "nobody uses them yet"


@pytest.mark.usefixtures("backed_up")
def test_the_stage_is_switched_and_back(organisation: object, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    wired: list[str] = []

    def note(asked: Namespace) -> int:
        wired.append(configuring.stream(Stage(asked.stage), "rosters"))
        return 0

    monkeypatch.setattr(wire, "run", note)
    main([*RESTORE, "--to", "2026-11-22T11:30:00Z"])
    act_as(STAGE)
    organisations.create("later", "Later", now=now)

    assert main([*RESTORE, "--switch", TABLES]) == 0
    act_as(STAGE)
    assert (settings().rosters_table, settings().memory_table) == (f"{TABLES}-rosters", "rollbook-test-memory")
    assert organisations.read("demo")
    with pytest.raises(NotFound):
        organisations.read("later")
    assert main([*RESTORE, "--switch", "rollbook-test"]) == 0
    act_as(STAGE)
    assert organisations.read("later")
    assert [TABLES in arn for arn in wired] == [True, False], "the functions are to read the streams of the tables that they write"


@pytest.mark.usefixtures("backed_up")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--to", "2026-11-22T11:58:00Z"], "from 2026-10-18T12:00:00Z to 2026-11-22T11:55:00Z"),
        (["--to", "2025-11-22T11:58:00Z"], "from 2026-10-18T12:00:00Z to 2026-11-22T11:55:00Z"),
        (["--to", "yesterday"], "Write the time as 2026-11-24T16:00:00Z"),
        (["--to", "2026-11-22T11:58:00"], "with its offset"),
        (["--switch", "rollbook-test-1"], "rollbook-test-1-rosters"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(asked: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RESTORE, *asked]) == 1
    assert said in capsys.readouterr().err
    assert len(boto3.client("dynamodb").list_tables()["TableNames"]) == 5


@pytest.mark.usefixtures("staged")
def test_tables_without_recovery_cannot_be_restored() -> None:
    boto3.client("dynamodb").update_continuous_backups(
        TableName="rollbook-test-rosters", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    with pytest.raises(NotRestorableError, match="no point-in-time recovery"):
        check_reach(boto3.client("dynamodb"), STAGE, THEN)


class Slow:
    """DynamoDB that takes its time: a table is there when it was asked for three times, and is busy after each change."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.done: list[str] = []

    def describe_table(self, *, TableName: str) -> Any:  # noqa: N803 - as boto3 has it
        if TableName not in self.asked:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "DescribeTable")
        self.asked[TableName] += 1
        return {"Table": {"TableStatus": "ACTIVE" if self.asked[TableName] > 3 else "CREATING"}}

    def restore_table_to_point_in_time(self, *, TargetTableName: str, **_: Any) -> None:  # noqa: N803
        self.asked[TargetTableName] = 0

    def update_table(self, *, TableName: str, **change: Any) -> None:  # noqa: N803
        assert self.asked[TableName] > 3, "DynamoDB refuses a change while another is under way"
        self.asked[TableName] = 0
        self.done.append(f"{TableName.rpartition('-')[2]} {' '.join(change)}")

    def update_continuous_backups(self, *, TableName: str, **_: Any) -> None:  # noqa: N803
        self.done.append(f"{TableName.rpartition('-')[2]} recovery")


def test_a_table_is_changed_only_when_it_is_there_and_one_change_at_a_time() -> None:
    dynamodb, waited = Slow(), list[float]()
    list(restore(dynamodb, STAGE, THEN, wait=waited.append))
    assert dynamodb.done[:3] == ["rosters StreamSpecification", "rosters DeletionProtectionEnabled", "rosters recovery"]
    assert [line for line in dynamodb.done if line.startswith("codes")] == ["codes DeletionProtectionEnabled", "codes recovery"]
    assert set(waited) == {restoring.POLL_SECONDS}


def test_only_asking_changes_nothing(staged: None, backed_up: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "--stage", "test", "--plan", "--to", "2026-11-22T11:30:00Z"]) == 0
    assert f"{TABLES}-rosters" in capsys.readouterr().out
    assert len(boto3.client("dynamodb").list_tables()["TableNames"]) == 5
