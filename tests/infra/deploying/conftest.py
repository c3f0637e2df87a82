"""A stage as a deployment leaves it, on moto, and a folder in the place of the project's `.chalice`."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.backends import get_backend

from infra.deploying import changes, configuring, mappings, recording, stacks, wiring
from infra.deploying import stage as stage_module
from infra.deploying.stage import HANDLERS, Stage
from infra.templates import create_queues

STAGE = Stage("test")
ACCOUNT = "123456789012"
OUTPUTS = {
    "Sender": "rollbook@example.org",
    "UserPool": "pool",
    "UserPoolClient": "client",
    "ConfigurationSet": "rollbook-test",
    "JobsQueue": f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/rollbook-test-jobs",
    "JobsQueueArn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:rollbook-test-jobs",
    "FailedRecordsQueueArn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:rollbook-test-stream-failed",
    "ImportsBucket": f"rollbook-test-imports-{ACCOUNT}",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `.chalice` of its own, with a stage that the stack has been written for."""
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"app_name": "rollbook", "stages": {"dev": {"environment_variables": {"ROLLBOOK_STAGE": "dev"}}}}))
    monkeypatch.setattr(configuring, "CONFIG", config)
    monkeypatch.setattr(stage_module, "CHALICE", tmp_path)
    return tmp_path


@pytest.fixture
def stack(tables: None, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage before its first deploy: what the stack makes is there, and written down for Chalice."""
    forget_readers()
    monkeypatch.setattr(stacks, "outputs", lambda _stage: OUTPUTS)
    create_queues(boto3.client("sqs"), STAGE.name)
    configuring.write(STAGE, configuring.wanted(STAGE, OUTPUTS, rest_api=None))


def forget_readers() -> None:
    """moto notes on a table and on a queue who reads it; copies of one share that note with tests to come, unless each gets its own."""
    dynamodb: Any = get_backend("dynamodb")[ACCOUNT]["eu-central-1"]
    sqs: Any = get_backend("sqs")[ACCOUNT]["eu-central-1"]
    for read in (*dynamodb.tables.values(), *sqs.queues.values()):
        read.lambda_event_source_mappings = {}


@pytest.fixture
def chalice(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What Chalice is asked to do. It does nothing but what each of its deploys does to rules: it enables them."""
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        asked.append(command[3:])
        for rule in boto3.client("events").list_rules()["Rules"]:
            boto3.client("events").enable_rule(Name=rule["Name"])
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr("infra.commands.functions.subprocess.run", run)
    return asked


@pytest.fixture
def deployed(stack: None, chalice: list[list[str]]) -> None:
    """The stage as its first deploy leaves it."""
    for handler in HANDLERS:
        make_function(handler)
    make_sources()
    make_rules()
    make_api()
    wire()


def wire() -> None:
    needed = wiring.needed(STAGE)
    configuring.write(STAGE, needed.environment)
    changes.apply(needed.changes)
    recording.record(STAGE, recording.found(STAGE))


def make_function(handler: str) -> None:
    role = boto3.client("iam").create_role(RoleName=f"{STAGE.stack}-{handler}", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    boto3.client("lambda").create_function(
        FunctionName=STAGE.function(handler),
        Runtime="python3.11",
        Role=role,
        Handler=f"app.{handler}",
        Code={"ZipFile": b"zip"},
        Environment={"Variables": configuring.configured(STAGE)},
    )


def make_sources() -> None:
    """As Chalice makes them: without anything that a failure depends on."""
    for source in mappings.wanted(STAGE, OUTPUTS):
        start = {"StartingPosition": "LATEST"} if source.is_stream else {}
        boto3.client("lambda").create_event_source_mapping(FunctionName=source.function, EventSourceArn=source.arn, **start)


def make_rules() -> None:
    events = boto3.client("events")
    events.put_rule(Name="rollbook-test-run_schedules-event", ScheduleExpression="rate(1 minute)")
    events.put_rule(Name="rollbook-test-on_deliveries-event", EventPattern='{"source": ["aws.ses"]}')


def make_api(stage: Stage = STAGE) -> str:
    gateway = boto3.client("apigateway")
    api = gateway.create_rest_api(name="rollbook")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    path = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:{stage.function('api_handler')}/invocations"
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(
        restApiId=api,
        resourceId=root,
        httpMethod="GET",
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/{path}",
    )
    return str(api)
