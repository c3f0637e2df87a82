"""A deployed stage on moto, and a temporary folder in place of the project's `.chalice`."""

import copy
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from moto.backends import get_backend

from infra.deployment import changes, deployed_state, mappings, stacks, stage_config, wheels, wire_plan
from infra.deployment import stage as stage_module
from infra.deployment.clients import client
from infra.deployment.stage import API_STAGE, HANDLERS, Stage
from infra.templates import create_queues

STAGE = Stage("test")
ACCOUNT, REGION = "123456789012", "eu-central-1"
LOG_ROLE = f"arn:aws:iam::{ACCOUNT}:role/logs"
OUTPUTS = {
    "Sender": "rollbook@example.org",
    "UserPool": "pool",
    "UserPoolClient": "client",
    "ConfigurationSet": "rollbook-test",
    "JobsQueue": f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/rollbook-test-jobs",
    "JobsQueueArn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:rollbook-test-jobs",
    "WebhooksQueue": f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/rollbook-test-webhooks",
    "WebhooksQueueArn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:rollbook-test-webhooks",
    "FailedRecordsQueueArn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:rollbook-test-stream-failed",
    "ImportsBucket": f"rollbook-test-imports-{ACCOUNT}",
    "PicturesBucket": f"rollbook-test-pictures-{ACCOUNT}",
}
MADE_IN = {"lambda": REGION, "events": REGION, "apigateway": REGION, "logs": REGION, "iam": "aws"}
"""Where moto keeps what a deploy makes, by service."""
_kept: dict[str, Any] = {}
"""The stage after its first deploy."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `.chalice` folder with a stage that the stack has written its outputs to."""
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"app_name": "rollbook", "stages": {"dev": {"environment_variables": {"ROLLBOOK_STAGE": "dev"}}}}))
    monkeypatch.setattr(stage_config, "CONFIG", config)
    monkeypatch.setattr(stage_module, "CHALICE", tmp_path)
    return tmp_path


@pytest.fixture
def stack(tables: None, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage before its first deploy: the stack exists, and its outputs are in Chalice's configuration."""
    forget_readers()
    monkeypatch.setattr(stacks, "outputs", lambda _stage: OUTPUTS)
    create_queues(client("sqs"), STAGE.name)
    use_a_role_for_logs()
    stage_config.write(STAGE, stage_config.wanted(STAGE, OUTPUTS, rest_api=None))


def use_a_role_for_logs() -> None:
    """Give API Gateway a role for its logs. moto lacks the policy that AWS manages for such roles."""
    role = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": LOG_ROLE}]
    client("apigateway").update_account(patchOperations=role)


def forget_readers() -> None:
    """Give each mapping its own record of readers.

    moto keeps it on the table or queue, and copies of one would share it with later tests.
    """
    dynamodb: Any = get_backend("dynamodb")[ACCOUNT][REGION]
    sqs: Any = get_backend("sqs")[ACCOUNT][REGION]
    for read in (*dynamodb.tables.values(), *sqs.queues.values()):
        read.lambda_event_source_mappings = {}


@pytest.fixture
def chalice(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that Chalice was called with. The fake only enables rules, as each deploy by Chalice does."""
    calls: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        calls.append(command[3:])
        for rule in client("events").list_rules()["Rules"]:
            client("events").enable_rule(Name=rule["Name"])
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(wheels, "verified", lambda _stage: nullcontext({}))
    monkeypatch.setattr("infra.commands.functions.subprocess.run", run)
    return calls


@pytest.fixture
def deployed(stack: None, chalice: list[list[str]], project: Path) -> None:
    """The stage after its first deploy, which is made by the first test of a process and restored for the others."""
    if _kept:
        _restore(project)
        return
    for handler in HANDLERS:
        make_function(handler)
    make_sources()
    make_rules()
    make_api()
    wire()
    _keep(project)


def _keep(project: Path) -> None:
    _kept["backends"] = copy.deepcopy({service: vars(_backend(service)) for service in MADE_IN})
    _kept["files"] = {file.relative_to(project): file.read_text() for file in project.rglob("*.json")}


def _restore(project: Path) -> None:
    for service, state in copy.deepcopy(_kept["backends"]).items():
        vars(_backend(service)).update(state)
    functions = _backend("lambda")._lambdas
    for function in [*functions.latest()]:
        functions.put_function(function)  # moto knows it by its ARN too, in a weak reference, which was not copied.
    for name, text in _kept["files"].items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text)


def _backend(service: str) -> Any:
    return get_backend(service)[ACCOUNT][MADE_IN[service]]  # type: ignore[call-overload]


def wire() -> None:
    needed = wire_plan.needed(STAGE)
    stage_config.write(STAGE, needed.environment)
    changes.apply(needed.changes)
    deployed_state.record_resources(STAGE, deployed_state.existing_resources(STAGE))


def make_function(handler: str) -> None:
    role = client("iam").create_role(RoleName=f"{STAGE.stack}-{handler}", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client("lambda").create_function(
        FunctionName=STAGE.function(handler),
        Runtime="python3.11",
        Role=role,
        Handler=f"app.{handler}",
        Code={"ZipFile": b"zip"},
        Environment={"Variables": stage_config.configured(STAGE)},
    )


def make_sources() -> None:
    """Create the mappings as Chalice does: without any setting for failures."""
    for source in mappings.wanted(STAGE, OUTPUTS):
        start = {"StartingPosition": "LATEST"} if source.is_stream else {}
        client("lambda").create_event_source_mapping(FunctionName=source.function, EventSourceArn=source.arn, **start)


def make_rules() -> None:
    events = client("events")
    events.put_rule(Name="rollbook-test-run_schedules-event", ScheduleExpression="rate(1 minute)")
    events.put_rule(Name="rollbook-test-on_deliveries-event", EventPattern='{"source": ["aws.ses"]}')


def make_api(stage: Stage = STAGE) -> str:
    gateway = client("apigateway")
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
    gateway.create_deployment(restApiId=api, stageName=API_STAGE)
    return str(api)
