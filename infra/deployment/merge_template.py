"""What `chalice package` leaves out of its template: names, policies, and how sources, events, logs and API Gateway are set.

`chalice package --merge-template` puts it in, so that CloudFormation deploys the application as `functions` and `wire` do.
"""

from typing import Any

from chalice.utils import to_cfn_resource_name

from infra import gateway_responses
from infra.deployment import api_gateway, functions, invocations, log_groups, mappings, policies
from infra.deployment.api_gateway import THROTTLES
from infra.deployment.compose import Template
from infra.deployment.deployed_state import SOURCES, SUFFIX
from infra.deployment.stage import API, HANDLERS, Stage

OF_API = "APIHandler"
"""Chalice's name of that function in its template; all others follow from their handlers."""


def names(stage: Stage) -> Template:
    """Return the names of functions and roles, by which alarms, the dashboard and our commands find them."""
    resources: Template = {}
    for handler in HANDLERS:
        resources[_logical(handler)] = {"Properties": {"FunctionName": stage.function(handler)}}
        resources[_logical_role(handler)] = {"Properties": {"RoleName": stage.role(handler)}}
    return {"Resources": resources}


def complete(stage: Stage, outputs: dict[str, str]) -> Template:
    """Return everything for a stage whose stack exists."""
    scope = policies.scope(stage, outputs)
    template = names(stage)
    resources = template["Resources"]
    for handler, policy in policies.rendered(scope).items():
        resources[_logical_role(handler)]["Properties"]["Policies"] = [{"PolicyName": stage.role(handler), "PolicyDocument": policy}]
    for source in mappings.wanted(stage, outputs):
        handler = next(handler for handler in SOURCES if stage.function(handler) == source.function)
        event = to_cfn_resource_name(f"{handler}-{SUFFIX[SOURCES[handler]]}".replace("-", "_"))
        resources[_logical(handler)]["Properties"]["Events"] = {event: {"Properties": _where(source) | _as_sam(source.settings)}}
    for function, settings in invocations.wanted(stage, outputs).items():
        handler = next(handler for handler, name in stage.functions.items() if name == function)
        resources[_logical(handler)]["Properties"]["EventInvokeConfig"] = _as_sam(settings)
    return {"Resources": resources | _logs(stage) | {"RestAPI": {"Properties": _api(stage, scope)}}}


def _logical(handler: str) -> str:
    return OF_API if handler == API else str(to_cfn_resource_name(handler))


def _logical_role(handler: str) -> str:
    return str(to_cfn_resource_name(f"{handler}_role"))


def _where(source: mappings.Source) -> dict[str, str]:
    return {"Stream" if source.is_stream else "Queue": source.arn}


def _as_sam(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings in SAM's words: a destination has a type."""
    failed = settings.get("DestinationConfig", {}).get("OnFailure")
    return settings | ({"DestinationConfig": {"OnFailure": {"Type": "SQS", **failed}}} if failed else {})


def _logs(stage: Stage) -> Template:
    """Return the log groups, which outlive the stack."""
    groups = {_logical(handler): functions.log_group(name) for handler, name in stage.functions.items()}
    groups["RestAPI"] = api_gateway.log_group(stage)
    kept = {"DeletionPolicy": "Retain", "Type": "AWS::Logs::LogGroup"}
    return {
        f"{logical}Logs": {**kept, "Properties": {"LogGroupName": name, "RetentionInDays": log_groups.LOG_DAYS}}
        for logical, name in groups.items()
    }


def _api(stage: Stage, scope: policies.Scope) -> dict[str, Any]:
    log = f"arn:aws:logs:{scope.region}:{scope.account}:log-group:{api_gateway.log_group(stage)}"
    responses = {response.type: response.settings() for response in gateway_responses.ALL}
    return {
        "AccessLogSetting": {"DestinationArn": log, "Format": api_gateway.LOG_FORMAT},
        "MethodSettings": [
            {"ResourcePath": path, "HttpMethod": method, "ThrottlingRateLimit": limit.rate, "ThrottlingBurstLimit": limit.burst}
            for (method, path), limit in THROTTLES.items()
        ],
        "DefinitionBody": {"x-amazon-apigateway-gateway-responses": responses},
    }
