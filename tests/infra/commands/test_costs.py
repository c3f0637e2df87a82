"""The estimate of `python -m infra costs`, compared with the templates; tests/test_growth.py compares it with what an invitation uses."""

import pytest

from infra import templates
from infra.commands.costs import IDLE, PRICES, table
from infra.deployment.stage import PROJECT


def test_alarms_and_the_dashboard_are_those_of_the_templates() -> None:
    """An alarm on a sum is billed for each metric in it."""
    alarms = [one["Properties"] for one in templates.resources("alarms", "test").values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    metrics = sum(sum("MetricStat" in entry for entry in alarm.get("Metrics", [])) or 1 for alarm in alarms)
    assert metrics == IDLE["alarm metrics"]
    assert len(templates.resources("dashboard", "test")) == IDLE["dashboards"]


def test_the_guide_has_the_table_that_the_command_prints() -> None:
    assert "\n".join(table(PRICES)) in (PROJECT / "docs" / "deployment.md").read_text()


@pytest.mark.parametrize("template", ["tables", "queues", "secrets"])
def test_nothing_is_encrypted_with_a_key_that_is_billed(template: str) -> None:
    """What AWS encrypts with its own key costs nothing; `SSESpecification` chooses a key whose requests do."""
    said = [resource["Properties"] for resource in templates.resources(template, "test").values()]
    assert not [one for one in said if {"SSESpecification", "KmsKeyId", "KmsMasterKeyId"} & one.keys()]
