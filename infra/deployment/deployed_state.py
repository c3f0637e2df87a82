"""`.chalice/deployed/<stage>.json`, where Chalice records its resources at the end of a deploy.

Without it, or when a deploy died half-way, Chalice would make a second API and fail on mappings that exist. What exists can be
recorded again.
"""

import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.deployment import functions, mappings, rest_apis, schedules, stage_config
from infra.deployment.clients import client
from infra.deployment.mappings import Mapping
from infra.deployment.stage import HANDLERS, Stage

SOURCES = {
    "on_rosters": "dynamodb_event",
    "on_messages": "dynamodb_event",
    "on_records": "dynamodb_event",
    "on_jobs": "sqs_event",
    "on_webhooks": "sqs_event",
}
SUFFIX = {"dynamodb_event": "dynamodb-event-source", "sqs_event": "sqs-event-source"}

Resource = dict[str, Any]


def recorded_resources(stage: Stage) -> dict[str, Resource]:
    """Return the resources that Chalice has recorded, by its names."""
    if not stage.state_file.exists():
        return {}
    return {resource["name"]: resource for resource in json.loads(stage.state_file.read_text())["resources"]}


def existing_resources(stage: Stage) -> dict[str, Resource]:
    """Return the account's resources of the kinds that Chalice makes, in the form of its records."""
    arns = {name: configuration["FunctionArn"] for name, configuration in functions.existing(stage).items()}
    resources = [*_roles(stage), *_functions(stage, arns), *_sources(stage), *_rules(stage), *_api(stage)]
    return {resource["name"]: resource for resource in resources}


def unrecorded_names(have: dict[str, Resource], there: dict[str, Resource]) -> list[str]:
    """Return the resources that exist but are missing or different in Chalice's records. Chalice finds roles and rules by name."""
    found_by_name = {"iam_role", "cloudwatch_event"}
    return [name for name, resource in there.items() if resource["resource_type"] not in found_by_name and have.get(name) != resource]


def record_resources(stage: Stage, there: dict[str, Resource]) -> None:
    """Write exactly these resources as Chalice's record."""
    stage.state_file.parent.mkdir(parents=True, exist_ok=True)
    state = {"resources": list(there.values()), "schema_version": "2.0", "backend": "api"}
    stage.state_file.write_text(json.dumps(state, indent=2) + "\n")


def _roles(stage: Stage) -> list[Resource]:
    return [
        {"name": f"{handler}_role", "resource_type": "iam_role", "role_arn": arn, "role_name": name}
        for handler in HANDLERS
        if (arn := _role_arn(name := stage.role(handler)))
    ]


def _role_arn(name: str) -> str | None:
    iam = client("iam")
    try:
        return str(iam.get_role(RoleName=name)["Role"]["Arn"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return None
        raise


def _functions(stage: Stage, arns: dict[str, str]) -> list[Resource]:
    return [
        {"name": handler, "resource_type": "lambda_function", "lambda_arn": arns[name]}
        for handler, name in stage.functions.items()
        if name in arns
    ]


def _sources(stage: Stage) -> list[Resource]:
    existing = mappings.existing(stage)
    read = {handler: [mapping for mapping in existing if mappings.function_of(mapping) == stage.function(handler)] for handler in SOURCES}
    return [_source(handler, _current(stage, of)) for handler, of in read.items() if of]


def _current(stage: Stage, of: list[Mapping]) -> Mapping:
    """Return the mapping of a function that Chalice is to know: the one of the stream as it is now, if there are several."""
    live = {stage_config.stream(stage, table) for table in stage_config.STREAMS.values()} if len(of) > 1 else set()
    return next((mapping for mapping in of if mapping["EventSourceArn"] in live), of[0])


def _source(handler: str, mapping: Mapping) -> Resource:
    kind, arn = SOURCES[handler], mapping["EventSourceArn"]
    source = {"stream_arn": arn} if kind == "dynamodb_event" else {"queue_arn": arn, "queue": arn.rpartition(":")[2]}
    return {
        "name": f"{handler}-{SUFFIX[kind]}",
        "resource_type": kind,
        **source,
        "event_uuid": mapping["UUID"],
        "lambda_arn": mapping["FunctionArn"],
    }


def _rules(stage: Stage) -> list[Resource]:
    names = schedules.states(stage)
    return [{"name": name.removeprefix(f"{stage.stack}-"), "resource_type": "cloudwatch_event", "rule_name": name} for name in names]


def _api(stage: Stage) -> list[Resource]:
    rest_api = rest_apis.api_id(stage)
    address = stage_config.public_url({}, rest_api, region=boto3.Session().region_name)
    return [{"name": "rest_api", "resource_type": "rest_api", "rest_api_id": rest_api, "rest_api_url": f"{address}/"}] if rest_api else []
