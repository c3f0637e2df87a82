"""The policies of a stage: files that Chalice reads, and what the functions' roles have."""

import json
from pathlib import Path

import pytest

from infra.__main__ import main
from infra.deployment import policies, stage_config
from infra.deployment.stage import HANDLERS, PROJECT
from tests.infra.deployment.conftest import ACCOUNT, OUTPUTS, STAGE


def infra(command: str) -> int:
    return main([command, "--stage", "test", "--yes"])


def test_chalice_reads_the_policies_of_the_stage(stack: None, project: Path, chalice: list[list[str]]) -> None:
    assert infra("functions") == 0
    handlers = json.loads((project / "stages" / "test.json").read_text())["lambda_functions"]
    read = {handler: json.loads((project / handlers[handler]["iam_policy_file"]).read_text()) for handler in HANDLERS}
    assert read == policies.rendered(policies.scope(STAGE, OUTPUTS))
    assert "$" not in json.dumps(read)
    assert f"arn:aws:s3:::rollbook-test-imports-{ACCOUNT}/*" in resources(read["on_jobs"])


def test_restored_tables_are_allowed_in_place_of_the_first_ones(deployed: None) -> None:
    stage_config.write(STAGE, {stage_config.TABLES: "rollbook-test-20261124t160000"})
    policy = policies.rendered(policies.scope(STAGE, OUTPUTS))["on_deliveries"]
    tables = [arn.rpartition("/")[2] for arn in resources(policy) if ":dynamodb:" in arn]
    restored = {f"rollbook-test-20261124t160000-{name}" for name in ("messages", "records", "rosters")}
    assert {*tables} == {*restored, "rollbook-test-memory"}, "the memory table is not restored"


def test_git_ignores_rendered_policies_and_keeps_the_templates() -> None:
    assert ".chalice/policy-*.*.json" in (PROJECT / ".gitignore").read_text().splitlines()
    assert all(policies.rendered_name(handler, STAGE).count(".") == 2 for handler in HANDLERS)
    assert all(policies.template_name(handler).count(".") == 1 for handler in HANDLERS)


def resources(policy: policies.Policy) -> list[str]:
    return [arn for statement in policy["Statement"] for arn in statement["Resource"]]


def test_a_deployment_changes_no_file_that_git_follows(stack: None, project: Path, chalice: list[list[str]]) -> None:
    before = (project / "config.json").read_text()
    assert infra("functions") == 0
    assert (project / "config.json").read_text() == before
    assert ".chalice/stages/" in (PROJECT / ".gitignore").read_text().splitlines()


def test_chalice_is_given_the_settings_of_the_stage(stack: None, project: Path) -> None:
    assert stage_config.chalice_config()["stages"]["test"]["environment_variables"]["ROLLBOOK_STAGE"] == "test"
    assert "dev" in stage_config.chalice_config()["stages"]


def test_a_section_of_an_earlier_version_is_taken_over(project: Path) -> None:
    config = json.loads((project / "config.json").read_text())
    config["stages"]["test"] = {"environment_variables": {"OWN": "1"}, "lambda_memory_size": 2048}
    (project / "config.json").write_text(json.dumps(config))
    assert stage_config.configured(STAGE) == {"OWN": "1"}
    stage_config.write(STAGE, {"NEW": "2"})
    taken = json.loads(stage_config.file(STAGE).read_text())
    assert taken == {"environment_variables": {"OWN": "1", "NEW": "2"}, "lambda_memory_size": 2048}


def test_a_stand_in_runs_functions_for_this_computer(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert stage_config.architecture(STAGE) == "x86_64"
