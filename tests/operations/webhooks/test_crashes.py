"""R15: 1,000 events against a receiver that fails in every way, with crashes at every step: none is lost, each keeps its id."""

import random
import sys
from typing import Any

import pytest

from chalicelib.tables import webhook_deliveries, webhooks
from tests.operations.simulated_aws import Crashes
from tests.operations.webhooks.conftest import Line
from tests.operations.webhooks.receiver import unreliable

EVENTS = 1_000
RATE = 0.02
STEPS = {
    webhook_deliveries: ("create", "take", "finish", "retry"),
    webhooks: ("every", "get", "note_failure", "note_success"),
}


def test_nothing_is_lost(line: Line, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(15)
    crashes = Crashes(RATE, dice)
    line.receiver.answers = unreliable(dice)
    post: Any = line.receiver.post
    line.receiver.post = crashes.around("post", post)  # type: ignore[method-assign]
    for module, names in STEPS.items():
        for name in names:
            monkeypatch.setattr(module, name, crashes.around(name, getattr(module, name)))
    for module_name in ("record", "send", "queue"):
        module_of = sys.modules[f"chalicelib.operations.webhooks.{module_name}"]
        monkeypatch.setattr(module_of, "queue_attempt", crashes.around("queue_attempt", vars(module_of)["queue_attempt"]))
    for number in range(EVENTS):
        line.tell(f"e{number}", thing=f"s1-r{number}")
        line.clock.go_on(1)
        if number % 20 == 0:
            line.carry()
    line.go_on(days=1)
    crashes.rate = 0
    line.go_on(days=2)
    told = {body["data"]["id"]: id for id, body in line.receiver.bodies.items()}
    ids = {headers["webhook-id"] for headers in line.receiver.headers}
    repeated = sum(1 for times in line.receiver.accepted.values() if times > 1)
    with capsys.disabled():
        print(
            f"\nR15: {EVENTS} events, {line.receiver.attempts} attempts, {len(crashes.deaths)} crashes at {len(crashes.steps)} steps, "
            f"{EVENTS - len(told)} lost, {repeated} accepted more than once, {len(ids)} ids"
        )
    assert told.keys() == {f"s1-r{number}" for number in range(EVENTS)}
    assert len(ids) == EVENTS
    assert {one.status for one in line.log()} == {"delivered"}
    assert crashes.unreached == set()
    assert repeated < len(crashes.deaths)


def test_the_test_notices_a_lost_event(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the schedule that finds overdue deliveries, a message that went aside leaves its event behind."""
    monkeypatch.setattr(webhook_deliveries, "overdue", lambda **_: [])
    line.tell("e1")
    line.queue.waiting.clear()
    line.go_on(days=3)
    assert dict(line.receiver.accepted) == {}
