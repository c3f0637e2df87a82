"""How Lambda repeats what EventBridge starts, which has no event source mapping: events of SES, and the clock."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment.changes import Change
from infra.deployment.clients import client
from infra.deployment.stage import Stage

Settings = dict[str, Any]


def wanted(stage: Stage, outputs: Mapping[str, str]) -> dict[str, Settings]:
    """Return the settings, by function.

    Lambda tries an event of SES three times in three minutes; then it is in the failure queue, where `replay` finds it. A run of the clock
    is not repeated: the next minute does the same.
    """
    failed = {"OnFailure": {"Destination": outputs["FailedRecordsQueueArn"]}}
    return {
        stage.function("on_deliveries"): {"MaximumRetryAttempts": 2, "DestinationConfig": failed},
        stage.function("run_schedules"): {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
    }


def existing(stage: Stage, outputs: Mapping[str, str]) -> dict[str, Settings]:
    """Return the settings that there are, by function."""
    return {function: _settings(function) for function in wanted(stage, outputs)}


def plan(have: Mapping[str, Settings], want: Mapping[str, Settings]) -> list[Change]:
    """Return the changes that give every function these settings."""
    return [
        Change(
            f"{function} is repeated as it should be", "lambda", "put_function_event_invoke_config", {"FunctionName": function, **settings}
        )
        for function, settings in want.items()
        if not _has(have[function], settings)
    ]


def _has(have: Settings, want: Settings) -> bool:
    """Whether these settings are there; AWS reports an empty destination of successes too."""
    numbers = {name: value for name, value in want.items() if name != "DestinationConfig"}
    return numbers.items() <= have.items() and _failed(have) == _failed(want)


def _failed(settings: Settings) -> Any:
    return settings.get("DestinationConfig", {}).get("OnFailure") or {}


def _settings(function: str) -> Settings:
    try:
        return dict(client("lambda").get_function_event_invoke_config(FunctionName=function))
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return {}
        raise
