"""Event source mappings: by ARN, with every setting for failures, and with filters that drop records no function follows."""

from collections.abc import Iterable
from typing import Any, get_args

import pytest
from chalice.app import SQSEventConfig
from ministack.services.lambda_svc import _match_esm_filter as passes

import app
from chalicelib.events import messages, rosters
from chalicelib.events.records import RecordChange
from chalicelib.rules.messages import MessageState
from chalicelib.tables import keys
from chalicelib.tables.actor import ON_ROSTERS
from chalicelib.tables.audited_rows import AUDITED, AuditedRow
from infra.deployment import stage_config
from infra.deployment.changes import Change as Planned
from infra.deployment.mappings import AUDIT_ENTRIES, DELETED_SESSIONS, MESSAGES, RECORDS, ROSTERS, Source, plan, stream_settings, wanted
from tests.infra.deployment.conftest import OUTPUTS, STAGE

ACCOUNT = "arn:aws:{}:eu-central-1:123456789012"
OLD, NEW = (f"{ACCOUNT.format('dynamodb')}:table/rollbook-test-rosters/stream/{year}" for year in (2025, 2026))
FAILED = f"{ACCOUNT.format('sqs')}:rollbook-test-stream-failed"
SETTINGS = stream_settings("rosters", FAILED)
WANTED = Source("rollbook-test-on_rosters", NEW, SETTINGS)
FUNCTION = f"{ACCOUNT.format('lambda')}:function:rollbook-test-on_rosters"
GOOD: dict[str, Any] = {"UUID": "good", "EventSourceArn": NEW, "FunctionArn": FUNCTION, "State": "Enabled", **SETTINGS}
FOLLOWED = (keys.SESSION, f"{keys.LEDGER}00", f"{keys.INVITATION}i", f"{keys.REGISTRATION}r", f"{keys.WAITLIST_ENTRY}w")
NOT_FOLLOWED = ("8#ADDRESS#ana@example.org", "9#PARTICIPANT#ana@example.org#x")

NOT_AUDITED = (
    keys.notification("demo", "n").sk,
    keys.audit("demo", "2026-11-22T12:00:00Z#1").sk,
    keys.invoice_count("demo", 2026).sk,
    keys.group_named("demo", "Monday").sk,
    "CONTRACTS",
    "IDENTIFIED#x",
    "ITEMS#j1#0",
    "OPEN#CODE#s1-r1",
    "PRICED#STD",
    "USES#CODE#x",
)


def operations(changes: Iterable[Planned]) -> list[str]:
    return [change.operation for change in changes]


def test_a_correct_mapping_is_left_alone() -> None:
    assert plan([GOOD], [WANTED]) == []
    assert plan([GOOD | {"DestinationConfig": {"OnSuccess": {}, **SETTINGS["DestinationConfig"]}}], [WANTED]) == []


def test_a_missing_mapping_reads_from_the_beginning() -> None:
    (made,) = plan([], [WANTED])
    assert made.operation == "create_event_source_mapping"
    assert made.arguments == {"FunctionName": WANTED.function, "EventSourceArn": NEW, "StartingPosition": "TRIM_HORIZON", **SETTINGS}


def test_a_queue_has_no_starting_position() -> None:
    (made,) = plan([], [Source("rollbook-test-on_jobs", f"{ACCOUNT.format('sqs')}:rollbook-test-jobs", {"BatchSize": 1})])
    assert "StartingPosition" not in made.arguments


def test_a_new_stream_replaces_the_old_one() -> None:
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
def test_a_wrong_setting_of_a_mapping_is_reported_and_repaired(wrong: dict[str, Any], said: str) -> None:
    (mended,) = plan([GOOD | wrong], [WANTED])
    assert said in mended.says
    assert (mended.operation, mended.arguments) == ("update_event_source_mapping", {"UUID": "good", "Enabled": True, **SETTINGS})


def test_five_attempts_in_half_a_day_then_the_failure_queue() -> None:
    assert SETTINGS | {"FilterCriteria": ""} == {
        "BatchSize": 100,
        "ParallelizationFactor": 4,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 5,
        "MaximumRecordAgeInSeconds": 43200,
        "DestinationConfig": {"OnFailure": {"Destination": FAILED}},
        "FilterCriteria": "",
    }


@pytest.mark.parametrize("sort_key", FOLLOWED)
def test_every_followed_row_passes_the_filter(sort_key: str) -> None:
    record = {"dynamodb": {"Keys": {"pk": {"S": "demo#s"}, "sk": {"S": sort_key}}}}
    assert passes({"eventName": "INSERT", **record}, ROSTERS)
    assert passes({"eventName": "MODIFY", **record}, ROSTERS)
    assert not passes({"eventName": "REMOVE", **record}, ROSTERS)


@pytest.mark.parametrize("sort_key", FOLLOWED)
def test_deleted_rows_are_filtered_out(sort_key: str, now: Any) -> None:
    rosters.react(RecordChange(old={"pk": {"S": "demo#s"}, "sk": {"S": sort_key}}, new=None), now=now)


@pytest.mark.parametrize("sort_key", NOT_FOLLOWED)
def test_uniqueness_rows_are_filtered_out(sort_key: str, now: Any) -> None:
    row = {"pk": {"S": "demo#s"}, "sk": {"S": sort_key}}
    assert not passes({"eventName": "INSERT", "dynamodb": {"Keys": row}}, ROSTERS)
    rosters.react(RecordChange(old=None, new=row), now=now)


@pytest.mark.parametrize("state", get_args(MessageState))
def test_only_messages_being_sent_are_filtered_out(state: str) -> None:
    record = {"eventName": "MODIFY", "dynamodb": {"NewImage": {"state": {"S": state}}}}
    assert passes(record, MESSAGES) == (state != "sending")
    assert "sending" not in {"queued", *messages.LEFT}


@pytest.mark.parametrize("kind", ["INSERT", "MODIFY", "REMOVE"])
@pytest.mark.parametrize("row", AUDITED, ids=lambda row: row.kind.noun)
def test_every_audited_row_passes_a_filter(row: AuditedRow, kind: str) -> None:
    patterns = (ROSTERS, DELETED_SESSIONS) if row.prefix in ON_ROSTERS else (RECORDS,)
    record = {"eventName": kind, "dynamodb": {"Keys": {"pk": {"S": "demo"}, "sk": {"S": row.prefix}}}}
    never_deleted = row.prefix in set(ON_ROSTERS) - {keys.SESSION} and kind == "REMOVE"
    assert any(passes(record, pattern) for pattern in patterns) is not never_deleted


@pytest.mark.parametrize("kind", ["INSERT", "MODIFY", "REMOVE"])
@pytest.mark.parametrize("sort_key", NOT_AUDITED)
def test_other_rows_of_records_are_filtered_out(sort_key: str, kind: str) -> None:
    assert not passes({"eventName": kind, "dynamodb": {"Keys": {"pk": {"S": "demo"}, "sk": {"S": sort_key}}}}, RECORDS)


def test_deleted_sessions_pass_for_the_audit_log() -> None:
    record = {"eventName": "REMOVE", "dynamodb": {"Keys": {"pk": {"S": "demo#s"}, "sk": {"S": keys.SESSION}}}}
    assert passes(record, DELETED_SESSIONS)


def test_new_entries_of_the_audit_log_pass_for_webhooks() -> None:
    row = {"pk": {"S": keys.audit("demo", "").pk}, "sk": {"S": "2026-03-01T12:00:00Z#e1"}}
    mark = {"pk": {"S": keys.audit_erased("demo", "x").pk}, "sk": {"S": "x"}}
    told = [(kind, passes({"eventName": kind, "dynamodb": {"Keys": row}}, AUDIT_ENTRIES)) for kind in ("INSERT", "MODIFY", "REMOVE")]
    assert told == [("INSERT", True), ("MODIFY", False), ("REMOVE", False)]
    assert not passes({"eventName": "INSERT", "dynamodb": {"Keys": mark}}, AUDIT_ENTRIES)


def test_queues_run_as_many_at_once_as_the_application_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = {source.name: source.maximum_concurrency for source in app.app.event_sources if isinstance(source, SQSEventConfig)}
    monkeypatch.setattr(stage_config, "stream", lambda *_: NEW)
    given = {source.function: source.settings.get("ScalingConfig") for source in wanted(STAGE, OUTPUTS)}
    assert declared.keys() == {"on_jobs", "on_webhooks"}
    assert {name: given[STAGE.function(name)] for name in declared} == {
        name: {"MaximumConcurrency": at_once} for name, at_once in declared.items()
    }
