"""Replay of failed stream records: from the stream while it keeps them, then from the tables; nothing is done twice."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.config import config
from chalicelib.events import audit as audit_events
from chalicelib.events import deliveries as delivery_events
from chalicelib.events import messages as message_events
from chalicelib.events import rosters as roster_events
from chalicelib.events import schedules
from chalicelib.operations.customers import create_customer
from chalicelib.operations.messages import queue
from chalicelib.rules.actor import Actor
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import audit, organisations
from chalicelib.tables.actor import acting
from chalicelib.tables.audit import Filters
from infra.commands.replay import replayed
from infra.deployment.stage import Stage
from infra.operation import failures
from infra.operation.failures import failure_from
from infra.operation.functions import FunctionFailedError
from tests.operations.conftest import open_session, organisation, ses, streams
from tests.operations.faults import queue_many
from tests.operations.messages.test_outbox import cure, poisonous
from tests.operations.simulated_aws import Lambda, Record, Ses, Streams
from tests.operations.test_reactions import invited

__all__ = ["open_session", "organisation", "ses", "streams"]
STAGE = Stage("test")


class Functions:
    """The deployed functions, called in this process."""

    def __init__(self, now: datetime) -> None:
        self.called: list[str] = []
        self.broken = False
        self._handlers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "rollbook-test-on_messages": lambda event: message_events.handle(event, clock=lambda: now),
            "rollbook-test-on_rosters": lambda event: roster_events.handle(event, clock=lambda: now),
            "rollbook-test-on_records": lambda event: audit_events.handle(event, clock=lambda: now),
            "rollbook-test-on_deliveries": lambda event: delivery_events.handle(event, clock=lambda: now),
            "rollbook-test-run_schedules": lambda _: schedules.run(now),
        }

    def __call__(self, function: str, event: dict[str, Any]) -> Any:
        self.called.append(function)
        if self.broken:
            raise FunctionFailedError(f"{function} failed; its log says why")
        return self._handlers[function](json.loads(json.dumps(event)))


@pytest.fixture
def functions(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Functions:
    monkeypatch.setattr(failures, "WAIT_SECONDS", 0)
    return Functions(now)


def set_aside(handler: str, *records: Record) -> str:
    """Put the message that Lambda writes about failed records on the failure queue, and return it."""
    table = {"on_messages": config().messages_table, "on_records": config().records_table}.get(handler, config().rosters_table)
    arn = boto3.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    shard = boto3.client("dynamodbstreams").describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    body = json.dumps(
        {
            "requestContext": {
                "requestId": "c0ffee",
                "functionArn": f"arn:aws:lambda:eu-central-1:123456789012:function:rollbook-test-{handler}",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 6,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None},
            "version": "1.0",
            "timestamp": "2026-11-22T12:00:09.717Z",
            "DDBStreamBatchInfo": {
                "shardId": shard,
                "startSequenceNumber": records[0]["dynamodb"]["SequenceNumber"],
                "endSequenceNumber": records[-1]["dynamodb"]["SequenceNumber"],
                "approximateArrivalOfFirstRecord": "2026-11-22T12:00:00Z",
                "approximateArrivalOfLastRecord": "2026-11-22T12:00:00Z",
                "batchSize": len(records),
                "streamArn": arn,
            },
        }
    )
    _put(body)
    return body


def _put(body: str) -> None:
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=STAGE.failed_records)["QueueUrl"], MessageBody=body)


def waiting() -> int:
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=STAGE.failed_records)["QueueUrl"]
    return int(
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]["ApproximateNumberOfMessages"]
    )


def test_a_poison_record_is_set_aside_and_replayed_once_its_cause_is_gone(
    organisation: Organisation, streams: Streams, ses: Ses, now: datetime, functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_many(5, now)
    poison = queue(kind="password_reset", org="demo", to="poison@example.org", locale="en", data={"user": "u"}, key="poison", now=now)
    records = sorted(streams.messages.read(), key=lambda record: not poisonous(record, poison))
    stream = Lambda(lambda event: message_events.handle(event, clock=lambda: now))
    stream.deliver(records)
    assert len(ses.sent) == 5, "a failed record does not block the others"
    assert "poison@" not in set_aside("on_messages", *stream.set_aside), "the queue has the position of a record, not its content"

    assert replayed(STAGE, functions, from_tables=False, dry=True) == 1
    assert functions.called == []
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 1, "the record fails again while its cause remains"
    assert (len(ses.sent), waiting()) == (5, 1)
    cure(poison)
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 0
    assert (ses.recipients[5:], waiting()) == (["poison@example.org"], 0)
    said = capsys.readouterr().out
    assert "would be handled again" in said
    assert "failed again" in said
    assert "The queue is empty." in said
    assert "@" not in said


def test_a_range_of_records_is_replayed_whole_and_sends_nothing_twice(
    organisation: Organisation, streams: Streams, ses: Ses, now: datetime, functions: Functions
) -> None:
    queue_many(13, now)
    records = streams.messages.read()
    message_events.handle({"Records": records[:5]}, clock=lambda: now)
    set_aside("on_messages", *records[2:12])
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 0
    assert sorted(ses.recipients) == sorted(f"{index}@example.org" for index in range(12))


def test_records_of_the_audit_log_are_replayed_and_give_each_entry_once(
    organisation: Organisation, streams: Streams, now: datetime, functions: Functions
) -> None:
    with acting(Actor("staff", "u", "ana@demo.test")):
        for name in ("Ben", "Cleo"):
            create_customer("demo", CustomerInput(name=name, email=f"{name}@example.org"), key=name, now=now)
    records = [record for record in streams.records.read() if "CUSTOMER#" in record["dynamodb"]["Keys"]["sk"]["S"]]
    set_aside("on_records", *records)
    for _ in range(2):
        assert replayed(STAGE, functions, from_tables=False, dry=False) == 0
        assert [entry.action for entry in audit.every("demo", Filters())] == ["customer.created"] * 2
        set_aside("on_records", *records)


def test_a_failing_function_leaves_the_queue_unchanged(
    organisation: Organisation, streams: Streams, ses: Ses, now: datetime, functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_many(1, now)
    set_aside("on_messages", *streams.messages.read())
    functions.broken = True
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 1
    assert waiting() == 1
    assert "its log says why" in capsys.readouterr().out


def test_trimmed_records_are_replayed_from_the_tables(
    open_session: Callable[..., Session],
    streams: Streams,
    ses: Ses,
    now: datetime,
    functions: Functions,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_session(meetings=ahead())
    invited("ana@example.org", now=datetime.now(UTC))
    set_aside("on_rosters", *streams.rosters.read())
    monkeypatch.setattr(failures, "_read", _trimmed)

    assert replayed(STAGE, functions, from_tables=False, dry=False) == 1
    assert "infra replay --stage test --from-tables" in capsys.readouterr().out
    assert replayed(STAGE, functions, from_tables=True, dry=True) == 1
    assert "hold_added" in capsys.readouterr().out
    assert replayed(STAGE, functions, from_tables=True, dry=False) == 0
    streams.messages.read()
    assert replayed(STAGE, functions, from_tables=True, dry=False) == 0, "a second run finds nothing to do"
    assert "0 made up for" in capsys.readouterr().out.splitlines()[-3]


def ahead() -> tuple[Meeting]:
    """Return a meeting that takes place tomorrow: a replay from the tables uses the real clock."""
    starts = datetime.now(UTC) + timedelta(days=1)
    return (Meeting("m1", starts, starts + timedelta(minutes=90)),)


def _trimmed(*_: object) -> Any:
    raise ClientError({"Error": {"Code": "TrimmedDataAccessException", "Message": ""}}, "GetRecords")


def test_a_failed_replay_does_not_block_others_and_keeps_the_queue(
    open_session: Callable[..., Session],
    streams: Streams,
    now: datetime,
    functions: Functions,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from chalicelib.operations import reactions

    open_session(meetings=ahead())
    for name in ("ana", "ben"):
        invited(f"{name}@example.org", now=datetime.now(UTC))
    set_aside("on_rosters", *streams.rosters.read())
    monkeypatch.setattr(failures, "_read", _trimmed)
    usual, called = reactions.hold_added, []

    def once(*given: Any, **more: Any) -> None:
        called.append(given)
        if len(called) == 1:
            raise KeyError("ana@example.org")
        usual(*given, **more)

    monkeypatch.setattr(reactions, "hold_added", once)
    assert replayed(STAGE, functions, from_tables=True, dry=False) == 1
    assert (len(called), waiting()) == (2, 1)
    said = capsys.readouterr().out
    assert "failed (KeyError)" in said
    assert "@" not in said


def test_what_was_deleted_meanwhile_is_left_out(
    open_session: Callable[..., Session],
    streams: Streams,
    functions: Functions,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from chalicelib.operations import reactions

    def deleted(*_: Any, **__: Any) -> None:
        raise NotFound

    open_session(meetings=ahead())
    invited("ana@example.org", now=datetime.now(UTC))
    set_aside("on_rosters", *streams.rosters.read())
    monkeypatch.setattr(failures, "_read", _trimmed)
    monkeypatch.setattr(reactions, "hold_added", deleted)
    assert replayed(STAGE, functions, from_tables=True, dry=False) == 0
    assert waiting() == 0
    assert "0 made up for from the tables" in capsys.readouterr().out


def test_foreign_messages_stay_in_the_queue(tables: None, functions: Functions, capsys: pytest.CaptureFixture[str]) -> None:
    for body in ("hello", "[]", '{"DDBStreamBatchInfo": 1}'):
        _put(body)
        assert failure_from({"Body": body, "ReceiptHandle": "r"}) is None
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 1
    assert waiting() == 3
    assert "not one of Lambda's" in capsys.readouterr().out


def set_event_aside(event: dict[str, Any]) -> None:
    """Put the message that Lambda writes about a failed event on the failure queue."""
    context = {"requestId": "c0ffee", "condition": "RetriesExhausted", "approximateInvokeCount": 3}
    context["functionArn"] = "arn:aws:lambda:eu-central-1:123456789012:function:rollbook-test-on_deliveries:$LATEST"
    _put(json.dumps({"version": "1.0", "timestamp": "2026-11-22T12:00:09.717Z", "requestContext": context, "requestPayload": event}))


def test_a_bounce_that_nobody_could_record_is_recorded_by_a_replay(
    open_session: Callable[..., Session],
    streams: Streams,
    ses: Ses,
    now: datetime,
    functions: Functions,
    capsys: pytest.CaptureFixture[str],
) -> None:
    open_session()
    invited("ana@example.org", now=now)
    streams.drain(now)
    (message,) = ses.ids()
    mail = {"messageId": "x", "tags": {"org": ["demo"], "message": [message]}}
    set_event_aside({"detail": {"eventType": "Bounce", "bounce": {"bounceType": "Permanent"}, "mail": mail}})
    assert replayed(STAGE, functions, from_tables=False, dry=True) == 1
    assert "on_deliveries: an event of 2026-11-22T12:00:09.717Z" in capsys.readouterr().out
    assert organisations.email_preferences("demo", "ana@example.org").bounce is None
    functions.broken = True
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 1
    functions.broken = False
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 0
    assert organisations.email_preferences("demo", "ana@example.org").bounce is not None
    assert waiting() == 0


def test_what_never_succeeds_is_given_up_on_request(tables: None, functions: Functions, capsys: pytest.CaptureFixture[str]) -> None:
    set_event_aside({})
    functions.broken = True
    assert replayed(STAGE, functions, from_tables=False, give_up=True, dry=True) == 1
    assert replayed(STAGE, functions, from_tables=False, give_up=True, dry=False) == 0
    assert "given up: rollbook-test-on_deliveries" in capsys.readouterr().out
    assert waiting() == 0
