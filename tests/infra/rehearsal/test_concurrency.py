"""The stand-in runs functions as Lambda does: one request at a time in each environment, and no more than there is room for."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from itertools import pairwise
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.gateway_responses import FAILED, NO_FUNCTION, GatewayResponse
from infra.rehearsal.aws import ACCOUNT, REGION
from tests.infra.rehearsal.conftest import ROOM, Cloud
from tests.live.stack import eventually

pytestmark = pytest.mark.live
ENVIRONMENT = """
import os, time
served, busy = 0, 0

def handler(event, context):
    global served, busy
    served, busy = served + 1, busy + 1
    began = time.time()
    time.sleep(event["seconds"])
    busy -= 1
    return {"process": os.getpid(), "served": served, "busy": busy, "began": began, "ended": time.time()}
"""
COUNTED = """
import boto3, json, os

def handler(event, context):
    boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL"]).send_message(QueueUrl=QUEUE, MessageBody=json.dumps(event))
    if FAILS:
        raise RuntimeError("as it was told")
"""
HANDLER = 'def handler(event, context):\n    return {"statusCode": 200, "headers": {}, "body": "done"}\n'
BROKEN = 'def handler(event, context):\n    raise RuntimeError("with a secret in it")\n'
SECONDS, AT_ONCE = 1, 4


@pytest.fixture(scope="module")
def environments(cloud: Cloud) -> list[dict[str, Any]]:
    """What requests at the same time were answered, by a function that is warm."""
    cloud.function("environment", ENVIRONMENT)
    for _ in range(2):
        with ThreadPoolExecutor(AT_ONCE) as executor:
            responses = list(executor.map(lambda _: cloud.ask("environment", {"seconds": SECONDS}), range(AT_ONCE)))
    return responses


def test_an_environment_takes_one_request_at_a_time(environments: list[dict[str, Any]]) -> None:
    assert {response["busy"] for response in environments} == {0}
    for process in {response["process"] for response in environments}:
        spans = sorted((response["began"], response["ended"]) for response in environments if response["process"] == process)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_requests_at_the_same_time_have_no_memory_in_common(environments: list[dict[str, Any]]) -> None:
    """Each environment counts for itself, and the count goes on while it is warm."""
    processes = {response["process"] for response in environments}
    assert len(processes) > 1, "they ran at the same time"
    assert max(response["served"] for response in environments) < 2 * AT_ONCE, "one memory would have counted all of them"
    assert max(response["served"] for response in environments) > 1, "warm environments are used again"


def test_what_finds_no_room_is_refused_at_once(cloud: Cloud) -> None:
    cloud.function("narrow", ENVIRONMENT)
    cloud.reserve("narrow", 1)
    with ThreadPoolExecutor(1) as executor:
        first = executor.submit(cloud.ask, "narrow", {"seconds": 2})
        assert eventually(lambda: refusal(cloud, "narrow")) == "ReservedFunctionConcurrentInvocationLimitExceeded"
        first.result()
    assert refusal(cloud, "narrow") is None, "there is room again"


def refusal(cloud: Cloud, function: str) -> str | None:
    """Return why Lambda did not run a function; None if it did. It refuses at once, and is not asked again."""
    once = cloud.aws.client("lambda", config=Config(retries={"total_max_attempts": 1}))
    try:
        once.invoke(FunctionName=function, Payload=json.dumps({"seconds": 0}))
    except once.exceptions.TooManyRequestsException as error:
        return str(error.response.get("Reason"))
    return None


def test_a_reservation_leaves_room_for_functions_without_one(cloud: Cloud) -> None:
    cloud.function("greedy", HANDLER)
    with pytest.raises(ClientError, match=r"below its minimum value of \[100\]"):
        cloud.reserve("greedy", ROOM - 100 + 1)
    cloud.reserve("greedy", 3)
    limit = cloud.client("lambda").get_account_settings()["AccountLimit"]
    assert limit["ConcurrentExecutions"] == ROOM
    assert limit["UnreservedConcurrentExecutions"] <= ROOM - 3
    cloud.free("greedy")


def test_api_gateway_answers_for_a_throttled_function(cloud: Cloud) -> None:
    api = rest_api(cloud, "throttled", HANDLER, NO_FUNCTION)
    assert get(cloud, api) == (200, "done")
    cloud.reserve("throttled", 0)
    assert get(cloud, api) == (503, NO_FUNCTION.body)
    cloud.free("throttled")
    assert get(cloud, api) == (200, "done")


def test_api_gateway_says_nothing_of_the_error_of_a_function(cloud: Cloud) -> None:
    api = rest_api(cloud, "broken", BROKEN, FAILED)
    assert get(cloud, api) == (502, FAILED.body)


def rest_api(cloud: Cloud, function: str, source: str, response: GatewayResponse) -> str:
    """Deploy an API whose root is a function, with one gateway response of ours, and return its id."""
    arn, gateway = cloud.function(function, source), cloud.client("apigateway")
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
    api = str(gateway.create_rest_api(name=function)["id"])
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    gateway.put_gateway_response(restApiId=api, responseType=response.type, **response.settings())
    gateway.create_deployment(restApiId=api, stageName="v")
    cloud.client("lambda").add_permission(
        FunctionName=function, StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    return api


def get(cloud: Cloud, api: str) -> tuple[int, str]:
    with closing(HTTPConnection("127.0.0.1", cloud.aws.port, timeout=60)) as connection:
        connection.request("GET", "/v/", headers={"Host": f"{api}.execute-api.{REGION}.amazonaws.com"})
        response = connection.getresponse()
        return response.status, response.read().decode()


def test_an_event_waits_for_room_and_is_handled_once(cloud: Cloud) -> None:
    """The refusals are no attempts: this function has one alone."""
    told, arn = cloud.queue("waited"), counted(cloud, "waits", "waited")
    cloud.client("lambda").put_function_event_invoke_config(FunctionName="waits", MaximumRetryAttempts=0)
    follow_events(cloud, "waits", arn)
    cloud.reserve("waits", 0)
    tell(cloud, "waits")
    time.sleep(1.5)
    assert cloud.waiting(told[0]) == 0
    cloud.free("waits")
    assert cloud.received(told[0])["detail"] == {"number": 1}
    time.sleep(1)
    assert cloud.waiting(told[0]) == 0


def test_an_event_that_fails_three_times_is_set_aside(cloud: Cloud) -> None:
    tried, aside = cloud.queue("tried"), cloud.queue("aside")
    arn = counted(cloud, "fails", "tried", fails=True)
    failed = {"OnFailure": {"Destination": aside[1]}}
    cloud.client("lambda").put_function_event_invoke_config(FunctionName="fails", MaximumRetryAttempts=2, DestinationConfig=failed)
    follow_events(cloud, "fails", arn)
    tell(cloud, "fails")
    assert cloud.received(aside[0])["requestPayload"]["detail"] == {"number": 1}
    assert cloud.waiting(tried[0]) == 3


def test_a_batch_of_a_stream_waits_for_room(cloud: Cloud) -> None:
    """No retry is left to it, and yet it is neither set aside nor lost."""
    told, aside = cloud.queue("followed"), cloud.queue("not-followed")
    counted(cloud, "follows", "followed")
    dynamodb = cloud.client("dynamodb")
    stream = dynamodb.create_table(
        TableName="followed",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    cloud.client("lambda").create_event_source_mapping(
        FunctionName="follows",
        EventSourceArn=stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": aside[1]}},
    )
    cloud.reserve("follows", 0)
    dynamodb.put_item(TableName="followed", Item={"pk": {"S": "one"}})
    time.sleep(2)
    assert (cloud.waiting(told[0]), cloud.waiting(aside[0])) == (0, 0)
    cloud.free("follows")
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in cloud.received(told[0])["Records"]] == ["one"]
    assert cloud.waiting(aside[0]) == 0


def counted(cloud: Cloud, function: str, queue: str, *, fails: bool = False) -> str:
    """Make a function that sends every event to a queue before it returns or fails, and return its ARN."""
    return cloud.function(function, f"QUEUE, FAILS = 'http://sqs/{ACCOUNT}/{queue}', {fails}\n{COUNTED}")


def follow_events(cloud: Cloud, function: str, arn: str) -> None:
    """Have EventBridge start a function by events of its name."""
    events = cloud.client("events")
    events.put_rule(Name=function, EventPattern=json.dumps({"source": [f"test.{function}"]}))
    events.put_targets(Rule=function, Targets=[{"Id": "1", "Arn": arn}])
    cloud.client("lambda").add_permission(
        FunctionName=function, StatementId="events", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )


def tell(cloud: Cloud, function: str) -> None:
    """Send one event for a function."""
    cloud.client("events").put_events(Entries=[{"Source": f"test.{function}", "DetailType": "test", "Detail": '{"number": 1}'}])
