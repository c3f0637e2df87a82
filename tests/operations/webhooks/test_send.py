"""Attempts, pauses, switching off, rotation, and sending again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.operations import organisations, webhooks
from chalicelib.operations.webhooks.queue import key_from
from chalicelib.rules.inputs.webhooks import WebhookChanges
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.webhooks import PAUSES, DeliveryOutcome
from chalicelib.tables import webhook_deliveries
from chalicelib.tables import webhooks as table
from tests.operations.webhooks.conftest import Line


def test_an_event_arrives_signed_and_is_logged(line: Line) -> None:
    line.tell("e1")
    line.carry()
    (delivery,) = line.log()
    assert (delivery.status, delivery.attempts, delivery.answered, delivery.next_at) == ("delivered", 1, 200, None)
    (told,) = line.receiver.bodies.values()
    assert told == {
        "id": delivery.id,
        "type": "registration.created",
        "timestamp": f"{delivery.at:%Y-%m-%dT%H:%M:%SZ}",
        "organisation": "demo",
        "data": {"id": "s1-r1"},
    }


def test_a_repeated_record_tells_nothing_twice(line: Line) -> None:
    for _ in range(3):
        line.tell("e1")
    line.carry()
    line.tell("e1")
    line.go_on(minutes=5)
    assert list(line.receiver.accepted.values()) == [1]


def test_failed_attempts_are_repeated_with_growing_pauses_for_three_days(line: Line) -> None:
    line.receiver.answers = lambda _id: DeliveryOutcome(500)
    line.tell("e1")
    moments = []
    line.carry()
    for number, pause in enumerate(PAUSES, 1):
        (delivery,) = line.log()
        assert (delivery.attempts, delivery.status, delivery.answered) == (number, "pending", 500)
        moments.append(delivery.next_at)
        line.go_on(seconds=pause.total_seconds() + 60)
    (delivery,) = line.log()
    assert (delivery.attempts, delivery.status, delivery.next_at) == (10, "failed", None)
    assert {headers["webhook-id"] for headers in line.receiver.headers} == {delivery.id}
    before = line.receiver.attempts
    line.go_on(days=1)
    assert line.receiver.attempts == before


def test_nothing_is_sent_before_its_moment_or_twice_at_a_time(line: Line) -> None:
    line.receiver.answers = lambda _id: DeliveryOutcome(500)
    line.tell("e1")
    body = line.queue.waiting[0][2]
    for _ in range(3):  # duplicates in the queue, one of them after another
        line.queue.send_message(QueueUrl="-webhooks", MessageBody=body)
    line.carry()
    assert line.receiver.attempts == 1
    taken = webhook_deliveries.take(key_from(body), now=line.clock.now + timedelta(minutes=10))
    assert taken
    assert webhook_deliveries.take(key_from(body), now=line.clock.now + timedelta(minutes=10)) is None


def duplicates_during(line: Line) -> None:
    """Have the same message come again and again while the first attempt is on its way."""
    line.tell("e1")
    body, post = line.queue.waiting[0][2], line.receiver.post

    def slow(*given: Any, **named: Any) -> DeliveryOutcome:
        line.receiver.post = post  # type: ignore[method-assign]
        for _ in range(3):
            line.queue.send_message(QueueUrl="-webhooks", MessageBody=body)
        line.carry()
        return post(*given, **named)

    line.receiver.post = slow  # type: ignore[method-assign]
    line.carry()


def test_two_attempts_never_run_at_once(line: Line) -> None:
    duplicates_during(line)
    assert (line.receiver.attempts, line.log()[0].status) == (1, "delivered")


def test_without_the_lease_they_would(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_deliveries, "take", lambda key, now: webhook_deliveries.get(key))
    duplicates_during(line)
    assert line.receiver.attempts > 1


def test_an_attempt_that_lost_its_lease_records_nothing(line: Line) -> None:
    line.tell("e1")
    key = key_from(line.queue.waiting[0][2])
    slow = webhook_deliveries.take(key, now=line.clock.now)
    other = webhook_deliveries.take(key, now=line.clock.now + timedelta(seconds=61))
    assert slow
    assert other
    webhook_deliveries.finish(other, "delivered", DeliveryOutcome(200))
    assert not webhook_deliveries.retry(slow, DeliveryOutcome(500), at=line.clock.now, now=line.clock.now)
    webhook_deliveries.finish(slow, "failed", DeliveryOutcome(500))
    assert line.log()[0].status == "delivered"


def test_what_was_delivered_can_be_sent_again_under_the_same_id(line: Line) -> None:
    line.tell("e1")
    line.carry()
    (delivery,) = line.log()
    line.go_on(hours=1)
    webhooks.send_again("demo", line.webhook.id, delivery.id, now=line.clock.now)
    line.carry()
    assert dict(line.receiver.accepted) == {delivery.id: 2}
    with pytest.raises(NotFound):
        webhooks.send_again("demo", line.webhook.id, "nothing", now=line.clock.now)


def test_a_new_secret_counts_at_once_and_the_old_one_for_a_day(line: Line) -> None:
    new = webhooks.rotate("demo", line.webhook.id, now=line.clock.now)
    old = line.receiver.secret
    for secret, hours in ((old, 0), (new.secret, 0)):
        line.receiver.secret = secret
        line.tell(f"{secret}-{hours}")
        line.carry()
    assert len(line.receiver.headers[0]["webhook-signature"].split(" ")) == 2
    line.go_on(hours=24)
    line.tell("later")
    line.carry()
    assert len(line.receiver.headers[-1]["webhook-signature"].split(" ")) == 1
    assert len(line.receiver.accepted) == 3


def test_a_secret_that_is_changed_twice_leaves_no_gap(line: Line) -> None:
    """As when the first answer was lost: its secret is known to nobody, and the receiver still has the one before."""
    known = line.receiver.secret
    for _ in range(2):
        new = webhooks.rotate("demo", line.webhook.id, now=line.clock.now)
        line.go_on(hours=1)
    for secret in (known, new.secret):
        line.receiver.secret = secret
        line.tell(secret)
        line.carry()
    assert len(line.receiver.accepted) == 2
    line.receiver.secret = new.secret
    line.go_on(hours=23)
    line.tell("later")
    line.carry()
    assert len(line.receiver.headers[-1]["webhook-signature"].split(" ")) == 1


def test_a_deleted_webhook_is_told_nothing_more(line: Line) -> None:
    line.tell("e1")
    webhooks.delete("demo", line.webhook.id)
    line.carry()
    assert line.receiver.attempts == 0
    assert [(one.status, one.fault) for one in line.log()] == [("failed", "switched_off")]


def test_an_address_that_is_not_allowed_any_more_is_not_called(line: Line) -> None:
    table.save(replace(line.webhook, url="http://127.0.0.1:8099/"))  # as a webhook of the local stack that was moved to a deployment
    line.tell("e1")
    line.carry()
    assert line.receiver.attempts == 0
    assert line.log()[0].fault == "address_refused"


def test_only_what_a_webhook_asked_for_is_recorded(line: Line) -> None:
    webhooks.edit("demo", line.webhook.id, WebhookChanges(events=["customer.created"]))
    for action in ("registration.created", "customer.created", "staff.invited", "webhook.updated"):
        line.tell(action, action)
    assert [one.event for one in line.log()] == ["customer.created"]


def test_an_event_that_fails_here_is_given_up_like_one_that_fails_there(line: Line) -> None:
    """One that can never be told must not come every minute for the thirty days that its row lives."""

    def broken(*_: Any) -> Any:
        raise KeyError("a fault of ours")

    line.tell("e1")
    key = key_from(line.queue.waiting[0][2])
    for number, pause in enumerate((*PAUSES, None), 1):
        with pytest.raises(KeyError):
            webhooks.send(key, broken, clock=line.clock, post=line.receiver.post)
        webhooks.send(key, broken, clock=line.clock, post=line.receiver.post)  # its message comes again: not due
        (delivery,) = line.log()
        assert (delivery.attempts, delivery.next_at) == (number, pause and line.clock.now + pause)
        line.clock.now += pause or timedelta()
    assert (delivery.status, delivery.fault, line.receiver.attempts) == ("failed", "fault_of_ours", 0)
    assert table.get("demo", line.webhook.id).failing_since is None


def test_a_schedule_finds_what_no_message_tells_of(line: Line) -> None:
    line.tell("e1")
    line.queue.waiting.clear()
    line.go_on(seconds=30)
    assert line.receiver.attempts == 0
    line.go_on(minutes=16)
    assert list(line.receiver.accepted.values()) == [1]


def test_deliveries_of_a_suspended_organisation_rest_and_use_up_no_attempt(line: Line) -> None:
    line.tell("e1")
    organisations.suspend("demo", now=line.clock.now)
    line.go_on(days=4)
    assert line.receiver.attempts == 0
    assert [(one.status, one.attempts) for one in line.log()] == [("pending", 0)]
    organisations.resume("demo", now=line.clock.now)
    line.go_on(hours=2)
    assert [(one.status, one.attempts) for one in line.log()] == [("delivered", 1)]
