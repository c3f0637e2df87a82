"""The only maker of clients, of AWS and of Stripe: each made once, when first needed, with time-outs and few retries.

botocore's default may retry for 25 seconds; conflicts and lost replies are for the tables to decide.
"""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from urllib3 import PoolManager

PATIENCE = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=64,
    parameter_validation=False,
)
FILES = Config(
    connect_timeout=1,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    signature_version="s3v4",
    s3={"addressing_style": "virtual"},
)
"""Files are larger, and links to them name the bucket's own region."""


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


@cache
def s3() -> "S3Client":
    return boto3.client("s3", config=FILES)


@cache
def secrets() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=PATIENCE)


@cache
def stripe() -> "PoolManager":
    """Return what speaks HTTPS with Stripe. One retry may repeat a request: it carries an Idempotency-Key."""
    import urllib3

    once_more = urllib3.Retry(1, redirect=0, status=0, allowed_methods=None, respect_retry_after_header=False)
    return urllib3.PoolManager(timeout=urllib3.Timeout(connect=1, read=3), retries=once_more)


def forget() -> None:
    """Drop every client, so that the next call makes one for the environment as it is then. For tests."""
    for maker in (dynamodb, cognito, ses, sqs, s3, secrets, stripe):
        maker.cache_clear()
