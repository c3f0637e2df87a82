"""The identities of senders that SES knows."""

from botocore.exceptions import ClientError

from infra.deployment import stacks
from infra.deployment.clients import client
from infra.deployment.stage import Stage

IDENTITY = "Identity"
"""Its logical name in infra/mail.yaml."""


PARAMETER = "SenderIdentity"


def without_known(stage: Stage, given: dict[str, str]) -> dict[str, str]:
    """Return the parameters without an identity that SES has from elsewhere, such as from a first stack that failed, and say so.

    The stack cannot make it, and would fail as a whole.
    """
    identity = given.get(PARAMETER, "")
    if not identity or not _is_known(identity) or _is_in_stack(stage):
        return given
    print(f"SES knows {identity} already: {PARAMETER} is left out, and the stack does without it.")
    return {name: value for name, value in given.items() if name != PARAMETER}


def _is_known(identity: str) -> bool:
    try:
        client("sesv2").get_email_identity(EmailIdentity=identity)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return False
        raise
    return True


def _is_in_stack(stage: Stage) -> bool:
    if not stacks.described(stage):
        return False
    pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stage.stack)
    return any(resource["LogicalResourceId"] == IDENTITY for page in pages for resource in page["StackResourceSummaries"])
