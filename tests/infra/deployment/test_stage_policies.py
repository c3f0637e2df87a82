"""The policies of a stage: files that Chalice reads, and what the functions' roles have."""

import json
from pathlib import Path

from infra.__main__ import main
from infra.deployment import policies, stage_config
from infra.deployment.stage import HANDLERS, PROJECT
from tests.infra.deployment.conftest import ACCOUNT, OUTPUTS, STAGE


def infra(command: str) -> int:
    return main([command, "--stage", "test", "--yes"])


def test_chalice_reads_the_policies_of_the_stage(stack: None, project: Path, chalice: list[list[str]]) -> None:
    assert infra("functions") == 0
    handlers = json.loads((project / "config.json").read_text())["stages"]["test"]["lambda_functions"]
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
