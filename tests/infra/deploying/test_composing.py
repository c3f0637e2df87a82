"""The stack of a stage: every template in it, each in its own words, nothing for CloudFormation to complain about."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from infra.deploying import composing
from infra.deploying.stage import DeployingError

KEPT = {"Rosters", "Records", "Messages", "Codes", "Users", "Imports", "LinkKey"}
"""What people have entered, and what signs the links that were sent."""


def test_every_resource_and_output_of_every_template_is_in_it() -> None:
    whole = composing.composed()
    for path in composing.files():
        template = yaml.safe_load(path.read_text())
        for section in ("Resources", "Outputs"):
            assert template.get(section, {}).items() <= whole[section].items(), path.name


def test_what_people_have_entered_outlives_the_stack() -> None:
    resources = composing.composed()["Resources"]
    assert {name for name in KEPT if resources[name].get("DeletionPolicy") != "Retain"} == set()
    assert {name for name in KEPT if resources[name].get("UpdateReplacePolicy") != "Retain"} == set()


def test_two_templates_may_not_use_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "TEMPLATES", tmp_path)
    for name in ("first", "second"):
        (tmp_path / f"{name}.yaml").write_text(f"Resources: {{Queue: {{Type: {name}}}}}")
    with pytest.raises(DeployingError, match=r"Queue in Resources of second.yaml"):
        composing.composed()


def test_a_template_that_is_too_large_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "MOST", 1000)
    with pytest.raises(DeployingError, match="CloudFormation takes 1000"):
        composing.body()


def test_cloudformation_has_nothing_to_complain_about(tmp_path: Path) -> None:
    stack = tmp_path / "stack.json"
    stack.write_text(json.dumps(composing.composed()))
    lint = Path(sys.executable).with_name("cfn-lint")
    found = subprocess.run([lint, *composing.files(), stack], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, ""), found.stdout
