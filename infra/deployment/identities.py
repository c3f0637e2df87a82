"""The identities of senders that SES knows."""

import boto3
from botocore.exceptions import ClientError

from infra.deployment import stacks
from infra.deployment.stage import DeployingError, Stage

IDENTITY = "Identity"
"""Its logical name in infra/mail.yaml."""


def check_unknown(stage: Stage, identity: str) -> None:
    """Raise DeployingError if the stack is to make an identity that SES has from elsewhere: the whole stack would fail."""
    if identity and _is_known(identity) and not _is_in_stack(stage):
        raise DeployingError(f"SES knows {identity} already, so the stack cannot make it. Leave SenderIdentity out; Sender is enough.")


def _is_known(identity: str) -> bool:
    try:
        boto3.client("sesv2").get_email_identity(EmailIdentity=identity)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return False
        raise
    return True


def _is_in_stack(stage: Stage) -> bool:
    if not stacks.described(stage):
        return False
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stage.stack)
    return any(resource["LogicalResourceId"] == IDENTITY for page in pages for resource in page["StackResourceSummaries"])
