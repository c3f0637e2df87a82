"""The command `stack` on the stand-in for AWS: a first stack that fails, a stack that was deleted, and an identity that SES has already."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.__main__ import main
from infra.deployment import compose, stacks, stage_config
from infra.deployment import stage as stage_module
from infra.deployment.compose import Template
from infra.deployment.stage import Stage
from infra.rehearsal.aws import ACCOUNT, Aws, running

pytestmark = pytest.mark.live
STAGE = Stage("first")
SENDER = "Sender=rollbook@example.org"
TABLE = f"{STAGE.stack}-records"
ROW = {"pk": {"S": "demo"}, "sk": {"S": "ORGANISATION"}}


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """The stand-in, without anything in it, for this process too."""
    config = tmp_path / "config.json"
    config.write_text('{"stages": {}}')
    monkeypatch.setattr(stage_config, "CONFIG", config)
    monkeypatch.setattr(stage_module, "CHALICE", tmp_path)
    monkeypatch.setattr(stacks, "POLL_SECONDS", 1)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # It keeps the credentials of the first client, and with them the account.
    with running(tmp_path / "aws") as aws:
        for name, value in aws.environment.items():
            monkeypatch.setenv(name, value)
        yield aws


def stack(*words: str) -> int:
    return main(["stack", "--stage", STAGE.name, "--yes", *(part for word in words for part in ("--set", word))])


def delete_stack(aws: Aws) -> None:
    cloudformation = aws.client("cloudformation")
    cloudformation.update_termination_protection(EnableTerminationProtection=False, StackName=STAGE.stack)
    cloudformation.delete_stack(StackName=STAGE.stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STAGE.stack, WaiterConfig={"Delay": 1})


def kept(aws: Aws) -> dict[str, Any]:
    """Return what must be the same after all: the accounts, the key, a row, and the bucket."""
    pools = aws.client("cognito-idp").list_user_pools(MaxResults=9)["UserPools"]
    return {
        "pools": [pool["Id"] for pool in pools],
        "key": aws.client("secretsmanager").get_secret_value(SecretId=f"{STAGE.stack}-link-key")["SecretString"],
        "row": aws.client("dynamodb").get_item(TableName=TABLE, Key=ROW).get("Item"),
        "buckets": sorted(bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]),
    }


def test_a_first_stack_that_fails_is_deleted_and_made_again(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    said = (SENDER, "SenderIdentity=example.org")
    assert stack(*said, "Domain=book.example.org", "Certificate=arn:aws:acm:eu-central-1:1:certificate/pending") == 1
    assert "Address: The certificate is not issued" in capsys.readouterr().err
    assert TABLE in aws.client("dynamodb").list_tables()["TableNames"], "what is retained survives the rollback"
    before = kept(aws)

    assert stack(*said) == 1
    assert f"aws cloudformation delete-stack --stack-name {STAGE.stack}" in capsys.readouterr().err
    delete_stack(aws)
    assert stack(*said) == 0, "by the same words, though SES has kept the identity"
    assert kept(aws) == before
    assert stage_config.configured(STAGE)["ROLLBOOK_USER_POOL"] == before["pools"][0]
    assert stack() == 0
    assert "nothing to change" in capsys.readouterr().out


def test_a_stack_that_was_deleted_comes_back_with_what_was_in_it(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack(SENDER) == 0
    aws.client("dynamodb").put_item(TableName=TABLE, Item=ROW)
    before = kept(aws)
    delete_stack(aws)
    assert main(["stack", "--stage", STAGE.name, "--plan"]) == 0
    assert "Import Users (AWS::Cognito::UserPool)" in capsys.readouterr().out
    assert stack(SENDER) == 0
    assert "Import Records (AWS::DynamoDB::Table)" in capsys.readouterr().out
    assert kept(aws) == before == {**before, "row": ROW}
    assert before["buckets"] == [f"{STAGE.stack}-imports-{ACCOUNT}", f"{STAGE.stack}-pictures-{ACCOUNT}"]


def test_an_identity_that_ses_has_already_is_left_out(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.client("sesv2").create_email_identity(EmailIdentity="example.org")
    assert stack(SENDER, "SenderIdentity=example.org") == 0
    assert "SenderIdentity is left out" in capsys.readouterr().out
    assert stack("SenderIdentity=other.example.org") == 0
    assert stack("SenderIdentity=other.example.org") == 0, "its own identity is no obstacle"
    assert "left out" not in capsys.readouterr().out


def test_a_plan_has_what_its_parameters_ask_for(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    """The firewall and the domain are no part of a stack without them, and come and go with their parameters."""
    assert stack(SENDER) == 0
    first = capsys.readouterr().out
    assert "Records (AWS::DynamoDB::Table)" in first
    assert [kind for kind in ("AWS::WAFv2::WebACL", "AWS::ApiGateway::DomainName", "AWS::SES::EmailIdentity") if kind in first] == []
    assert main(["stack", "--stage", STAGE.name, "--plan", "--set", "Firewall=on"]) == 0
    planned = capsys.readouterr().out
    assert "Add Wall (AWS::WAFv2::WebACL)" in planned
    assert "Records (AWS::DynamoDB::Table)" not in planned


def test_a_bucket_of_a_newer_version_outlives_going_back_to_one_without_it(
    aws: Aws, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stack(SENDER) == 0
    bucket, newer = f"{STAGE.stack}-pictures-{ACCOUNT}", compose.composed
    aws.client("s3").put_object(Bucket=bucket, Key="demo/logo", Body=b"logo")
    monkeypatch.setattr(compose, "composed", lambda *stage: _without_pictures(newer(*stage)))
    going_back = stacks.propose(STAGE, ACCOUNT, {})
    assert "Remove Pictures (AWS::S3::Bucket)  <<< replaces or removes what is there" in going_back.changes
    stacks.execute(STAGE, going_back)
    monkeypatch.setattr(compose, "composed", newer)
    assert stack() == 0
    assert "Import Pictures (AWS::S3::Bucket)" in capsys.readouterr().out
    assert aws.client("s3").get_object(Bucket=bucket, Key="demo/logo")["Body"].read() == b"logo"


def _without_pictures(template: Template) -> Template:
    resources = {name: one for name, one in template["Resources"].items() if "Pictures" not in name}
    outputs = {name: one for name, one in template["Outputs"].items() if "Pictures" not in name}
    return {**template, "Resources": resources, "Outputs": outputs}
