"""What outlives a deleted stack, or a first one that failed: tables, buckets, accounts and the key that signs links.

It is imported into the new stack first and alone, since such an import may contain nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment import compose
from infra.deployment.clients import client
from infra.deployment.compose import Template
from infra.deployment.stage import DeployingError, Stage

USERS, KEY = "Users", "LinkKey"
NAMES = {"AWS::DynamoDB::Table": "TableName", "AWS::S3::Bucket": "BucketName"}
"""The properties by which CloudFormation finds a resource, where that is its name."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A resource that no stack has any more, with the identifier that CloudFormation imports it by."""

    logical: str
    type: str
    identifier: dict[str, str]

    @property
    def as_import(self) -> dict[str, Any]:
        """An element of `ResourcesToImport`."""
        return {"LogicalResourceId": self.logical, "ResourceType": self.type, "ResourceIdentifier": self.identifier}


def existing(stage: Stage, account: str) -> list[Survivor]:
    """Return the resources that an earlier stack of the stage has left. Raises DeployingError where the operator must decide about them."""
    resources = compose.composed(stage, account)["Resources"]
    return [*_named(resources, {*_tables(), *_buckets()}), *_pool(stage), *_key(stage)]


def template(stage: Stage, account: str, survivors: list[Survivor]) -> Template:
    """Return a template of nothing but these: an import may neither make anything else nor have outputs."""
    whole = compose.composed(stage, account)
    resources = {survivor.logical: whole["Resources"][survivor.logical] for survivor in survivors}
    return {"AWSTemplateFormatVersion": whole["AWSTemplateFormatVersion"], "Resources": resources}


def _named(resources: Template, names: set[str]) -> Iterator[Survivor]:
    """Yield the tables and buckets that have one of the names, without those that are deleted with their stack."""
    for logical, resource in resources.items():
        key = NAMES.get(resource["Type"])
        if key and resource.get("DeletionPolicy") == "Retain" and resource["Properties"][key] in names:
            yield Survivor(logical, resource["Type"], {key: resource["Properties"][key]})


def _tables() -> Iterator[str]:
    for page in client("dynamodb").get_paginator("list_tables").paginate():
        yield from page["TableNames"]


def _buckets() -> Iterator[str]:
    return (bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"])


def _pool(stage: Stage) -> Iterator[Survivor]:
    """Yield the user pool of the stage: the one that has users, if there are several."""
    cognito = client("cognito-idp")
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 60})
    found = [pool["Id"] for page in pages for pool in page["UserPools"] if pool["Name"] == stage.stack]
    used = [pool for pool in found if cognito.describe_user_pool(UserPoolId=pool)["UserPool"].get("EstimatedNumberOfUsers")]
    if len(used) > 1:
        raise DeployingError(
            f"Several user pools are called {stage.stack} and have users: {', '.join(used)}.\n"
            "The stack takes the one with this name. Rename the others: aws cognito-idp update-user-pool --user-pool-id … --pool-name …"
        )
    for pool in (used or found)[:1]:
        yield Survivor(USERS, "AWS::Cognito::UserPool", {"UserPoolId": pool})


def _key(stage: Stage) -> Iterator[Survivor]:
    """Yield the secret with the key that signs links."""
    name = f"{stage.stack}-link-key"
    try:
        found = client("secretsmanager").describe_secret(SecretId=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return
        raise
    if found.get("DeletedDate"):
        raise DeployingError(
            f"{name} is being deleted. Keep it, since without it no link works that was sent:\n"
            f"  aws secretsmanager restore-secret --secret-id {name}"
        )
    yield Survivor(KEY, "AWS::SecretsManager::Secret", {"Id": found["ARN"]})
