"""The permissions of the functions' roles, tried with each role's credentials: forbidden operations are refused."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.deployment.stage import API, HANDLERS
from infra.rehearsal.aws import ACCOUNT
from infra.templates import create_bucket, create_queues, create_tables
from tests.live.deployed.deployment import SENDER, STAGE, Deployment

pytestmark = pytest.mark.live
OTHER = "other"
MAILER = "on_messages"
TABLES = ("rosters", "records", "messages", "codes", "memory")
ROW = {"pk": {"S": "x"}, "sk": {"S": "x"}}
FORGETS = ("on_jobs", "memory")
"""An erasure also scans the memory table, whose rows expire."""


@pytest.mark.parametrize("handler", HANDLERS)
def test_operations_forbidden_to_every_role(deployed: Deployment, handler: str) -> None:
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


@pytest.mark.parametrize("handler", HANDLERS)
def test_another_stage_is_out_of_reach(deployed: Deployment, another_stage: None, handler: str) -> None:
    client = acting_as(deployed, handler)
    attempts = [*attempts_on_tables(client), *attempts_on_the_rest(client)]
    assert [name for name, attempt in attempts if not refused(attempt)] == []


@pytest.mark.parametrize("handler", HANDLERS)
def test_only_the_api_and_jobs_read_the_stripe_keys(deployed: Deployment, handler: str) -> None:
    dynamodb, table = acting_as(deployed, handler)("dynamodb"), f"rollbook-{STAGE}-records"
    row = {"pk": {"S": "demo#stripe"}, "sk": {"S": "KEYS"}}
    other = {"pk": {"S": "demo"}, "sk": {"S": "ORGANISATION"}}
    attempts = {
        "get": partial(dynamodb.get_item, TableName=table, Key=row),
        "batch": partial(dynamodb.batch_get_item, RequestItems={table: {"Keys": [other, row]}}),
        "query": partial(dynamodb.query, TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": row["pk"]}),
    }
    assert [name for name, attempt in attempts.items() if refused(attempt)] == ([] if handler in {API, "on_jobs"} else [*attempts])


def test_other_rows_of_that_table_are_read(deployed: Deployment) -> None:
    dynamodb = acting_as(deployed, "on_rosters")("dynamodb")
    assert not refused(dynamodb.get_item, TableName=f"rollbook-{STAGE}-records", Key={"pk": {"S": "demo"}, "sk": {"S": "ORGANISATION"}})


@pytest.fixture(scope="module")
def another_stage(deployed: Deployment) -> None:
    """What another stage of the same account has: its tables, secret, bucket and queue, and a user pool of nobody's."""
    client = deployed.aws.client
    create_tables(client("dynamodb"), OTHER)
    create_queues(client("sqs"), OTHER)
    create_bucket(client("s3"), OTHER, account=ACCOUNT)
    create_bucket(client("s3"), OTHER, account=ACCOUNT, logical="Pictures")
    client("secretsmanager").create_secret(Name=f"rollbook-{OTHER}-link-key", SecretString="theirs")


def attempts_on_tables(client: Callable[[str], Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    dynamodb = client("dynamodb")
    for table in (f"rollbook-{OTHER}-{table}" for table in TABLES):
        key = {"pk": {"S": "x"}} | ({} if table.endswith(("memory", "codes", "messages")) else {"sk": {"S": "x"}})
        query = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "x"}}}
        yield f"get {table}", partial(dynamodb.get_item, TableName=table, Key=key)
        yield f"batch {table}", partial(dynamodb.batch_get_item, RequestItems={table: {"Keys": [key]}})
        yield f"query {table}", partial(dynamodb.query, TableName=table, **query)
        yield f"scan {table}", partial(dynamodb.scan, TableName=table)
        yield f"put {table}", partial(dynamodb.put_item, TableName=table, Item=key)
        yield f"update {table}", partial(dynamodb.update_item, TableName=table, Key=key)
        yield f"delete {table}", partial(dynamodb.delete_item, TableName=table, Key=key)
        yield f"transact {table}", partial(dynamodb.transact_write_items, TransactItems=[{"Put": {"TableName": table, "Item": key}}])


def attempts_on_the_rest(client: Callable[[str], Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    bucket, queue = f"rollbook-{OTHER}-imports-{ACCOUNT}", f"http://sqs/{ACCOUNT}/rollbook-{OTHER}-jobs"
    pictures = f"rollbook-{OTHER}-pictures-{ACCOUNT}"
    s3, cognito = client("s3"), client("cognito-idp")
    yield "secret", partial(client("secretsmanager").get_secret_value, SecretId=f"rollbook-{OTHER}-link-key")
    yield "read a file", partial(s3.get_object, Bucket=bucket, Key="x")
    yield "write a file", partial(s3.put_object, Bucket=bucket, Key="x", Body=b"x")
    yield "delete a file", partial(s3.delete_object, Bucket=bucket, Key="x")
    yield "read a picture", partial(s3.get_object, Bucket=pictures, Key="x")
    yield "write a picture", partial(s3.put_object, Bucket=pictures, Key="x", Body=b"x")
    yield "delete a picture", partial(s3.delete_object, Bucket=pictures, Key="x")
    yield "list files", partial(s3.list_objects_v2, Bucket=bucket)
    yield "wake a job", partial(client("sqs").send_message, QueueUrl=queue, MessageBody="x")
    user = {"UserPoolId": "eu-central-1_Foreign00", "Username": "x"}
    yield "read a user", partial(cognito.admin_get_user, **user)
    yield "delete a user", partial(cognito.admin_delete_user, **user)
    yield "set a password", partial(cognito.admin_set_user_password, Password="Correct-horse-9", **user)
    yield "send", partial(send, client, sender="a@example.com")


def acting_as(deployed: Deployment, handler: str) -> Callable[[str], Any]:
    """Return a factory of clients with the credentials of a function's role. The test lets itself assume the role."""
    role, iam = f"rollbook-{STAGE}-{handler}", deployed.aws.client("iam")
    trusting = {"Effect": "Allow", "Principal": {"AWS": "*", "Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trusting]}))
    given = deployed.aws.client("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="a-test")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], deployed.aws.environment["AWS_REGION"])
    return lambda service: session.client(service, endpoint_url=deployed.aws.endpoint)  # type: ignore[call-overload]


def send(client: Callable[[str], Any], sender: str = SENDER) -> None:
    text = {"Simple": {"Subject": {"Data": "A test"}, "Body": {"Text": {"Data": "of rights"}}}}
    client("sesv2").send_email(FromEmailAddress=sender, Destination={"ToAddresses": ["ana@example.org"]}, Content=text)


def refused(do: Callable[..., Any], *given: Any, **parameters: Any) -> bool:
    """Return whether the call is refused for lack of permission; any other error is not a refusal."""
    try:
        do(*given, **parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
    return False
