"""Concurrent load: threads book, accept, cancel, decline or let holds expire, each with its own clock.

Each thread changes only its own bookings, so that its last answers determine the final state of the ledger.
"""

import random
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeVar

from chalicelib.operations.identity import derived
from chalicelib.operations.invitations import cancel_invitation, decline, revive, sweep
from chalicelib.operations.links import invitation_token
from chalicelib.operations.registrations import remove_registration
from chalicelib.operations.sessions import edit_session
from chalicelib.rules.inputs.invitations import ReviveInput
from chalicelib.rules.inputs.sessions import SessionChanges
from chalicelib.rules.invitations import ExpiresInThePast, Invitation, InvitationEnded
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.tables import sessions
from chalicelib.tables.retries import shared_deadline
from tests.environment import enter
from tests.live.ledger.network_faults import RandomFaults, on_the_wire
from tests.live.ledger.scenario import NOW, ORG, accepted, invited, named, registered

T = TypeVar("T")
SPEED = 20.0
"""Scenario seconds per real second, so that invitations expire during the load."""
SKEW_SECONDS = 30.0
TRIES = 6
Outcome = Literal["in", "held", "out", "full", "busy"]
Script = Literal["rush", "everything", "everything and resizing"]


class LoadPlan(NamedTuple):
    """The plan of one process. `began` is the monotonic time at which the scenario starts."""

    environment: dict[str, str]
    session: str
    script: Script
    seed: int
    threads: int
    rounds: int
    parties: tuple[int, ...]
    began: float
    random_faults: bool = False


@dataclass
class Booking:
    """A booking as its client knows it: the id of its hold, and the last answer."""

    id: str
    party: int
    outcome: Outcome = "busy"
    until: datetime | None = None


@dataclass
class ClientLog:
    """The results of one process."""

    bookings: list[Booking] = field(default_factory=list)
    slowest: float = 0.0
    calls: int = 0
    busy: int = 0
    random_faults: dict[str, int] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)

    def timed(self, do: Callable[[], T]) -> T:
        """Run it, and retry with the same key while the answer is busy, as a client would."""
        for _ in range(TRIES):
            began = time.monotonic()
            try:
                with shared_deadline():
                    return do()
            except (Busy, ChangedMeanwhile):
                self.busy += 1
            finally:
                self.calls += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
        raise Busy


def run_load(plan: LoadPlan) -> ClientLog:
    """Run a load of threads on the session, as a process or a part of one."""
    enter(plan.environment)
    log = ClientLog()
    random_faults = RandomFaults(plan.seed)
    people = [Person(plan, log, number) for number in range(plan.threads)]
    with ExitStack() as stack:
        if plan.random_faults:
            stack.enter_context(on_the_wire(random_faults))
        threads = [threading.Thread(target=person.live) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    log.random_faults = dict(random_faults.counts)
    return log


def scene_time(began: float, skew: float = 0.0) -> datetime:
    return NOW + timedelta(seconds=SPEED * (time.monotonic() - began) + skew)


class Person:
    """A thread of the load, which rounds one life after the other."""

    def __init__(self, plan: LoadPlan, log: ClientLog, number: int) -> None:
        self.plan, self.log, self.session = plan, log, plan.session
        self.name = f"{plan.seed}-{number}"
        self.random = random.Random(self.name)
        self.skew = self.random.uniform(-SKEW_SECONDS, SKEW_SECONDS)

    @property
    def now(self) -> datetime:
        return scene_time(self.plan.began, self.skew)

    def live(self) -> None:
        for life in range(self.plan.rounds):
            try:
                self.one_round(f"{self.name}-{life}")
            except Exception as fault:
                self.log.unexpected.append("".join(traceback.format_exception(fault)))

    def one_round(self, key: str) -> None:
        drawn = self.random.random()
        if self.plan.script == "rush":
            self.book(key)
        elif drawn < 0.08:
            sweep(ORG, now=self.now)
        elif drawn < 0.14 and self.plan.script == "everything and resizing":
            self.resize()
        elif drawn < 0.4:
            booking = self.book(key)
            if booking and self.random.random() < 0.5:
                self.leave(booking)
        else:
            self.be_invited(key)

    def booking(self, kind: str, key: str) -> Booking:
        party = self.random.choice(self.plan.parties)
        made = Booking(derived(kind, ORG, self.session, key), party)
        self.log.bookings.append(made)
        return made

    def book(self, key: str) -> Booking | None:
        booking = self.booking("register", key)
        try:
            self.log.timed(lambda: registered(self.session, f"{key}@example.org", party=booking.party, key=key, now=self.now))
        except SessionFull:
            booking.outcome = "full"
            return None
        except Busy:
            return None
        booking.outcome = "in"
        return booking

    def leave(self, booking: Booking, registration: str = "") -> None:
        booking.outcome = "busy"
        public_id = named(self.session, registration or booking.id)
        self.log.timed(lambda: remove_registration(ORG, public_id, by="staff", now=self.now))
        booking.outcome = "out"

    def be_invited(self, key: str) -> None:
        booking = self.booking("invitation", key)
        soon = self.now + timedelta(seconds=self.random.uniform(10, 90))
        over = self.random.random() < 0.1

        def ask() -> Invitation:
            return invited(
                self.session, f"{key}@example.org", party=booking.party, key=key, now=self.now, over=over, expires_at=soon
            ).invitation

        try:
            invitation = self.log.timed(ask)
        except (SessionFull, TooManyExtras):
            booking.outcome = "full"
            return
        except ExpiresInThePast:
            return
        self.hold(booking, invitation)
        self.answer(booking, invitation, key)

    def hold(self, booking: Booking, invitation: Invitation) -> None:
        booking.outcome, booking.until = "held", invitation.expires_at

    def answer(self, booking: Booking, invitation: Invitation, key: str) -> None:
        choice = self.random.choice(["accept", "accept", "accept and leave", "decline", "cancel", "cancel and revive", "forget"])
        time.sleep(self.random.uniform(0, 0.2))
        if choice.startswith("accept"):
            self.come(booking, invitation, leave="leave" in choice)
        elif choice == "decline":
            self.end(booking, lambda: decline(invitation_token(invitation), now=self.now))
        elif choice.startswith("cancel"):
            self.end(booking, lambda: cancel_invitation(ORG, named(self.session, invitation.id), by="staff", now=self.now))
            if "revive" in choice and booking.outcome == "out":
                self.revive(booking, key)

    def come(self, booking: Booking, invitation: Invitation, *, leave: bool) -> None:
        before, booking.outcome = booking.outcome, "busy"
        forwarded_to = self.random.choice(["", f"friend-of-{invitation.email}"])
        try:
            done = self.log.timed(lambda: accepted(invitation, forwarded_to, now=self.now))
        except InvitationEnded:
            booking.outcome = before
            return
        booking.outcome = "in"
        if leave:
            self.leave(booking, done.registration.id)

    def end(self, booking: Booking, do: Callable[[], object]) -> None:
        before, booking.outcome = booking.outcome, "busy"
        try:
            self.log.timed(do)
        except InvitationEnded:
            booking.outcome = before
            return
        booking.outcome = "out"

    def revive(self, booking: Booking, key: str) -> None:
        public_id = named(self.session, booking.id)
        booking.outcome = "busy"
        try:
            done = self.log.timed(lambda: revive(ORG, public_id, ReviveInput(), by="staff", key=f"again {key}", now=self.now))
        except SessionFull:
            booking.outcome = "out"
            return
        self.hold(booking, done.invitation)
        self.come(booking, done.invitation, leave=False)

    def resize(self) -> None:
        by = self.random.choice([-3, -2, -1, 1, 2, 3])

        def change() -> None:
            total = max(1, sessions.get(ORG, self.session).spots_total + by)
            edit_session(ORG, self.session, SessionChanges(spots_total=total, confirm_below_use=True), expected=None, now=self.now)

        self.log.timed(change)
