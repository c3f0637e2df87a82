"""The composed stack of a stage: every template unchanged, and valid for CloudFormation."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from infra.deployment import compose
from infra.deployment.stage import DeployingError, Stage

STAGE, ACCOUNT = Stage("test"), "123456789012"
KEPT = {"Rosters", "Records", "Messages", "Codes", "Users", "Imports", "Pictures", "LinkKey"}
"""Resources with user data, and the key that signs links."""


def test_every_resource_and_output_of_every_template_is_in_it() -> None:
    whole = compose.composed(STAGE)
    for path in compose.files():
        template = yaml.safe_load(path.read_text())
        for section in ("Resources", "Outputs"):
            assert template.get(section, {}).keys() <= whole[section].keys(), path.name
        for name, resource in template["Resources"].items():
            assert {**resource, "Properties": 0} == {**whole["Resources"][name], "Properties": 0}


def test_what_exists_is_found_by_a_name_that_is_written_out() -> None:
    """CloudFormation imports by static names only: one that is computed is made again, and fails as it is taken."""
    resources = compose.composed(STAGE, ACCOUNT)["Resources"]
    names = {name: resources[name]["Properties"] for name in KEPT}
    assert {name: of["TableName"] for name, of in names.items() if "TableName" in of} == {
        name: f"rollbook-test-{name.lower()}" for name in ("Rosters", "Records", "Messages", "Codes")
    }
    assert names["Imports"]["BucketName"] == f"rollbook-test-imports-{ACCOUNT}"
    assert names["Pictures"]["BucketName"] == f"rollbook-test-pictures-{ACCOUNT}"
    assert "Stage" not in compose.composed(STAGE)["Parameters"]
    assert "${Stage}" not in compose.body(STAGE)


def test_user_data_outlives_the_stack() -> None:
    resources = compose.composed(STAGE)["Resources"]
    assert {name for name in KEPT if resources[name].get("DeletionPolicy") != "Retain"} == set()
    assert {name for name in KEPT if resources[name].get("UpdateReplacePolicy") != "Retain"} == set()


def test_two_templates_may_not_use_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "TEMPLATES", tmp_path)
    for name in ("first", "second"):
        (tmp_path / f"{name}.yaml").write_text(f"Resources: {{Queue: {{Type: {name}}}}}")
    with pytest.raises(DeployingError, match=r"Queue in Resources of second.yaml"):
        compose.composed(STAGE)


def test_a_template_that_is_too_large_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "MOST", 1000)
    with pytest.raises(DeployingError, match="CloudFormation takes 1000"):
        compose.body(STAGE)


def test_the_template_passes_the_linter(tmp_path: Path) -> None:
    stack = tmp_path / "stack.json"
    stack.write_text(json.dumps(compose.composed(STAGE)))
    lint = Path(sys.executable).with_name("cfn-lint")
    found = subprocess.run([lint, *compose.files(), stack], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, ""), found.stdout
