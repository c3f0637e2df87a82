"""Drills: the operator is told what is wrong, and the command that is suggested repairs it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from infra.__main__ import main
from infra.commands.stack import configure
from infra.deployment import check, deployed_state, mappings, rest_apis, stage_config, tables
from infra.templates import create_tables
from tests.http import call
from tests.infra.deployment.conftest import OUTPUTS, STAGE, make_api, make_function, make_sources

RESTORED = "rollbook-test-20261124t160000"
ROSTERS, MESSAGES, RECORDS = "rollbook-test-rosters", "rollbook-test-messages", "rollbook-test-records"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto has neither deletion protection nor SES's account; nothing answers at the public address."""
    monkeypatch.setattr(check, "_protection", lambda _stage, _table: (True, True, True))
    monkeypatch.setattr(check, "_sending", lambda _sender: {"verified": True, "production": True})
    monkeypatch.setattr(check, "_answer", lambda _url, probe: probe.statuses[0])


def infra(command: str, *more: str) -> int:
    return main([command, "--stage", "test", *more])


def enabled(rule: str) -> bool:
    return bool(boto3.client("events").describe_rule(Name=f"rollbook-test-{rule}-event")["State"] == "ENABLED")


def streams() -> Iterator[str]:
    return (mapping["EventSourceArn"] for mapping in mappings.existing(STAGE))


def test_a_correct_stage(deployed: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert infra("check") == 0
    assert capsys.readouterr().out == "Stage test is as it must be.\n"
    assert infra("wire", "--yes") == 0
    assert capsys.readouterr().out.count("nothing to change") == 2


def test_the_first_deploy_is_told_its_public_address(deployed: None) -> None:
    address = f"https://{rest_apis.api_id(STAGE)}.execute-api.eu-central-1.amazonaws.com/v"
    assert stage_config.configured(STAGE)["ROLLBOOK_PUBLIC_URL"] == address
    for function in STAGE.functions.values():
        known = boto3.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        assert known["ROLLBOOK_PUBLIC_URL"] == address


def test_a_table_that_was_recreated(deployed: None, capsys: pytest.CaptureFixture[str]) -> None:
    dynamodb = boto3.client("dynamodb")
    old = stage_config.stream(STAGE, "messages")
    dynamodb.delete_table(TableName=MESSAGES)
    create_tables(dynamodb, STAGE.name)
    new = stage_config.stream(STAGE, "messages")
    assert new != old

    assert infra("check") == 1
    seen = capsys.readouterr().out
    assert f"{MESSAGES.replace('messages', 'on_messages')} stops reading {old}" in seen
    assert "python -m infra wire --stage test" in seen
    assert infra("wire", "--yes") == 0
    assert old not in streams()
    assert new in streams()
    assert stage_config.configured(STAGE)["ROLLBOOK_MESSAGES_STREAM"] == new
    assert deployed_state.recorded_resources(STAGE)["on_messages-dynamodb-event-source"]["stream_arn"] == new
    assert infra("check") == 0


def test_a_mapping_without_the_flag(deployed: None, capsys: pytest.CaptureFixture[str]) -> None:
    (mapping,) = (one for one in mappings.existing(STAGE) if ROSTERS in one["EventSourceArn"])
    boto3.client("lambda").update_event_source_mapping(UUID=mapping["UUID"], FunctionResponseTypes=[])
    assert infra("check") == 1
    assert "FunctionResponseTypes is []" in capsys.readouterr().out
    assert infra("wire", "--yes") == 0
    assert infra("check") == 0


def test_a_policy_that_was_widened_by_hand(deployed: None, capsys: pytest.CaptureFixture[str]) -> None:
    role = STAGE.role("on_jobs")
    anything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    boto3.client("iam").put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=json.dumps(anything))
    assert infra("check") == 1
    assert f"not so yet: {role} gets the policy of its stage" in capsys.readouterr().out
    assert infra("wire", "--yes") == 0
    assert infra("check") == 0


def test_a_disabled_schedule_stays_so_through_a_deploy(deployed: None, capsys: pytest.CaptureFixture[str]) -> None:
    boto3.client("events").disable_rule(Name="rollbook-test-run_schedules-event")
    assert infra("functions", "--yes") == 0
    assert not enabled("run_schedules")
    assert enabled("on_deliveries")
    assert infra("check") == 0, "a rule disabled by an operator is no finding"
    assert "aws events enable-rule --name rollbook-test-run_schedules-event" in capsys.readouterr().out


def test_a_disabled_schedule_stays_so_when_a_deploy_dies(deployed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object, **__: object) -> None:
        boto3.client("events").enable_rule(Name="rollbook-test-run_schedules-event")
        raise KeyboardInterrupt

    boto3.client("events").disable_rule(Name="rollbook-test-run_schedules-event")
    monkeypatch.setattr("infra.commands.functions.subprocess.run", dies)
    with pytest.raises(KeyboardInterrupt):
        infra("functions", "--yes")
    assert not enabled("run_schedules")


def test_a_lost_state_file(deployed: None, chalice: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    before = deployed_state.recorded_resources(STAGE)
    STAGE.state_file.unlink()
    assert infra("functions", "--yes") == 1
    assert chalice == []
    assert "python -m infra adopt --stage test" in capsys.readouterr().err
    assert infra("adopt", "--yes") == 0
    assert deployed_state.recorded_resources(STAGE) == before
    assert infra("functions", "--yes") == 0
    assert chalice == [["deploy", "--stage", "test"]]


@pytest.fixture
def another_computer(deployed: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that takes away what a computer knows of the stage."""

    def move() -> None:
        stage_config.file(STAGE).unlink(missing_ok=True)
        tables.chosen.cache_clear()

    monkeypatch.setattr(stage_config, "stream", stage_config.table_name)
    return move


def test_another_computer_deploys_on_the_restored_tables_after_a_destroy(another_computer: Callable[[], None]) -> None:
    """No function is left to tell which tables it used, and the settings are on the first computer."""
    tables.choose(STAGE, RESTORED)
    for function in STAGE.functions.values():
        boto3.client("lambda").delete_function(FunctionName=function)
    another_computer()
    configure(STAGE)
    assert stage_config.configured(STAGE)[stage_config.TABLES] == stage_config.tables(STAGE) == RESTORED
    assert stage_config.configured(STAGE)["ROLLBOOK_ROSTERS_STREAM"] == f"{RESTORED}-rosters"


def test_a_computer_follows_a_switch_back_that_another_one_made(another_computer: Callable[[], None]) -> None:
    tables.choose(STAGE, RESTORED)
    configure(STAGE)
    tables.choose(STAGE, STAGE.stack)
    assert stage_config.configured(STAGE)[stage_config.TABLES] == RESTORED, "this computer does not know yet"
    assert stage_config.tables(STAGE) == STAGE.stack
    configure(STAGE)
    assert stage_config.configured(STAGE)[stage_config.TABLES] == STAGE.stack


@pytest.mark.parametrize("known_by", ["settings", "functions"])
def test_a_switch_by_an_earlier_version_becomes_known_to_every_computer(another_computer: Callable[[], None], known_by: str) -> None:
    if known_by == "settings":
        stage_config.write(STAGE, {stage_config.TABLES: RESTORED})
    else:
        environment = stage_config.configured(STAGE) | {stage_config.TABLES: RESTORED}
        boto3.client("lambda").update_function_configuration(FunctionName=STAGE.stack, Environment={"Variables": environment})
        another_computer()
    configure(STAGE)
    another_computer()
    assert stage_config.tables(STAGE) == RESTORED


def test_a_deploy_that_crashed_half_way(stack: None, chalice: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    for handler in ("on_rosters", "on_messages", "on_records", "on_jobs", "on_webhooks"):
        make_function(handler)
    make_sources()
    assert infra("wire", "--yes") == 1
    assert "python -m infra functions --stage test" in capsys.readouterr().err
    assert infra("functions", "--yes") == 1
    assert "on_rosters-dynamodb-event-source" in capsys.readouterr().err
    assert infra("adopt", "--yes") == 0
    assert infra("functions", "--yes") == 0
    assert len(chalice) == 1


def test_an_api_left_behind_by_a_crashed_deploy(deployed: None, capsys: pytest.CaptureFixture[str]) -> None:
    ours = rest_apis.api_id(STAGE)
    left = make_api()
    assert rest_apis.api_id(STAGE) == ours, "its URL is published"
    assert infra("check") == 0
    assert f"aws apigateway delete-rest-api --rest-api-id {left}" in capsys.readouterr().out


def test_a_stage_is_not_deployed_without_its_stack(tables: None, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert infra("functions", "--yes") == 1
    assert "python -m infra stack --stage test" in capsys.readouterr().err


def test_nothing_is_changed_before_confirmation(
    deployed: None, chalice: list[list[str]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (mapping,) = (one for one in mappings.existing(STAGE) if ROSTERS in one["EventSourceArn"])
    boto3.client("lambda").update_event_source_mapping(UUID=mapping["UUID"], FunctionResponseTypes=[])
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert infra("wire") == 1
    assert infra("wire", "--plan") == 0
    assert infra("functions") == 1
    assert "FunctionResponseTypes is []" in capsys.readouterr().out
    assert mappings.plan(mappings.existing(STAGE), mappings.wanted(STAGE, OUTPUTS)) != []
    assert chalice == []


def test_an_application_without_its_tables_does_not_pass(
    deployed: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its health is a constant: the probe that reads a table tells."""
    monkeypatch.setattr(check, "_answer", lambda _url, probe: 200 if probe.path == "/v1/health" else 500)
    assert infra("check") == 1
    assert "/sessions answers 500 in place of 404" in capsys.readouterr().out


@pytest.mark.parametrize("probe", check.PROBES, ids=lambda probe: probe.path)
def test_what_check_expects_is_what_the_application_answers(user_pool: str, probe: check.Probe) -> None:
    response = call(probe.method, probe.path, json.loads(probe.body) if probe.body else None)
    assert response.status == probe.statuses[0], response.text


def test_checks_in_quick_succession_are_no_fault(deployed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application counts all attempts to sign in with an address, those of the check too."""
    monkeypatch.setattr(check, "_answer", lambda _url, probe: probe.statuses[-1])
    assert infra("check") == 0


def test_other_findings_are_reported_with_a_remedy(deployed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_protection", lambda _stage, table: (table != ROSTERS, table != MESSAGES, table != RECORDS))
    monkeypatch.setattr(check, "_sending", lambda _sender: {"verified": False, "production": False})
    monkeypatch.setattr(check, "_answer", lambda _url, _probe: "nothing (refused)")
    config = stage_config.configured(STAGE) | {"ROLLBOOK_SENDER": ""}
    monkeypatch.setattr(stage_config, "configured", lambda _stage: config)
    found = {finding.says: (finding.do, finding.wrong) for finding in check.findings(STAGE)}
    wrong = [says for says, (_, is_wrong) in found.items() if is_wrong]
    assert found[f"{ROSTERS} may be deleted"][0] == f"aws dynamodb update-table --table-name {ROSTERS} --deletion-protection-enabled"
    assert any(says.startswith(f"{MESSAGES} cannot be restored") for says in wrong)
    assert f"{RECORDS} keeps rows that have expired: time to live is off" in wrong
    assert any(says.startswith("ROLLBOOK_SENDER is not set") for says in wrong)
    assert any("/v1/health answers nothing (refused)" in says for says in wrong)
    assert [says for says, (_, is_wrong) in found.items() if not is_wrong] == [
        "SES is in its sandbox: e-mails go to verified addresses only"
    ]
