"""The AWS resources of the local stack: endpoints, tables, queues, bucket and sign-in, created from the templates of a deployment."""

import os
from typing import Any, NamedTuple

import boto3
from botocore.config import Config

from infra import templates
from infra.local.state import StackState

STAGE = "local"
REGION = "eu-central-1"
ACCOUNT = "210987654321"
"""Also the access key: the emulator takes twelve digits for the account."""
RETRYING = Config(connect_timeout=2, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 5})


def configure_clients(*, dynamodb: str, emulator: str, mailbox: str) -> None:
    """Point every AWS client of this process at the local stack, with credentials that are valid nowhere else."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        AWS_ACCESS_KEY_ID=ACCOUNT,
        AWS_SECRET_ACCESS_KEY="test",  # The emulator checks links into the bucket with this one.
        AWS_REGION=REGION,
        AWS_DEFAULT_REGION=REGION,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_ENDPOINT_URL_DYNAMODB=dynamodb,
        AWS_ENDPOINT_URL_DYNAMODB_STREAMS=dynamodb,
        AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=emulator,
        AWS_ENDPOINT_URL_SQS=emulator,
        AWS_ENDPOINT_URL_S3=emulator,
        AWS_ENDPOINT_URL_SESV2=mailbox,
        ROLLBOOK_MAILBOX_URL=mailbox,
        NO_PROXY="127.0.0.1,localhost",
        no_proxy="127.0.0.1,localhost",
    )


class CreatedResources(NamedTuple):
    """The names that AWS has chosen."""

    jobs_queue: str
    webhooks_queue: str
    imports_bucket: str
    pictures_bucket: str


def configure_application(state: StackState, *, public_url: str, issuer: str, found: CreatedResources) -> None:
    """Give the application its settings."""
    os.environ.update(
        ROLLBOOK_STAGE=STAGE,
        ROLLBOOK_PUBLIC_URL=public_url,
        ROLLBOOK_SENDER="rollbook@local.test",
        ROLLBOOK_LINK_KEY=state.link_key,
        ROLLBOOK_USER_POOL=state.user_pool,
        ROLLBOOK_USER_POOL_CLIENT=state.user_pool_client,
        ROLLBOOK_TOKEN_ISSUER=issuer,
        ROLLBOOK_CONFIGURATION_SET="",
        ROLLBOOK_JOBS_QUEUE=found.jobs_queue,
        ROLLBOOK_WEBHOOKS_QUEUE=found.webhooks_queue,
        ROLLBOOK_IMPORTS_BUCKET=found.imports_bucket,
        ROLLBOOK_PICTURES_BUCKET=found.pictures_bucket,
        POWERTOOLS_SERVICE_NAME="rollbook",
        POWERTOOLS_METRICS_DISABLED="true",
        POWERTOOLS_TRACE_DISABLED="true",
    )


def create_resources(state: StackState) -> CreatedResources:
    """Create the missing tables, queues, buckets and sign-in, and note them in `state`."""
    dynamodb = boto3.client("dynamodb", config=RETRYING)
    templates.create_tables(dynamodb, STAGE)
    _let_items_expire(dynamodb)
    cognito = boto3.client("cognito-idp", config=RETRYING)
    if not _exists(cognito, state):
        state.user_pool, state.user_pool_client = templates.create_sign_in(cognito, STAGE)
    templates.offer_second_factor(cognito, STAGE, state.user_pool)  # A pool of an earlier version does not offer it yet.
    queues, s3 = templates.create_queues(boto3.client("sqs", config=RETRYING), STAGE), boto3.client("s3", config=RETRYING)
    return CreatedResources(
        jobs_queue=queues["Jobs"],
        webhooks_queue=queues["Webhooks"],
        imports_bucket=templates.create_bucket(s3, STAGE, account=ACCOUNT),
        pictures_bucket=templates.create_bucket(s3, STAGE, account=ACCOUNT, logical="Pictures"),
    )


def stream_arns() -> dict[str, str]:
    """Return the streams with a handler, by the logical name of their table."""
    dynamodb = boto3.client("dynamodb", config=RETRYING)
    names = {name: table["Properties"]["TableName"] for name, table in templates.resources("tables", STAGE).items()}
    return {name: dynamodb.describe_table(TableName=names[name])["Table"]["LatestStreamArn"] for name in ("Rosters", "Messages", "Records")}


def _let_items_expire(dynamodb: Any) -> None:
    for table in templates.resources("tables", STAGE).values():
        name, wanted = table["Properties"]["TableName"], table["Properties"].get("TimeToLiveSpecification")
        if wanted and dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED":
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)


def _exists(cognito: Any, state: StackState) -> bool:
    if not state.user_pool_client:
        return False
    try:
        cognito.describe_user_pool_client(UserPoolId=state.user_pool, ClientId=state.user_pool_client)
    except cognito.exceptions.ResourceNotFoundException:
        return False
    return True
