"""What Lambda reads: by ARN, with every setting that a failure depends on, and nothing that nobody follows."""

from collections.abc import Iterable
from typing import Any, get_args

import pytest
from ministack.services.lambda_svc import _match_esm_filter as passes

from chalicelib.events import messages, rosters
from chalicelib.events.records import Change
from chalicelib.rules.messages import State
from chalicelib.tables import keys
from infra.deploying.changes import Change as Planned
from infra.deploying.mappings import MESSAGES, ROSTERS, Source, plan, stream_settings

ACCOUNT = "arn:aws:{}:eu-central-1:123456789012"
OLD, NEW = (f"{ACCOUNT.format('dynamodb')}:table/rollbook-test-rosters/stream/{year}" for year in (2025, 2026))
FAILED = f"{ACCOUNT.format('sqs')}:rollbook-test-stream-failed"
SETTINGS = stream_settings(ROSTERS, FAILED)
WANTED = Source("rollbook-test-on_rosters", NEW, SETTINGS)
FUNCTION = f"{ACCOUNT.format('lambda')}:function:rollbook-test-on_rosters"
GOOD: dict[str, Any] = {"UUID": "good", "EventSourceArn": NEW, "FunctionArn": FUNCTION, "State": "Enabled", **SETTINGS}
FOLLOWED = (keys.SESSION, f"{keys.LEDGER}00", f"{keys.INVITATION}i", f"{keys.REGISTRATION}r", f"{keys.WAITING}w")
NOT_FOLLOWED = ("8#ADDRESS#ana@example.org", "9#PARTICIPANT#ana@example.org#x")


def operations(changes: Iterable[Planned]) -> list[str]:
    return [change.operation for change in changes]


def test_a_mapping_that_is_as_it_must_be_is_left_alone() -> None:
    assert plan([GOOD], [WANTED]) == []
    assert plan([GOOD | {"DestinationConfig": {"OnSuccess": {}, **SETTINGS["DestinationConfig"]}}], [WANTED]) == []


def test_a_missing_mapping_reads_from_the_beginning() -> None:
    (made,) = plan([], [WANTED])
    assert made.operation == "create_event_source_mapping"
    assert made.arguments == {"FunctionName": WANTED.function, "EventSourceArn": NEW, "StartingPosition": "TRIM_HORIZON", **SETTINGS}


def test_a_queue_has_no_beginning() -> None:
    (made,) = plan([], [Source("rollbook-test-on_jobs", f"{ACCOUNT.format('sqs')}:rollbook-test-jobs", {"BatchSize": 1})])
    assert "StartingPosition" not in made.arguments


def test_a_new_stream_takes_the_place_of_the_old_one() -> None:
    removed, made = plan([GOOD | {"EventSourceArn": OLD}], [WANTED])
    assert (removed.operation, removed.arguments) == ("delete_event_source_mapping", {"UUID": "good"})
    assert made.arguments["EventSourceArn"] == NEW
    assert OLD in removed.says
    assert NEW in made.says


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"FunctionResponseTypes": []}, "FunctionResponseTypes is []"),
        ({"BisectBatchOnFunctionError": False}, "BisectBatchOnFunctionError is False"),
        ({"MaximumRetryAttempts": -1}, "MaximumRetryAttempts is -1"),
        ({"MaximumRecordAgeInSeconds": -1}, "MaximumRecordAgeInSeconds is -1"),
        ({"DestinationConfig": {"OnFailure": {}}}, "DestinationConfig is"),
        ({"FilterCriteria": None}, "FilterCriteria is None"),
        ({"State": "Disabled"}, "is disabled"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said_and_mended(wrong: dict[str, Any], said: str) -> None:
    (mended,) = plan([GOOD | wrong], [WANTED])
    assert said in mended.says
    assert (mended.operation, mended.arguments) == ("update_event_source_mapping", {"UUID": "good", "Enabled": True, **SETTINGS})


def test_five_tries_in_half_a_day_then_the_queue_of_those_that_failed() -> None:
    assert SETTINGS | {"FilterCriteria": ""} == {
        "BatchSize": 100,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 5,
        "MaximumRecordAgeInSeconds": 43200,
        "DestinationConfig": {"OnFailure": {"Destination": FAILED}},
        "FilterCriteria": "",
    }


@pytest.mark.parametrize("sort_key", FOLLOWED)
def test_every_row_that_is_followed_passes(sort_key: str) -> None:
    record = {"dynamodb": {"Keys": {"pk": {"S": "demo#s"}, "sk": {"S": sort_key}}}}
    assert passes({"eventName": "INSERT", **record}, ROSTERS)
    assert passes({"eventName": "MODIFY", **record}, ROSTERS)
    assert not passes({"eventName": "REMOVE", **record}, ROSTERS)


@pytest.mark.parametrize("sort_key", FOLLOWED)
def test_nothing_follows_from_a_row_that_goes(sort_key: str, now: Any) -> None:
    rosters.follow(Change(old={"pk": {"S": "demo#s"}, "sk": {"S": sort_key}}, new=None), now=now)


@pytest.mark.parametrize("sort_key", NOT_FOLLOWED)
def test_what_keeps_names_unique_stays_outside(sort_key: str, now: Any) -> None:
    row = {"pk": {"S": "demo#s"}, "sk": {"S": sort_key}}
    assert not passes({"eventName": "INSERT", "dynamodb": {"Keys": row}}, ROSTERS)
    rosters.follow(Change(old=None, new=row), now=now)


@pytest.mark.parametrize("state", get_args(State))
def test_of_messages_only_the_beginning_of_an_attempt_stays_outside(state: str) -> None:
    record = {"eventName": "MODIFY", "dynamodb": {"NewImage": {"state": {"S": state}}}}
    assert passes(record, MESSAGES) == (state != "sending")
    assert "sending" not in {"queued", *messages.LEFT}
