"""An organisation with a webhook, its receiver, a queue with delays, and a clock that moves."""

from datetime import datetime, timedelta
from functools import cache

import pytest

from chalicelib import clients
from chalicelib.operations import webhooks
from chalicelib.operations.webhooks.queue import key_from
from chalicelib.rules.actor import CLOCK
from chalicelib.rules.audit import AuditEntry, AuditSubject
from chalicelib.rules.inputs.webhooks import WebhookInput
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.webhooks import WebhookDelivery
from chalicelib.tables import webhook_deliveries
from tests.operations.simulated_aws import Clock, Crash
from tests.operations.webhooks.receiver import DelayedQueue, Receiver


class Line:
    """Carries what is recorded to the receiver, as the queue, the function and the schedule do."""

    def __init__(self, clock: Clock, queue: DelayedQueue, made: webhooks.WebhookWithSecret) -> None:
        self.clock, self.queue, self.receiver = clock, queue, Receiver(made.secret)
        self.webhook = made.webhook

    def tell(self, id: str, action: str = "registration.created", thing: str = "s1-r1") -> None:
        """Bring the entry of an action, as the stream of the audit log does: again after a crash."""
        entry = AuditEntry("demo", id, self.clock.now, CLOCK, action, AuditSubject(action.partition(".")[0], thing))
        while True:
            try:
                webhooks.record_entry(entry, webhooks.ActiveWebhooks(), now=self.clock.now)
                return
            except Crash:
                continue

    def carry(self) -> None:
        """Make every attempt that can be made now."""
        while found := self.queue.take():
            body, tries = found
            try:
                webhooks.send(key_from(body), lambda _org, thing, _now: {"id": thing.id}, clock=self.clock, post=self.receiver.post)
            except Crash:
                self.queue.put_back(body, tries)

    def go_on(self, **by: float) -> None:
        """Let time go by, from one message to the next, with the schedule each quarter of an hour."""
        until = self.clock.now + timedelta(**by)
        scheduled = self.clock.now
        self.carry()
        while self.clock.now < until:
            head = self.queue.waiting[0][0] if self.queue.waiting else until
            self.clock.now = min(until, head, scheduled + timedelta(minutes=15))
            if self.clock.now - scheduled >= timedelta(minutes=15):
                self._run_schedule()
                scheduled = self.clock.now
            self.carry()

    def _run_schedule(self) -> None:
        try:
            webhooks.queue_overdue(now=self.clock.now)
        except Crash:
            return

    def log(self) -> list[WebhookDelivery]:
        found, start = webhook_deliveries.page("demo", self.webhook.id, limit=1_000, start=None)
        while start:
            more, start = webhook_deliveries.page("demo", self.webhook.id, limit=1_000, start=start)
            found += more
        return found


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def queue(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> DelayedQueue:
    made = DelayedQueue(clock)
    monkeypatch.setattr(clients, "sqs", cache(lambda: made))
    return made


@pytest.fixture
def line(organisation: Organisation, clock: Clock, queue: DelayedQueue) -> Line:
    draft = WebhookInput(url="https://example.org/hook", events=["*"])
    return Line(clock, queue, webhooks.create("demo", draft, key="k", now=clock.now))
