"""The settings of API Gateway that Chalice does not make: gateway responses, an access log, and throttles.

Each deploy by Chalice replaces the API, its gateway responses included, and serves it without them.
So they are in place only while the stage serves a deployment of this command, whose description names them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from infra import gateway_responses
from infra.deployment.changes import Change
from infra.deployment.clients import client
from infra.deployment.stage import API_STAGE, APP, Stage

LOG_ROLE = f"{APP}-api-gateway-logs"
LOG_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
LOG_FORMAT = json.dumps(
    {
        name: f"$context.{variable}"
        for name, variable in {
            "request_id": "requestId",
            "time": "requestTime",
            "method": "httpMethod",
            "route": "resourcePath",
            "status": "status",
            "milliseconds": "responseLatency",
            "bytes": "responseLength",
            "function_status": "integration.status",
            "gateway_response": "error.responseType",
            "firewall": "wafResponseCode",
        }.items()
    }
)
"""It has the route and not the path, which may contain a token, and nothing that identifies the caller."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Requests a second, and how many may come at once, from all callers together."""

    rate: float
    burst: int


THROTTLES = {
    ("POST", "/v1/auth/sign-in"): Throttle(50, 100),
    ("POST", "/v1/auth/forgot-password"): Throttle(10, 50),
    ("POST", "/v1/auth/activate"): Throttle(10, 50),
    ("POST", "/v1/portal/activate"): Throttle(10, 50),
    ("POST", "/v1/portal/{org}/codes/lookup"): Throttle(50, 100),
    ("POST", "/v1/portal/{org}/sessions/{session}/registrations"): Throttle(500, 1000),
}
"""The routes where strangers may guess secrets, and the most expensive ones. The application's own limits stop
a single caller much earlier."""
WANTED = {response.type: response.settings() for response in gateway_responses.ALL}
DESCRIPTION = f"Gateway responses {sha256(json.dumps(WANTED, sort_keys=True).encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Found:
    """How API Gateway serves the stage: as GetStage says it, with its deployment's description and the API's gateway responses."""

    description: str = ""
    responses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    access_log: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def existing(rest_api: str) -> Found:
    """Return what there is; nothing where the API was never deployed to its stage."""
    gateway = client("apigateway")
    try:
        served = gateway.get_stage(restApiId=rest_api, stageName=API_STAGE)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return Found()
        raise
    description = gateway.get_deployment(restApiId=rest_api, deploymentId=served["deploymentId"]).get("description", "")
    responses = {response["responseType"]: response for response in gateway.get_gateway_responses(restApiId=rest_api)["items"]}
    methods = {key.replace("~1", "/").lstrip("/"): settings for key, settings in served.get("methodSettings", {}).items()}
    return Found(description, responses, served.get("accessLogSettings") or {}, methods)


def log_group(stage: Stage) -> str:
    return f"/aws/apigateway/{stage.stack}"


def log_role() -> str:
    """Return the role with which API Gateway writes logs in this account and region, empty for none."""
    return str(client("apigateway").get_account().get("cloudwatchRoleArn") or "")


def plan_responses(found: Found, *, rest_api: str) -> list[Change]:
    """Return the changes that make the stage serve our gateway responses."""
    ours = found.description == DESCRIPTION
    changed = [name for name, want in WANTED.items() if not (ours and want.items() <= found.responses.get(name, {}).items())]
    if not changed:
        return []
    puts = [Change(f"{name} is answered as a problem", "apigateway", "put_gateway_response", _response(rest_api, name)) for name in changed]
    arguments = {"restApiId": rest_api, "stageName": API_STAGE, "description": DESCRIPTION}
    return [
        *puts,
        Change(f"stage {API_STAGE} of API {rest_api} is deployed with these answers", "apigateway", "create_deployment", arguments),
    ]


def plan_log_role(role: str, *, account: str) -> list[Change]:
    """Return what lets API Gateway write logs in this account and region. A role that it has got elsewhere stays."""
    if role:
        return []
    trusted = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    use = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": f"arn:aws:iam::{account}:role/{LOG_ROLE}"}]
    return [
        Change(f"role {LOG_ROLE} is made", "iam", "create_role", {"RoleName": LOG_ROLE, "AssumeRolePolicyDocument": trust}),
        Change(f"role {LOG_ROLE} may write logs", "iam", "attach_role_policy", {"RoleName": LOG_ROLE, "PolicyArn": LOG_POLICY}),
        Change(f"API Gateway writes this account's logs as {LOG_ROLE}", "apigateway", "update_account", {"patchOperations": use}),
    ]


def plan_access_log(found: Found, *, rest_api: str, group: str, region: str, account: str) -> list[Change]:
    """Return the changes that make API Gateway log every request to the group."""
    want = {"destinationArn": f"arn:aws:logs:{region}:{account}:log-group:{group}", "format": LOG_FORMAT}
    if want == found.access_log:
        return []
    return [_update(rest_api, f"requests are logged to {group}", {f"/accessLogSettings/{name}": value for name, value in want.items()})]


def plan_throttles(found: Found, *, rest_api: str) -> list[Change]:
    """Return the changes that throttle each of these routes."""
    return [
        _update(rest_api, f"{method} {path} takes {want.rate:g} requests a second, {want.burst} at once", _throttle(method, path, want))
        for (method, path), want in THROTTLES.items()
        if want != _throttled(found, method, path)
    ]


def _response(rest_api: str, name: str) -> dict[str, Any]:
    return {"restApiId": rest_api, "responseType": name, **WANTED[name]}


def _throttled(found: Found, method: str, path: str) -> Throttle | None:
    settings = found.methods.get(f"{path[1:]}/{method}")
    return Throttle(settings["throttlingRateLimit"], settings["throttlingBurstLimit"]) if settings else None


def _throttle(method: str, path: str, throttle: Throttle) -> dict[str, str]:
    setting = f"/{path.replace('/', '~1')}/{method}/throttling"
    return {f"{setting}/rateLimit": f"{throttle.rate:g}", f"{setting}/burstLimit": str(throttle.burst)}


def _update(rest_api: str, says: str, values: Mapping[str, str]) -> Change:
    patch = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    arguments = {"restApiId": rest_api, "stageName": API_STAGE, "patchOperations": patch}
    return Change(says, "apigateway", "update_stage", arguments)
