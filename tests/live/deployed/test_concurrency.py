"""Functions that Lambda has no room for: people are told to come again, what can wait waits, and the alarm rings."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.deployment.stage import API, HANDLERS, Stage
from infra.local.simulator import DOMAIN
from tests.live import cors
from tests.live.deployed.deployment import STAGE, Deployment
from tests.live.http.conftest import Staff
from tests.live.http.test_main_job import fresh
from tests.live.stack import eventually

pytestmark = pytest.mark.live
ALARM = f"rollbook-{STAGE}-functions-throttled"
WITHOUT_RETRIES = Config(retries={"total_max_attempts": 1})
"""boto3 would ask again four times, for eight seconds."""
SECONDS = 2
"""In which something would happen if it did not wait."""


@contextmanager
def without_room(deployed: Deployment, handler: str) -> Iterator[None]:
    """Let Lambda refuse to run a function during the block."""
    functions, name = deployed.aws.client("lambda"), Stage(STAGE).function(handler)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        yield
    finally:
        functions.delete_function_concurrency(FunctionName=name)


def test_a_throttled_api_says_when_to_come_again(deployed: Deployment) -> None:
    with without_room(deployed, API):
        for path in ("/v1/health", "/v1/orgs/demo/sessions", "/p/demo/sign-in"):
            response = deployed.call("GET", path, headers=cors.ELSEWHERE)
            assert (response.status, response.json["code"], response.headers["retry-after"]) == (503, "busy", "5")
            assert response.headers["content-type"] == "application/problem+json"
            cors.readable_elsewhere(response)
    assert deployed.call("GET", "/v1/health").status == 200


def test_an_e_mail_waits_for_its_function(deployed: Deployment, staff: Staff) -> None:
    ana = fresh("ana")
    with without_room(deployed, "on_messages"):
        staff.invite(staff.session(), ana)
        time.sleep(SECONDS)
        assert deployed.mails(ana) == []
    assert deployed.mail(ana)
    assert "queue is empty" in deployed.infra("replay", "--dry-run").stdout, "nothing was set aside"


def test_a_bounce_waits_for_its_function(deployed: Deployment, staff: Staff) -> None:
    session, gone = staff.session(), f"bounce+{fresh('x').partition('@')[0]}@{DOMAIN}"

    def states() -> list[str]:
        return [message["state"] for message in staff.call("GET", f"/sessions/{session}/messages").json["items"]]

    with without_room(deployed, "on_deliveries"):
        staff.invite(session, gone)
        assert deployed.mail(gone)
        time.sleep(SECONDS)
        assert states() == ["sent"]
    assert eventually(lambda: states() == ["bounced"] or None)


def test_the_alarm_sees_a_refusal_of_each_function(deployed: Deployment) -> None:
    functions, metrics = deployed.aws.client("lambda", WITHOUT_RETRIES), deployed.aws.client("cloudwatch")
    (alarm,) = metrics.describe_alarms(AlarmNames=[ALARM])["MetricAlarms"]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    seen = watched(metrics, alarm)
    for handler in HANDLERS:
        with without_room(deployed, handler), pytest.raises(ClientError, match="Rate Exceeded"):
            functions.invoke(FunctionName=Stage(STAGE).function(handler), Payload="{}")
        before, seen = seen, watched(metrics, alarm)
        assert seen > before, handler


def watched(metrics: Any, alarm: dict[str, Any]) -> float:
    """Return the sum of the metric that the alarm watches, of the last two hours."""
    now, names = time.time(), ("Namespace", "MetricName", "Dimensions", "Period")
    span = {"StartTime": now - 7200, "EndTime": now + 60, "Statistics": ["Sum"]}
    found = metrics.get_metric_statistics(**{name: alarm[name] for name in names}, **span)
    return float(sum(point["Sum"] for point in found["Datapoints"]))
