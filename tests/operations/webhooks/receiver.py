"""A receiver of webhooks that verifies what it gets with the package of the specification, and the queue with its delays."""

import heapq
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from standardwebhooks.webhooks import Webhook as Verifier

from chalicelib.rules.webhook_addresses import Target
from chalicelib.rules.webhooks import DeliveryOutcome

VISIBILITY = timedelta(seconds=360)
MOST_TRIES = 5


@dataclass
class Receiver:
    """Answers as told, and remembers what it accepted: by id, how often, and the bodies."""

    secret: str
    answers: Callable[[str], DeliveryOutcome] = lambda _id: DeliveryOutcome(200)
    accepted: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, Any] = field(default_factory=dict)
    attempts: int = 0
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def post(self, _to: Target, headers: Mapping[str, str], body: bytes, **_: Any) -> DeliveryOutcome:
        self.attempts += 1
        self.headers.append(headers)
        outcome = self.answers(headers["webhook-id"])
        if outcome.is_success:
            self._take(headers, body)
        return outcome

    def _take(self, headers: Mapping[str, str], body: bytes) -> None:
        now = int(datetime.now().timestamp())  # noqa: DTZ005 - the package compares with the real clock
        told = json.loads(body)
        verified = Verifier(self.secret)
        seconds = verified.sign(headers["webhook-id"], datetime.fromtimestamp(int(headers["webhook-timestamp"])), body.decode())  # noqa: DTZ006
        assert seconds in headers["webhook-signature"].split(" "), now
        assert told["id"] == headers["webhook-id"]
        self.accepted[told["id"]] += 1
        self.bodies[told["id"]] = told


def unreliable(dice: random.Random) -> Callable[[str], DeliveryOutcome]:
    """Return answers that fail in every way, now and then."""
    failures = [
        DeliveryOutcome(500),
        DeliveryOutcome(503),
        DeliveryOutcome(302),
        DeliveryOutcome(404),
        DeliveryOutcome(None, "timed_out"),
        DeliveryOutcome(None, "not_reached"),
    ]
    return lambda _id: dice.choice(failures) if dice.random() < 0.25 else DeliveryOutcome(200)


@dataclass
class DelayedQueue:
    """A stand-in for SQS: messages come after their delay, again after a crash, and aside after too many."""

    now: Callable[[], datetime]
    waiting: list[tuple[datetime, int, str, int]] = field(default_factory=list)
    set_aside: int = 0
    _order: Any = field(default_factory=itertools.count)

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> dict[str, str]:  # noqa: N803 - as boto3 has it
        assert QueueUrl.endswith("-webhooks")
        assert 0 <= DelaySeconds <= 900
        heapq.heappush(self.waiting, (self.now() + timedelta(seconds=DelaySeconds), next(self._order), MessageBody, 1))
        return {}

    def take(self) -> tuple[str, int] | None:
        if not self.waiting or self.waiting[0][0] > self.now():
            return None
        _, _, body, tries = heapq.heappop(self.waiting)
        return body, tries

    def put_back(self, body: str, tries: int) -> None:
        if tries >= MOST_TRIES:
            self.set_aside += 1
        else:
            heapq.heappush(self.waiting, (self.now() + VISIBILITY, next(self._order), body, tries + 1))
