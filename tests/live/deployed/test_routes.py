"""The routes that API Gateway knows, and the answers that it gives itself."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib.web.routes import ROUTES
from infra.deployment.stage import API_STAGE
from tests.live import cors
from tests.live.deployed.deployment import Deployment, done

pytestmark = pytest.mark.live
GUESSABLE = "/v1/portal/activate"


def rest_api(deployed: Deployment) -> str:
    return urlsplit(deployed.url).netloc.partition(".")[0]


def served(deployed: Deployment) -> dict[str, set[str]]:
    """Return the methods of every resource of the API that has any."""
    pages = deployed.aws.client("apigateway").get_paginator("get_resources").paginate(restApiId=rest_api(deployed), embed=["methods"])
    resources: list[dict[str, Any]] = [resource for page in pages for resource in page["items"]]
    return {resource["path"]: set(resource["resourceMethods"]) for resource in resources if resource.get("resourceMethods")}


def test_every_route_of_the_api_is_in_api_gateway(deployed: Deployment) -> None:
    declared: dict[str, set[str]] = {}
    for method, path in (route for routes in ROUTES.values() for route in routes):
        if path.startswith("/v1/"):
            declared.setdefault(path, {"OPTIONS"}).update({method, "HEAD"} if method == "GET" else {method})
    found = served(deployed)
    catch_alls = {path for path in found if path.endswith("{proxy+}")} | {"/", "/v1"}
    assert {path: methods for path, methods in found.items() if path not in catch_alls} == declared
    assert catch_alls == {"/", "/{proxy+}", "/v1", "/v1/{proxy+}"}
    assert not {method for path in ("/", "/{proxy+}") for method in found[path]} & {"OPTIONS"}, "pages have no CORS"


@pytest.mark.parametrize("path", cors.PREFLIGHTS)
def test_a_preflight_from_another_origin(deployed: Deployment, path: str) -> None:
    cors.check_preflight(deployed, path)


@pytest.mark.parametrize(("method", "path", "status", "code"), cors.RESPONSES)
def test_the_answers_of_the_api_are_ours(deployed: Deployment, method: str, path: str, status: int, code: str | None) -> None:
    cors.check_response(deployed, method, path, status, code)


@pytest.mark.parametrize("path", cors.WITH_GET)
def test_head(deployed: Deployment, path: str) -> None:
    cors.check_head(deployed, path)


def test_pages_stay_pages(deployed: Deployment) -> None:
    cors.check_pages(deployed)


def test_a_throttled_route_says_so_and_check_sees_a_throttle_that_was_changed(deployed: Deployment) -> None:
    path = f"/{GUESSABLE.replace('/', '~1')}/POST/throttling"
    none = [{"op": "replace", "path": f"{path}/{limit}", "value": "0"} for limit in ("rateLimit", "burstLimit")]
    deployed.aws.client("apigateway").update_stage(restApiId=rest_api(deployed), stageName=API_STAGE, patchOperations=none)
    response = deployed.call("POST", GUESSABLE, {}, headers=cors.ELSEWHERE)
    assert (response.status, response.json["code"], response.headers["retry-after"]) == (429, "too_many_requests", "5")
    cors.readable_elsewhere(response)
    assert f"POST {GUESSABLE} takes 10 requests a second" in deployed.infra("check").stdout
    done(deployed.infra("wire", "--yes"))
    assert deployed.call("POST", GUESSABLE, {}).status == 422


def test_requests_are_logged_and_a_function_that_cannot_be_reached_is_no_fault(deployed: Deployment) -> None:
    gateway = deployed.aws.client("apigateway")
    log = gateway.get_stage(restApiId=rest_api(deployed), stageName=API_STAGE)["accessLogSettings"]
    assert log["destinationArn"].endswith(":log-group:/aws/apigateway/rollbook-trial")
    assert gateway.get_account()["cloudwatchRoleArn"].endswith(":role/rollbook-api-gateway-logs")
    unreachable = gateway.get_gateway_response(restApiId=rest_api(deployed), responseType="INTEGRATION_FAILURE")
    assert unreachable["statusCode"] == "503"
    assert unreachable["responseParameters"]["gatewayresponse.header.Retry-After"] == "'5'"
