"""Alarms and dashboard watch existing resources by their names, and every alarm is in the operators' guide."""

import json
import re
from itertools import chain
from typing import Any

import pytest

from infra.deployment.stage import PROJECT, Stage
from infra.templates import resources

STAGE = Stage("test")
GUIDE = (PROJECT / "docs" / "operations.md").read_text()
ALARMS = {name: alarm["Properties"] for name, alarm in resources("alarms", "test").items() if alarm["Type"] == "AWS::CloudWatch::Alarm"}
EMITTED = re.compile(r'(?:count|record_duration|yield|name=)\(?\s*f?"([A-Z]\w+(?:\.[\w{]+)?)')


def dashboard() -> list[dict[str, Any]]:
    body = resources("dashboard", "test")["Dashboard"]["Properties"]["DashboardBody"]
    widgets: list[dict[str, Any]] = json.loads(body)["widgets"]
    return widgets


def metrics_of_alarms() -> list[dict[str, Any]]:
    stats = [entry["MetricStat"]["Metric"] for alarm in ALARMS.values() for entry in alarm.get("Metrics", []) if "MetricStat" in entry]
    return stats + [alarm for alarm in ALARMS.values() if "MetricName" in alarm]


def watched() -> list[tuple[str, str, dict[str, Any]]]:
    """Return (namespace, metric, dimensions) of every metric in an alarm or on the dashboard."""
    told = [
        (one["Namespace"], one["MetricName"], {entry["Name"]: entry["Value"] for entry in one.get("Dimensions", [])})
        for one in metrics_of_alarms()
    ]
    return told + list(chain.from_iterable(drawn(widget["properties"].get("metrics", [])) for widget in dashboard()))


def drawn(lines: list[list[Any]]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the metrics of a graph; a dot repeats the value above it."""
    found, above = [], list[str]()
    for line in lines:
        words = [word for word in line if isinstance(word, str)]
        if words:
            above = [above[index] if word == "." else word for index, word in enumerate(words)]
            found.append((above[0], above[1], dict(zip(above[2::2], above[3::2], strict=True))))
    return found


def emitted() -> set[str]:
    """Return the names of the metrics that the application's source counts, up to the first placeholder."""
    sources = [path.read_text() for path in (PROJECT / "chalicelib").rglob("*.py")]
    return {name.partition("{")[0] for source in sources for name in EMITTED.findall(source)}


def test_watched_resources_exist_under_their_names() -> None:
    queues = {queue["Properties"]["QueueName"] for queue in resources("queues", "test").values()}
    there: dict[str, set[str]] = {
        "FunctionName": set(STAGE.functions.values()),
        "QueueName": queues,
        "service": {"rollbook-test"},
        "ApiName": {"rollbook"},
        "Stage": {"v"},
    }
    for namespace, metric, dimensions in watched():
        for name, value in dimensions.items():
            assert value in there[name], (namespace, metric, value)


def test_metrics_of_our_own_are_emitted() -> None:
    ours = {metric for namespace, metric, _ in watched() if namespace == "Rollbook"}
    names = emitted()
    assert len(ours) > 15
    assert {
        metric for metric in ours if not any(metric == name or (name.endswith(".") and metric.startswith(name)) for name in names)
    } == set()


def test_the_dashboard_shows_every_alarm_without_overlap() -> None:
    shown, *graphs = dashboard()
    assert [arn.rpartition(":")[2] for arn in shown["properties"]["alarms"]] == [alarm["AlarmName"] for alarm in ALARMS.values()]
    cells = [(x, y) for w in dashboard() for x in range(w["x"], w["x"] + w["width"]) for y in range(w["y"], w["y"] + w["height"])]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert graphs


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)
def test_every_alarm_has_an_action_and_is_in_the_guide(alarm: dict[str, Any]) -> None:
    assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert len(alarm.get("Metrics", [])) <= 10, "CloudWatch allows at most ten metrics in an alarm"
    assert f"`{alarm['AlarmName'].removeprefix('rollbook-test-')}`" in GUIDE


def test_throttling_of_an_index_and_a_rush_of_seconds_ring() -> None:
    """DynamoDB's metric of a table leaves its indexes out; the application counts each throttled answer, and one minute is enough."""
    throttled = ALARMS["Throttled"]
    counted = {entry["MetricStat"]["Metric"]["MetricName"] for entry in throttled["Metrics"] if "MetricStat" in entry}
    assert counted == {"Throttled", "Busy"} <= emitted()
    assert {entry["MetricStat"]["Period"] for entry in throttled["Metrics"] if "MetricStat" in entry} == {60}
    assert (throttled["EvaluationPeriods"], throttled["Threshold"]) == (1, 0)


def test_a_function_that_lambda_did_not_run_rings() -> None:
    """All functions of an account share its concurrency, so the metric is the account's."""
    alarm = ALARMS["FunctionsThrottled"]
    assert (alarm["Namespace"], alarm["MetricName"], "Dimensions" in alarm) == ("AWS/Lambda", "Throttles", False)


def test_a_recount_that_ends_without_a_word_rings() -> None:
    """It writes its metric at each end, with nothing found too. A run that times out writes none."""
    alarm = ALARMS["RecountStopped"]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["TreatMissingData"]) == ("Drift", "SampleCount", "breaching")
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 2 * 60 * 60
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
