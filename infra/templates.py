"""The CloudFormation templates, from which tests and the local stack create the same resources as a deployment."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
OF_SECOND_FACTOR = ("MfaConfiguration", "EnabledMfas")
NOT_FOR_CREATE = {"PointInTimeRecoverySpecification", "TimeToLiveSpecification", "SSESpecification"}


def resources(template: str, stage: str) -> dict[str, Any]:
    """Return the template's resources by logical name, with `${Stage}` filled in."""
    filled = _filled(_document(template)["Resources"], stage)
    assert isinstance(filled, dict)
    return filled


@cache
def _document(template: str) -> Any:
    return yaml.safe_load((HERE / f"{template}.yaml").read_text())


def table_definitions(stage: str) -> list[dict[str, Any]]:
    """Return the arguments of `create_table` for every table of the stage."""
    return [_create_table(resource["Properties"]) for resource in resources("tables", stage).values()]


def create_tables(dynamodb: Any, stage: str) -> None:
    """Create the missing tables of the stage, for tests and the local stack: nothing is protected."""
    existing = set(dynamodb.list_tables()["TableNames"])
    for definition in table_definitions(stage):
        if definition["TableName"] not in existing:
            dynamodb.create_table(**definition)


def create_sign_in(cognito: Any, stage: str) -> tuple[str, str]:
    """Create the user pool of the stage and its client, and return their ids. Like `create_tables`, for tests and the local stack."""
    found = resources("identity", stage)
    pool = {name: value for name, value in found["Users"]["Properties"].items() if name not in OF_SECOND_FACTOR}
    pool["DeletionProtection"] = "INACTIVE"
    user_pool = cognito.create_user_pool(PoolName=pool.pop("UserPoolName"), **pool)["UserPool"]["Id"]
    offer_second_factor(cognito, stage, user_pool)
    client = found["Client"]["Properties"] | {"UserPoolId": user_pool}
    return user_pool, cognito.create_user_pool_client(**client)["UserPoolClient"]["ClientId"]


def offer_second_factor(cognito: Any, stage: str, user_pool: str) -> None:
    """Let the pool offer the second factor of the template, which is no argument of `create_user_pool`."""
    mode, kinds = (resources("identity", stage)["Users"]["Properties"][name] for name in OF_SECOND_FACTOR)
    if kinds != ["SOFTWARE_TOKEN_MFA"]:
        raise ValueError(kinds)
    cognito.set_user_pool_mfa_config(UserPoolId=user_pool, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration=mode)


def create_queues(sqs: Any, stage: str) -> dict[str, str]:
    """Create the queues of the stage that do not exist yet, and return their addresses by logical name. For tests and the local stack."""
    addresses: dict[str, str] = {}
    for logical, resource in resources("queues", stage).items():
        properties = dict(resource["Properties"])
        name = properties.pop("QueueName")
        attributes = {key: _attribute(sqs, value, addresses) for key, value in properties.items()}
        addresses[logical] = _queue(sqs, name, attributes)
    return addresses


def create_bucket(s3: Any, stage: str, *, account: str, logical: str = "Imports") -> str:
    """Create a bucket of the stage if it does not exist yet, and return its name. For tests and the local stack: nothing is protected."""
    declared = resources("storage", stage)[logical]["Properties"]
    name = str(declared["BucketName"]).replace("${AWS::AccountId}", account)
    if name not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    rules = [
        {key.replace("MaxAge", "MaxAgeSeconds"): value for key, value in rule.items()}
        for rule in declared.get("CorsConfiguration", {}).get("CorsRules", [])
    ]
    if rules:
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
    return name


def _queue(sqs: Any, name: str, attributes: dict[str, str]) -> str:
    try:
        return str(sqs.get_queue_url(QueueName=name)["QueueUrl"])
    except sqs.exceptions.QueueDoesNotExist:
        return str(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


def _attribute(sqs: Any, value: Any, addresses: dict[str, str]) -> str:
    """Return a property in the form of SQS: as text, with the failure queue as an ARN."""
    if not isinstance(value, dict):
        return json.dumps(value)
    failed = addresses[value["deadLetterTargetArn"]["Fn::GetAtt"][0]]
    arn = sqs.get_queue_attributes(QueueUrl=failed, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return json.dumps(value | {"deadLetterTargetArn": arn})


def _create_table(properties: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in properties.items() if name not in NOT_FOR_CREATE}
    kept["DeletionProtectionEnabled"] = False
    if "StreamSpecification" in kept:
        kept["StreamSpecification"] = {"StreamEnabled": True, **kept["StreamSpecification"]}
    return kept


def _filled(node: Any, stage: str) -> Any:
    if isinstance(node, list):
        return [_filled(item, stage) for item in node]
    if not isinstance(node, dict):
        return node
    if set(node) == {"Fn::Sub"}:
        return node["Fn::Sub"].replace("${Stage}", stage)
    return {key: _filled(value, stage) for key, value in node.items()}
