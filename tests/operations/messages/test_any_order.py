"""R6 in any order: invitations to the portal and to sessions, reminders, unsubscribing, bounces, and sending."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from chalicelib.emails.kinds import declaration
from chalicelib.operations import reminders
from chalicelib.operations.messages import queue
from chalicelib.rules.invitations import AlreadyInvited
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import messages, organisations
from tests.operations.sample_customers import everybody, invited_again, known
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker
from tests.operations.test_reactions import invited

PEOPLE = 6
STEPS = 60
SEEDS = range(2)


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_gets_what_they_did_not_want_when_it_was_sent(
    open_session: Callable[..., Session], worker: Worker, streams: Streams, ses: Ses, now: datetime, seed: int
) -> None:
    far = now + timedelta(days=300)
    open_session(spots_total=1000, chunks=20, meetings=(Meeting("m1", far, far + timedelta(hours=1)),))
    life = Life(worker, streams, ses, now, random.Random(seed))
    for index in range(STEPS):
        life.step(index)
    life.send()
    print(f"seed {seed}: {len(ses.sent)} sent, {life.tally}")
    assert life.wrong == []
    assert {"portal_invitation", "portal_reminder", "session_invitation", "invitation_reminder", "password_reset"} <= life.tally.keys()


class Life:
    """What may happen, in any order; every e-mail is held against what its address wanted when it was sent."""

    def __init__(self, worker: Worker, streams: Streams, ses: Ses, now: datetime, dice: random.Random) -> None:
        self.worker, self.streams, self.ses, self.now, self.dice = worker, streams, ses, now, dice
        self.owns = known(PEOPLE, now=now)
        self.unsubscribed: set[str] = set()
        self.suppressed: set[str] = set()
        self.tally: Counter[str] = Counter()
        self.wrong: list[tuple[str, str]] = []

    def step(self, index: int) -> None:
        does: list[tuple[int, Callable[[], object]]] = [
            (1, lambda: everybody(self.now, f"all {index}")),
            (2, lambda: invited_again(self._one(), now=self.now, key=str(index))),
            (3, self.worker.work),
            (3, lambda: self._invite_to_session(index)),
            (4, self._let_the_schedule_run),
            (1, lambda: self._wish(unsubscribed=True)),
            (1, lambda: self._wish(unsubscribed=False)),
            (1, self._suppress if index > STEPS // 2 else self.send),
            (2, lambda: self._ask_for_a_password(index)),
            (3, self.send),
        ]
        self.dice.choices([do for _, do in does], [weight for weight, _ in does])[0]()

    def send(self) -> None:
        self.worker.work()
        before = len(self.ses.sent)
        self.streams.drain(self.now)
        self.streams.drain(self.now)
        for own, to in zip(self.ses.ids()[before:], self.ses.recipients[before:], strict=True):
            message = messages.get("demo", own)
            assert message
            self.tally[message.kind] += 1
            if to in self.suppressed or (to in self.unsubscribed and declaration(message.kind).unsubscribable):
                self.wrong.append((to, message.kind))

    def _one(self) -> str:
        return self.dice.choice(self.owns)

    def _address(self) -> str:
        return f"{self._one()}@example.org"

    def _invite_to_session(self, index: int) -> None:
        with suppress(AlreadyInvited):
            invited(self._address(), now=self.now, key=str(index), expires_at=(self.now + timedelta(days=100)).isoformat())

    def _let_the_schedule_run(self) -> None:
        self.now += timedelta(days=1)
        reminders.remind(now=self.now, leaves_at=self.now)

    def _wish(self, *, unsubscribed: bool) -> None:
        to = self._address()
        organisations.set_unsubscribed("demo", to, unsubscribed=unsubscribed, now=self.now)
        (self.unsubscribed.add if unsubscribed else self.unsubscribed.discard)(to)

    def _suppress(self) -> None:
        to = self._address()
        organisations.note_bounce("demo", to, sent_at=self.now, now=self.now)
        self.suppressed.add(to)

    def _ask_for_a_password(self, index: int) -> None:
        data = {"user": "u", "nonce": "n"}
        queue(kind="password_reset", org="demo", to=self._address(), locale="en", data=data, key=str(index), now=self.now)
