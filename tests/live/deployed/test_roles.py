"""What the functions' roles may do, asked of the stand-in with each role's own credentials: what must not be, is refused."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.deploying.stage import HANDLERS
from infra.rehearsal.aws import ACCOUNT
from tests.live.deployed.deployment import SENDER, STAGE, Deployment

pytestmark = pytest.mark.live
MAILER = "on_messages"
TABLES = ("rosters", "records", "messages", "codes", "memory")
ROW = {"pk": {"S": "x"}, "sk": {"S": "x"}}
FORGETS = ("on_jobs", "memory")
"""Whoever is forgotten is also looked for in what is only kept for a while."""


@pytest.mark.parametrize("handler", HANDLERS)
def test_what_no_role_may(deployed: Deployment, handler: str) -> None:
    client = acting_as(deployed, handler)
    dynamodb = client("dynamodb")
    for table in TABLES:
        name = f"rollbook-{STAGE}-{table}"
        assert refused(dynamodb.delete_table, TableName=name), table
        assert (handler, table) == FORGETS or refused(dynamodb.scan, TableName=name), table
    assert handler == MAILER or refused(send, client)


def test_the_mailer_may_send_and_writes_to_no_ledger(deployed: Deployment) -> None:
    client = acting_as(deployed, MAILER)
    assert not refused(send, client)
    dynamodb, table = client("dynamodb"), f"rollbook-{STAGE}-rosters"
    assert refused(dynamodb.put_item, TableName=table, Item=ROW)
    assert refused(dynamodb.update_item, TableName=table, Key=ROW)
    assert refused(dynamodb.delete_item, TableName=table, Key=ROW)
    assert refused(dynamodb.transact_write_items, TransactItems=[{"Put": {"TableName": table, "Item": ROW}}])


def acting_as(deployed: Deployment, handler: str) -> Callable[[str], Any]:
    """Return what makes clients with the credentials of a function's role. For the test its role may be assumed by hand."""
    role, iam = f"rollbook-{STAGE}-{handler}", deployed.aws.client("iam")
    trusting = {"Effect": "Allow", "Principal": {"AWS": "*", "Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trusting]}))
    given = deployed.aws.client("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="a-test")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], deployed.aws.environment["AWS_REGION"])
    return lambda service: session.client(service, endpoint_url=deployed.aws.endpoint)  # type: ignore[call-overload]


def send(client: Callable[[str], Any]) -> None:
    text = {"Simple": {"Subject": {"Data": "A test"}, "Body": {"Text": {"Data": "of rights"}}}}
    client("sesv2").send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": ["ana@example.org"]}, Content=text)


def refused(do: Callable[..., Any], *given: Any, **asked: Any) -> bool:
    """Whether it is refused for want of permission; any other fault is none."""
    try:
        do(*given, **asked)
    except ClientError as error:
        return error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
    return False
