"""When a webhook is switched off, and how it goes on."""

import pytest

from chalicelib.config import config
from chalicelib.events import audit
from chalicelib.operations import webhooks
from chalicelib.rules.actor import CLOCK
from chalicelib.rules.inputs.webhooks import WebhookChanges
from chalicelib.rules.messages import Message
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.permissions import Role
from chalicelib.rules.webhooks import DeliveryOutcome, WebhookOff
from chalicelib.tables import messages, notifications, staff
from chalicelib.tables import webhooks as table
from chalicelib.tables.actor import acting
from tests.operations.simulated_aws import Stream
from tests.operations.webhooks.conftest import Line


def test_a_receiver_that_is_gone_is_not_told_any_more(line: Line) -> None:
    line.receiver.answers = lambda _id: DeliveryOutcome(410)
    line.tell("e1")
    line.carry()
    found = table.get("demo", line.webhook.id)
    assert (found.active, found.off_reason) == (False, "gone")
    assert line.log()[0].status == "failed"
    line.tell("e2")
    assert len(line.log()) == 1


def test_five_days_of_failures_switch_it_off(line: Line) -> None:
    line.receiver.answers = lambda _id: DeliveryOutcome(None, "timed_out")
    for day in range(6):
        line.tell(f"e{day}")
        line.go_on(days=1)
        assert table.get("demo", line.webhook.id).active == (day < 5), day
    found = table.get("demo", line.webhook.id)
    assert (found.off_reason, found.off_at is not None, found.failing_since) == ("failing", True, None)
    line.go_on(days=3)
    assert {one.status for one in line.log()} == {"failed"}


def test_one_success_begins_the_five_days_anew(line: Line) -> None:
    line.receiver.answers = lambda _id: DeliveryOutcome(500)
    line.tell("e1")
    line.go_on(days=4)
    assert table.get("demo", line.webhook.id).failing_since
    line.receiver.answers = lambda _id: DeliveryOutcome(200)
    line.tell("e2")
    line.carry()
    assert table.get("demo", line.webhook.id).failing_since is None
    line.receiver.answers = lambda _id: DeliveryOutcome(500)
    line.tell("e3")
    line.go_on(days=4)
    assert table.get("demo", line.webhook.id).active


def test_a_failure_seen_late_does_not_switch_off_what_was_reached_meanwhile(line: Line) -> None:
    seen = table.note_failure(line.webhook, now=line.clock.now)
    assert seen
    table.note_success(seen)
    table.switch_off(seen, "failing", now=line.clock.now)
    assert table.get("demo", line.webhook.id).active


def test_owners_are_told_once_that_a_webhook_was_switched_off(line: Line) -> None:
    roles: tuple[Role, ...] = ("owner", "manager")
    for role in roles:
        staff.add(StaffMember("demo", f"u-{role}", f"{role}@demo.test", role, role, "active", line.clock.now))
    records = Stream(config().records_table)
    records.read()
    line.receiver.answers = lambda _id: DeliveryOutcome(410)
    line.tell("e1")
    with acting(CLOCK):
        line.carry()
    changes = records.read()
    for _ in range(2):
        audit.handle({"Records": changes}, clock=line.clock)
    kinds = {email: [message.kind for message in to(email)] for email in ("owner@demo.test", "manager@demo.test")}
    assert kinds == {"owner@demo.test": ["webhook_off"], "manager@demo.test": []}
    told, _ = notifications.page("demo", after="0", limit=10, start=None)
    assert [one.kind for one in told] == ["webhook_off"]


def to(email: str) -> list[Message]:
    return messages.to_address("demo", email, limit=10, start=None)[0]


def test_it_can_be_switched_on_again_and_send_again(line: Line) -> None:
    line.receiver.answers = lambda _id: DeliveryOutcome(410)
    line.tell("e1")
    line.carry()
    (delivery,) = line.log()
    with pytest.raises(WebhookOff):
        webhooks.send_again("demo", line.webhook.id, delivery.id, now=line.clock.now)
    with pytest.raises(WebhookOff):
        webhooks.ping("demo", line.webhook.id, now=line.clock.now)
    webhooks.edit("demo", line.webhook.id, WebhookChanges(active=True))
    line.receiver.answers = lambda _id: DeliveryOutcome(200)
    webhooks.send_again("demo", line.webhook.id, delivery.id, now=line.clock.now)
    line.carry()
    assert dict(line.receiver.accepted) == {delivery.id: 1}
    assert line.log()[0].status == "delivered"


def test_another_address_does_not_inherit_the_failures_of_the_one_before(line: Line) -> None:
    line.receiver.answers = lambda _id: DeliveryOutcome(500)
    line.tell("e1")
    line.go_on(days=4, hours=23)
    webhooks.edit("demo", line.webhook.id, WebhookChanges(url="https://example.org/repaired"))
    line.tell("e2")
    line.go_on(days=1)
    assert table.get("demo", line.webhook.id).active
