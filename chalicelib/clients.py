"""The clients of AWS and Stripe. Each is created once, on first use, with short time-outs and few retries.

botocore's default retries can take 25 seconds. Conflicts and lost replies are handled in `tables`.
"""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from chalicelib import item_requests

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from urllib3 import PoolManager

RETRYING = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=64,
    parameter_validation=False,
)
MAIL = RETRYING.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
"""A repeated request could send an e-mail twice, and a throttled one must slow down all others: the mailer decides."""
FILES = Config(
    connect_timeout=1,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    signature_version="s3v4",
    s3={"addressing_style": "virtual"},
)
"""Files need a longer time-out, and links to them must name the bucket's own region."""


@cache
def dynamodb() -> "DynamoDBClient":
    client = boto3.client("dynamodb", config=RETRYING)
    item_requests.shorten(client)
    return client


@cache
def cognito() -> "CognitoIdentityProviderClient":
    return boto3.client("cognito-idp", config=RETRYING)


@cache
def ses() -> "SESV2Client":
    return boto3.client("sesv2", config=MAIL)


@cache
def sqs() -> "SQSClient":
    return boto3.client("sqs", config=RETRYING)


@cache
def s3() -> "S3Client":
    return boto3.client("s3", config=FILES)


@cache
def secrets() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=RETRYING)


@cache
def stripe() -> "PoolManager":
    """Return the connection pool for Stripe. Its one retry is safe: every request carries an Idempotency-Key."""
    import urllib3

    once_more = urllib3.Retry(1, redirect=0, status=0, allowed_methods=None, respect_retry_after_header=False)
    return urllib3.PoolManager(timeout=urllib3.Timeout(connect=1, read=3), retries=once_more)


def forget() -> None:
    """Drop every client, so that the next call creates one from the current environment. For tests."""
    for maker in (dynamodb, cognito, ses, sqs, s3, secrets, stripe):
        maker.cache_clear()
