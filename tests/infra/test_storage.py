"""The bucket: private, encrypted, over TLS only, emptied by itself; and each function may do in it what it needs and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.templates import resources

FOUND = resources("storage", "test")
BUCKET = FOUND["Imports"]["Properties"]


def test_nobody_from_outside_gets_in() -> None:
    assert set(BUCKET["PublicAccessBlockConfiguration"].values()) == {True}
    assert BUCKET["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = BUCKET["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_what_is_not_encrypted_on_its_way_is_refused() -> None:
    (statement,) = FOUND["OverTlsOnly"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_files_are_kept_for_thirty_days() -> None:
    (rule,) = BUCKET["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 30)


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        ("api", {"s3:GetObject", "s3:PutObject"}),
        ("jobs", {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"}),
        ("messages", set()),
        ("rosters", set()),
        ("schedules", set()),
    ],
)
def test_functions_do_in_the_bucket_what_they_need(function: str, wanted: set[str]) -> None:
    statements: list[Any] = json.loads(Path(f".chalice/policy-{function}.json").read_text())["Statement"]
    allowed = [(action, one["Resource"]) for one in statements for action in one["Action"] if action.startswith("s3:")]
    assert {action for action, _ in allowed} == wanted
    for action, places in allowed:
        assert places == ["arn:aws:s3:::rollbook-*-imports-*" + ("" if action == "s3:ListBucket" else "/*")]
