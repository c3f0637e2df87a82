"""Plans of changes, computed from the present and the desired state, without AWS."""

from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.__main__ import main
from infra.deployment import changes, check, deployed_state, fronts, functions, log_groups, stacks, stage_config
from infra.deployment.check import Finding
from infra.deployment.compose import composed
from infra.deployment.stage import DeployingError, Stage

STAGE = Stage("test")
API = "abcd1234"
WALL = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/rollbook-test/1"


def parameters(given: dict[str, str], before: dict[str, str]) -> dict[str, Any]:
    told = stacks.parameters(composed(STAGE), given, before)
    return {one["ParameterKey"]: one.get("ParameterValue", "as it was") for one in told}


def test_a_parameter_stays_as_it_was_unless_it_is_given() -> None:
    assert parameters({"Sender": "a@example.org"}, {}) == {"Sender": "a@example.org"}
    before = {"Stage": "test", "Sender": "a@example.org"}
    assert parameters({"Firewall": "on"}, before) == {"Sender": "as it was", "Firewall": "on"}


def test_the_first_stack_needs_a_sender() -> None:
    with pytest.raises(DeployingError, match="--set Sender="):
        parameters({}, {})


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(DeployingError, match=r"No such parameter: Sendr.*Sender"):
        parameters({"Sendr": "a@example.org"}, {})


def test_a_domain_needs_a_certificate() -> None:
    domain = {"Sender": "a@example.org", "Domain": "x.example"}
    with pytest.raises(DeployingError, match="--set Certificate="):
        parameters(domain, {})
    assert parameters(domain, {"Certificate": "arn"})["Certificate"] == "as it was"


@pytest.mark.parametrize("name", ["Prod", "1st", "a" * 22, "my_stage", ""])
def test_a_name_that_no_stage_can_have_is_refused_at_once(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stack", "--stage", name, "--plan"]) == 1
    assert "cannot be a stage" in capsys.readouterr().err


def test_a_parameter_without_a_value_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stack", "--stage", "test", "--set", "Sender"]) == 1
    assert "'Sender' is not Name=value" in capsys.readouterr().err


def test_replacements_and_removals_stand_out() -> None:
    resource = {"LogicalResourceId": "Rosters", "ResourceType": "AWS::DynamoDB::Table"}
    planned = [
        {"ResourceChange": {"Action": action, **resource, **more}}
        for action, more in [("Add", {}), ("Modify", {"Replacement": "False"}), ("Modify", {"Replacement": "True"}), ("Remove", {})]
    ]
    assert ["<<<" in line for line in stacks.change_lines(planned)] == [False, False, True, True]


def test_the_public_address_is_the_domain_or_the_api_s() -> None:
    assert stage_config.public_url({}, None, region="eu-central-1") == ""
    assert stage_config.public_url({}, API, region="eu-central-1") == f"https://{API}.execute-api.eu-central-1.amazonaws.com/v"
    assert stage_config.public_url({"Domain": "book.example.org"}, API, region="eu-central-1") == "https://book.example.org"


def test_the_stage_is_written_and_all_else_is_kept(project: Any) -> None:
    stage_config.write(STAGE, {"A": "1", "B": "1"})
    stage_config.write(STAGE, {"B": "2"})
    assert stage_config.configured(STAGE) == {"A": "1", "B": "2"}
    assert stage_config.configured(Stage("dev")) == {"ROLLBOOK_STAGE": "dev"}
    assert stage_config.differences({"A": "1"}, {"A": "1", "B": "2"}) == ["B: not set → 2"]


def test_a_function_gets_new_variables_and_loses_those_of_others() -> None:
    have = {name: {"Environment": {"Variables": variables}} for name, variables in {"up": {"A": "1"}, "old": {"A": "0", "Z": "1"}}.items()}
    (change,) = functions.environments(have, {"A": "1"})
    assert change.says == "old learns A, Z"
    assert change.arguments == {"FunctionName": "old", "Environment": {"Variables": {"A": "1"}}}
    assert len(functions.environments({"new": {}}, {"A": "1"})) == 1


def test_logs_are_kept_for_a_month() -> None:
    planned = log_groups.plan(["kept", "for-ever", "silent"], {"kept": 30, "for-ever": None})
    assert [(change.operation, change.arguments["logGroupName"]) for change in planned] == [
        ("put_retention_policy", "for-ever"),
        ("create_log_group", "silent"),
        ("put_retention_policy", "silent"),
    ]


def test_the_domain_leads_to_the_api() -> None:
    assert fronts.plan_domain(None, leads_to=None, rest_api=API) == []
    assert fronts.plan_domain("x.example", leads_to=API, rest_api=API) == []
    made = fronts.plan_domain("x.example", leads_to="before", rest_api=API)
    assert [change.operation for change in made] == ["delete_base_path_mapping", "create_base_path_mapping"]
    assert made[1].arguments == {"domainName": "x.example", "restApiId": API, "stage": "v"}


def test_the_domain_leads_nowhere_before_its_api_is_deleted() -> None:
    assert fronts.plan_no_domain(None, leads_to=None, rest_api=API) == []
    assert fronts.plan_no_domain("x.example", leads_to="another", rest_api=API) == []
    (change,) = fronts.plan_no_domain("x.example", leads_to=API, rest_api=API)
    assert (change.operation, change.arguments) == ("delete_base_path_mapping", {"domainName": "x.example", "basePath": "(none)"})


def test_the_api_is_behind_the_firewall_of_the_stage() -> None:
    assert fronts.plan_firewall(None, current="another", rest_api=API) == []
    assert fronts.plan_firewall(WALL, current=WALL, rest_api=API) == []
    (change,) = fronts.plan_firewall(WALL, current="", rest_api=API)
    assert change.arguments == {"WebACLArn": WALL, "ResourceArn": f"arn:aws:apigateway:eu-central-1::/restapis/{API}/stages/v"}


def test_chalice_finds_roles_and_rules_without_its_state() -> None:
    there = {
        kind: {"name": kind, "resource_type": kind, "arn": "new"} for kind in ("iam_role", "cloudwatch_event", "rest_api", "sqs_event")
    }
    assert deployed_state.unrecorded_names({}, there) == ["rest_api", "sqs_event"]
    assert deployed_state.unrecorded_names(there, there) == []
    assert deployed_state.unrecorded_names(there | {"rest_api": {"name": "rest_api", "arn": "old"}}, there) == ["rest_api"]


def test_alarms_without_a_subscriber_are_reported() -> None:
    assert list(check.alarms_without_subscriber(None, 0)) == []
    assert list(check.alarms_without_subscriber("arn:topic", 1)) == []
    (finding,) = check.alarms_without_subscriber("arn:topic", 0)
    assert isinstance(finding, Finding)
    assert not finding.wrong
    assert "aws sns subscribe --topic-arn arn:topic" in finding.do


def test_a_refusal_by_aws_is_reported_without_a_traceback(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_stage: Stage) -> list[Finding]:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "DescribeStacks")

    monkeypatch.setattr(check, "findings", denied)
    assert main(["check", "--stage", "test"]) == 1
    assert "not you" in capsys.readouterr().err


def test_a_change_made_meanwhile_is_accepted_and_a_busy_one_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    new_role = {"Code": "BadRequestException", "Message": "The role ARN does not have required permissions configured."}
    busy = [{"Code": "ResourceInUseException"}, {"Code": "ResourceConflictException"}, {"Code": "TooManyRequestsException"}]
    answers: list[Any] = [*busy, new_role, {"Code": "ResourceAlreadyExistsException"}]
    requests: list[dict[str, str]] = []

    def create_log_group(**arguments: str) -> None:
        requests.append(arguments)
        raise ClientError({"Error": answers.pop(0)}, "CreateLogGroup")

    monkeypatch.setattr(boto3, "client", lambda _service: SimpleNamespace(create_log_group=create_log_group))
    monkeypatch.setattr("infra.deployment.changes.time.sleep", lambda _: None)
    changes.apply([changes.Change("made", "logs", "create_log_group", {"logGroupName": "x"})])
    assert requests == [{"logGroupName": "x"}] * 5
