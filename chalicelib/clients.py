"""The only maker of AWS clients: each made once, when first needed, with time-outs and few retries.

botocore's default may retry for 25 seconds; conflicts and lost replies are for the tables to decide.
"""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

PATIENCE = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=64,
    parameter_validation=False,
)


@cache
def dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=PATIENCE)


@cache
def cognito() -> "CognitoIdentityProviderClient":
    return boto3.client("cognito-idp", config=PATIENCE)


@cache
def ses() -> "SESV2Client":
    return boto3.client("sesv2", config=PATIENCE)


@cache
def sqs() -> "SQSClient":
    return boto3.client("sqs", config=PATIENCE)


def forget() -> None:
    """Drop every client, so that the next call makes one for the environment as it is then. For tests."""
    for maker in (dynamodb, cognito, ses, sqs):
        maker.cache_clear()
