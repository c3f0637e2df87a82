"""The settings of API Gateway that `wire` adds to the routes. A deploy by Chalice drops them, and `wire` restores them."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from app import app
from infra import gateway_responses
from infra.__main__ import main
from infra.deployment import api_gateway, check, rest_apis
from infra.deployment.api_gateway import THROTTLES, WANTED, Found, Throttle
from infra.deployment.stage import API_STAGE
from tests.infra.deployment.conftest import ACCOUNT, STAGE

API = "abcd1234"
SERVED = Found(description=api_gateway.DESCRIPTION, responses=WANTED)
SECRET = ("path", "ip", "user", "caller", "identity", "header", "authorizer", "query")


@pytest.fixture
def rest_api(deployed: None, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(check, "_protection", lambda _stage, _table: (True, True, True))
    monkeypatch.setattr(check, "_sending", lambda _sender: {"verified": True, "production": True})
    monkeypatch.setattr(check, "_answer", lambda _url, probe: probe.statuses[0])
    return str(rest_apis.api_id(STAGE))


def infra(command: str, *more: str) -> int:
    return main([command, "--stage", STAGE.name, *more])


def stage_of(rest_api: str) -> Any:
    return boto3.client("apigateway").get_stage(restApiId=rest_api, stageName=API_STAGE)


def test_answers_already_served_are_left_alone() -> None:
    assert api_gateway.plan_responses(SERVED, rest_api=API) == []


def test_a_deployment_that_is_not_ours_gets_every_answer_again_whatever_the_api_claims_to_have() -> None:
    *puts, deployed = api_gateway.plan_responses(Found(description="", responses=WANTED), rest_api=API)
    assert [put.arguments["responseType"] for put in puts] == [response.type for response in gateway_responses.ALL]
    assert deployed.arguments == {"restApiId": API, "stageName": API_STAGE, "description": api_gateway.DESCRIPTION}


def test_an_account_whose_api_gateway_has_no_role_for_logs_gets_one() -> None:
    assert api_gateway.plan_log_role("arn:aws:iam::1:role/of-another", account=ACCOUNT) == []
    made, allowed, used = api_gateway.plan_log_role("", account=ACCOUNT)
    assert [made.operation, allowed.operation, used.operation] == ["create_role", "attach_role_policy", "update_account"]
    role = f"arn:aws:iam::{ACCOUNT}:role/{made.arguments['RoleName']}"
    assert used.arguments["patchOperations"] == [{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]


def test_an_answer_changed_by_hand_is_restored() -> None:
    changed = {**WANTED, "THROTTLED": {**WANTED["THROTTLED"], "statusCode": "418"}}
    put, deployed = api_gateway.plan_responses(Found(api_gateway.DESCRIPTION, changed), rest_api=API)
    assert (put.arguments["responseType"], deployed.operation) == ("THROTTLED", "create_deployment")


@pytest.mark.parametrize("response", gateway_responses.ALL, ids=lambda response: response.type)
def test_answers_of_api_gateway_are_problems_that_pages_elsewhere_can_read(response: gateway_responses.GatewayResponse) -> None:
    problem, headers = json.loads(response.body), response.headers
    assert set(problem) >= {"type", "title", "detail", "code"}
    assert problem.get("status") == response.status
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "retry-after" in headers["Access-Control-Expose-Headers"]
    assert ("Retry-After" in headers) >= (response.status in {429, 503})
    assert "'" not in "".join(headers.values()), "API Gateway quotes fixed values with it"


def test_every_throttled_route_is_one_that_api_gateway_knows() -> None:
    for method, path in THROTTLES:
        assert method in app.routes[path], path


def test_the_access_log_has_neither_the_caller_nor_the_path() -> None:
    logged = [variable.removeprefix("$context.") for variable in json.loads(api_gateway.LOG_FORMAT).values()]
    assert "requestId" in logged, "API Gateway refuses a format without it"
    assert "resourcePath" in logged
    assert not [name for name in logged if name != "resourcePath" and any(word in name.lower() for word in SECRET)]


def test_a_wired_stage_logs_requests_and_throttles_guessable_routes(rest_api: str) -> None:
    log = stage_of(rest_api)["accessLogSettings"]
    assert log["destinationArn"] == f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/aws/apigateway/rollbook-test"
    (group,) = boto3.client("logs").describe_log_groups(logGroupNamePrefix="/aws/apigateway/")["logGroups"]
    assert group["retentionInDays"] == 30
    found = api_gateway.existing(rest_api).methods["v1/auth/sign-in/POST"]
    assert Throttle(found["throttlingRateLimit"], found["throttlingBurstLimit"]) == THROTTLES["POST", "/v1/auth/sign-in"]


def test_a_deploy_by_chalice_drops_the_answers_until_the_stage_is_wired(rest_api: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert infra("check") == 0
    gateway = boto3.client("apigateway")
    for response in gateway_responses.ALL:
        gateway.delete_gateway_response(restApiId=rest_api, responseType=response.type)
    gateway.create_deployment(restApiId=rest_api, stageName=API_STAGE)
    assert infra("check") == 1
    assert "THROTTLED is answered as a problem" in capsys.readouterr().out
    assert infra("wire", "--yes") == 0
    assert infra("check") == 0
    assert gateway.get_gateway_response(restApiId=rest_api, responseType="INTEGRATION_FAILURE")["statusCode"] == "503"


def test_an_api_that_was_never_deployed_to_its_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gateway:
        def get_stage(self, **_: str) -> None:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, "GetStage")

    monkeypatch.setattr(boto3, "client", lambda _service: Gateway())
    assert api_gateway.existing(API) == Found()
