"""What Lambda does with events that a function could not handle, and with runs of the clock that failed."""

from typing import Any

import boto3
import pytest

from app import app
from infra.__main__ import main
from infra.deployment import invocations, mappings
from tests.infra.deployment.conftest import OUTPUTS, STAGE
from tests.infra.test_policies import PROD
from tests.permissions import Need, permits

DELIVERIES, CLOCK = STAGE.function("on_deliveries"), STAGE.function("run_schedules")
FAILED = {"OnFailure": {"Destination": OUTPUTS["FailedRecordsQueueArn"]}}
WANTED = invocations.wanted(STAGE, OUTPUTS)


def test_a_bounce_that_cannot_be_recorded_goes_to_the_failure_queue(deployed: None) -> None:
    there = boto3.client("lambda").get_function_event_invoke_config(FunctionName=DELIVERIES)
    assert (there["MaximumRetryAttempts"], there["DestinationConfig"]["OnFailure"]) == (2, FAILED["OnFailure"])


def test_the_function_may_write_there() -> None:
    assert permits("on_deliveries", Need("sqs:SendMessage", "rollbook-prod-stream-failed"), PROD)


def test_a_run_of_the_clock_is_not_repeated_beside_the_next_one(deployed: None) -> None:
    assert boto3.client("lambda").get_function_event_invoke_config(FunctionName=CLOCK)["MaximumRetryAttempts"] == 0


@pytest.mark.parametrize("wrong", [{}, {"MaximumRetryAttempts": 2}, {"MaximumRetryAttempts": 1, "DestinationConfig": FAILED}])
def test_other_settings_are_changed(wrong: dict[str, Any]) -> None:
    (change,) = invocations.plan({**WANTED, DELIVERIES: wrong}, WANTED)
    assert change.arguments == {"FunctionName": DELIVERIES, **WANTED[DELIVERIES]}


def test_what_aws_reports_beside_is_no_difference() -> None:
    reported = {**WANTED[DELIVERIES], "DestinationConfig": {"OnSuccess": {}, **FAILED}, "FunctionArn": "arn"}
    assert invocations.plan({**WANTED, DELIVERIES: reported}, WANTED) == []


def test_check_finds_an_event_without_a_net_and_wire_mends_it(deployed: None, capsys: pytest.CaptureFixture[str]) -> None:
    boto3.client("lambda").delete_function_event_invoke_config(FunctionName=DELIVERIES)
    assert main(["wire", "--stage", "test", "--plan"]) == 0
    assert f"{DELIVERIES} is repeated as it should be" in capsys.readouterr().out
    assert main(["wire", "--stage", "test", "--yes"]) == 0
    assert invocations.plan(invocations.existing(STAGE, OUTPUTS), WANTED) == []


def test_bulk_work_cannot_use_up_the_concurrency_of_the_account(tables: None) -> None:
    declared = {source.name: source.maximum_concurrency for source in app.event_sources if hasattr(source, "maximum_concurrency")}
    assert declared == {"on_jobs": mappings.JOBS_AT_ONCE, "on_webhooks": mappings.WEBHOOKS_AT_ONCE}
    wanted = {source.function: source.settings for source in mappings.wanted(STAGE, OUTPUTS) if not source.is_stream}
    limits = {function: settings["ScalingConfig"]["MaximumConcurrency"] for function, settings in wanted.items()}
    assert limits == {STAGE.function("on_jobs"): 10, STAGE.function("on_webhooks"): 3}
