"""The bucket: private, encrypted, over TLS only, with expiry; each function has exactly the permissions that it needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.templates import resources

FOUND = resources("storage", "test")
BUCKET = FOUND["Imports"]["Properties"]


def test_the_bucket_is_not_public() -> None:
    assert set(BUCKET["PublicAccessBlockConfiguration"].values()) == {True}
    assert BUCKET["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = BUCKET["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_pages_of_any_origin_may_use_a_signed_link() -> None:
    (rule,) = BUCKET["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["*"]
    assert set(rule["AllowedMethods"]) == {"GET", "HEAD", "POST", "PUT"}


def test_requests_without_tls_are_refused() -> None:
    (statement,) = FOUND["OverTlsOnly"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_files_are_kept_for_thirty_days() -> None:
    (rule,) = BUCKET["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 30)


READ_AND_WRITE = {"s3:GetObject", "s3:PutObject"}
ALSO_DELETE = READ_AND_WRITE | {"s3:DeleteObject"}


@pytest.mark.parametrize(
    ("function", "of_files", "of_pictures"),
    [
        ("api", READ_AND_WRITE, ALSO_DELETE),
        ("jobs", ALSO_DELETE | {"s3:ListBucket"}, set()),
        ("messages", set(), set()),
        ("records", set(), set()),
        ("rosters", set(), ALSO_DELETE),
        ("schedules", set(), set()),
        ("webhooks", set(), set()),
    ],
)
def test_functions_have_the_bucket_permissions_that_they_need(function: str, of_files: set[str], of_pictures: set[str]) -> None:
    statements: list[Any] = json.loads(Path(f".chalice/policy-{function}.json").read_text())["Statement"]
    allowed = {(action, place) for one in statements for action in one["Action"] if action.startswith("s3:") for place in one["Resource"]}
    wanted = {(action, "${Bucket}" + ("" if action == "s3:ListBucket" else "/*")) for action in of_files}
    wanted |= {(action, "${Pictures}/*") for action in of_pictures}
    assert allowed == {(action, f"arn:aws:s3:::{place}") for action, place in wanted}
