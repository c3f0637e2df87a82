"""What the streams' functions could not handle is replayed: from the stream while it remembers, then from the tables; never twice."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.events import messages as message_events
from chalicelib.events import rosters as roster_events
from chalicelib.events import schedules
from chalicelib.operations.messages import queue
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.settings import settings
from infra.commands.replay import replayed
from infra.deploying.stage import Stage
from infra.operating import failures
from infra.operating.failures import failure_from
from infra.operating.functions import FunctionFailedError
from tests.messages.conftest import office, open_session, organisation, ses
from tests.messages.post_office import Lambda, PostOffice, Record, Ses
from tests.messages.test_following import invited
from tests.messages.test_outbox import cure, poisonous
from tests.messages.troubles import queue_many

__all__ = ["office", "open_session", "organisation", "ses"]
STAGE = Stage("test")


class Functions:
    """The deployed functions, in this process."""

    def __init__(self, now: datetime) -> None:
        self.called: list[str] = []
        self.broken = False
        self._handlers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "rollbook-test-on_messages": lambda event: message_events.handle(event, clock=lambda: now),
            "rollbook-test-on_rosters": lambda event: roster_events.handle(event, clock=lambda: now),
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
    """Put on the failure queue what Lambda writes there about records that it gave up, and return it."""
    table = settings().messages_table if handler == "on_messages" else settings().rosters_table
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
    organisation: Organisation, office: PostOffice, ses: Ses, now: datetime, functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_many(5, now)
    poison = queue(kind="password_reset", org="demo", to="poison@example.org", locale="en", data={"user": "u"}, key="poison", now=now)
    records = sorted(office.messages.read(), key=lambda record: not poisonous(record, poison))
    stream = Lambda(lambda event: message_events.handle(event, clock=lambda: now))
    stream.deliver(records)
    assert len(ses.sent) == 5, "neighbours are not held up"
    assert "poison@" not in set_aside("on_messages", *stream.set_aside), "the queue says where the record lies, not what is in it"

    assert replayed(STAGE, functions, from_tables=False, dry=True) == 1
    assert functions.called == []
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 1, "the cause is still there"
    assert (len(ses.sent), waiting()) == (5, 1)
    cure(poison)
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 0
    assert (ses.recipients[5:], waiting()) == (["poison@example.org"], 0)
    said = capsys.readouterr().out
    assert "would be handled again" in said
    assert "failed again" in said
    assert "The queue is empty." in said
    assert "@" not in said


def test_a_stretch_of_records_is_handled_whole_and_sends_nothing_twice(
    organisation: Organisation, office: PostOffice, ses: Ses, now: datetime, functions: Functions
) -> None:
    queue_many(13, now)
    records = office.messages.read()
    message_events.handle({"Records": records[:5]}, clock=lambda: now)
    set_aside("on_messages", *records[2:12])
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 0
    assert sorted(ses.recipients) == sorted(f"{place}@example.org" for place in range(12))


def test_a_function_that_breaks_down_leaves_the_queue_as_it_is(
    organisation: Organisation, office: PostOffice, ses: Ses, now: datetime, functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_many(1, now)
    set_aside("on_messages", *office.messages.read())
    functions.broken = True
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 1
    assert waiting() == 1
    assert "its log says why" in capsys.readouterr().out


def test_what_the_stream_has_no_more_is_made_up_for_from_the_tables(
    open_session: Callable[..., Session],
    office: PostOffice,
    ses: Ses,
    now: datetime,
    functions: Functions,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_session()
    invited("ana@example.org", now=datetime.now(UTC))
    set_aside("on_rosters", *office.rosters.read())
    monkeypatch.setattr(failures, "_read", _trimmed)

    assert replayed(STAGE, functions, from_tables=False, dry=False) == 1
    assert "infra replay --stage test --from-tables" in capsys.readouterr().out
    assert replayed(STAGE, functions, from_tables=True, dry=True) == 1
    assert "hold_came" in capsys.readouterr().out
    assert replayed(STAGE, functions, from_tables=True, dry=False) == 0
    office.messages.read()
    assert replayed(STAGE, functions, from_tables=True, dry=False) == 0, "again: nothing is left to do"
    assert "0 made up for" in capsys.readouterr().out.splitlines()[-3]


def _trimmed(*_: object) -> Any:
    raise ClientError({"Error": {"Code": "TrimmedDataAccessException", "Message": ""}}, "GetRecords")


def test_one_that_cannot_be_made_up_for_holds_up_no_other_and_keeps_the_queue(
    open_session: Callable[..., Session],
    office: PostOffice,
    now: datetime,
    functions: Functions,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from chalicelib.operations.messages import following

    open_session()
    for name in ("ana", "ben"):
        invited(f"{name}@example.org", now=datetime.now(UTC))
    set_aside("on_rosters", *office.rosters.read())
    monkeypatch.setattr(failures, "_read", _trimmed)
    usual, called = following.hold_came, []

    def once(*given: Any, **more: Any) -> None:
        called.append(given)
        if len(called) == 1:
            raise KeyError("ana@example.org")
        usual(*given, **more)

    monkeypatch.setattr(following, "hold_came", once)
    assert replayed(STAGE, functions, from_tables=True, dry=False) == 1
    assert (len(called), waiting()) == (2, 1)
    said = capsys.readouterr().out
    assert "failed (KeyError)" in said
    assert "@" not in said


def test_what_lambda_did_not_write_stays(tables: None, functions: Functions, capsys: pytest.CaptureFixture[str]) -> None:
    for body in ("hello", "[]", '{"DDBStreamBatchInfo": 1}'):
        _put(body)
        assert failure_from({"Body": body, "ReceiptHandle": "r"}) is None
    assert replayed(STAGE, functions, from_tables=False, dry=False) == 1
    assert waiting() == 3
    assert "not one of Lambda's" in capsys.readouterr().out
