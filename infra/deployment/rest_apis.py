"""The stage's API in API Gateway, found by what it calls: every stage's has the same name."""

from typing import Any

from infra.deployment import stage_config
from infra.deployment.clients import client
from infra.deployment.stage import API, APP, Stage


def api_ids(stage: Stage) -> list[str]:
    """Return the ids of the APIs that call the stage's function, the oldest first. A deploy that died may have left more than one."""
    gateway = client("apigateway")
    pages = gateway.get_paginator("get_rest_apis").paginate()
    ours = [api for page in pages for api in page["items"] if api["name"] == APP]
    return [api["id"] for api in sorted(ours, key=lambda api: str(api["createdDate"])) if _calls(gateway, api["id"], stage.function(API))]


def api_id(stage: Stage) -> str | None:
    """Return the id of the stage's API, of several the one that is known already; None before there is one."""
    ids = api_ids(stage)
    known = str(stage_config.configured(stage)) + (stage.state_file.read_text() if stage.state_file.exists() else "")
    return next((rest_api for rest_api in ids if rest_api in known), next(iter(ids), None))


def _calls(gateway: Any, rest_api: str, function: str) -> bool:
    pages = gateway.get_paginator("get_resources").paginate(restApiId=rest_api, embed=["methods"], PaginationConfig={"PageSize": 500})
    methods = (method for page in pages for resource in page["items"] for method in resource.get("resourceMethods", {}).values())
    return any(method.get("methodIntegration", {}).get("uri", "").endswith(f":function:{function}/invocations") for method in methods)
