"""A crowd: people who book, come, cancel, decline or are forgotten, many at once, each by a clock of their own.

Everybody looks after their own booking only, so that what they were told last says what the ledger must show in the end.
"""

import os
import random
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeVar

from chalicelib import clients
from chalicelib.operations.identity import derived
from chalicelib.operations.invitations import cancel_invitation, decline, revive, sweep
from chalicelib.operations.links import invitation_token
from chalicelib.operations.registrations import remove_registration
from chalicelib.operations.sessions import edit_session
from chalicelib.rules.drafts.invitations import Reviving
from chalicelib.rules.drafts.sessions import SessionChanges
from chalicelib.rules.invitations import ExpiresInThePast, Invitation, InvitationOver
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.settings import settings
from chalicelib.tables import sessions
from chalicelib.tables.requests import one_patience
from tests.live.ledger.scene import NOW, ORG, accepted, invited, named, registered
from tests.live.ledger.wire import Weather, on_the_wire

T = TypeVar("T")
SPEED = 20.0
"""Seconds of the scene in a real one: invitations run out while the crowd is at it."""
SKEW_SECONDS = 30.0
TRIES = 6
Told = Literal["in", "held", "out", "full", "busy"]
Script = Literal["rush", "everything", "everything and resizing"]


class Outing(NamedTuple):
    """What one process of the crowd does. `began` is the moment of the monotonic clock at which the scene starts."""

    environment: dict[str, str]
    session: str
    script: Script
    seed: int
    threads: int
    lives: int
    parties: tuple[int, ...]
    began: float
    weather: bool = False


@dataclass
class Booking:
    """One person's booking, as they know it: its hold's id and what they were told last."""

    id: str
    party: int
    told: Told = "busy"
    until: datetime | None = None


@dataclass
class Diary:
    """What a process of the crowd brings home."""

    bookings: list[Booking] = field(default_factory=list)
    slowest: float = 0.0
    calls: int = 0
    busy: int = 0
    weather: dict[str, int] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)

    def timed(self, do: Callable[[], T]) -> T:
        """Do it, and again under the same key while the answer is that it is busy, as a client would."""
        for _ in range(TRIES):
            began = time.monotonic()
            try:
                with one_patience():
                    return do()
            except (Busy, ChangedMeanwhile):
                self.busy += 1
            finally:
                self.calls += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
        raise Busy


def go_out(outing: Outing) -> Diary:
    """Let a crowd of threads loose on the session; meant to be the whole of a process, or a part of one."""
    os.environ.update(outing.environment)
    settings.cache_clear()
    clients.forget()
    diary = Diary()
    weather = Weather(outing.seed)
    people = [Person(outing, diary, number) for number in range(outing.threads)]
    with ExitStack() as stack:
        if outing.weather:
            stack.enter_context(on_the_wire(weather))
        threads = [threading.Thread(target=person.live) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    diary.weather = dict(weather.counts)
    return diary


def scene_time(began: float, skew: float = 0.0) -> datetime:
    return NOW + timedelta(seconds=SPEED * (time.monotonic() - began) + skew)


class Person:
    """A thread of the crowd, which lives one life after the other."""

    def __init__(self, outing: Outing, diary: Diary, number: int) -> None:
        self.outing, self.diary, self.session = outing, diary, outing.session
        self.name = f"{outing.seed}-{number}"
        self.random = random.Random(self.name)
        self.skew = self.random.uniform(-SKEW_SECONDS, SKEW_SECONDS)

    @property
    def now(self) -> datetime:
        return scene_time(self.outing.began, self.skew)

    def live(self) -> None:
        for life in range(self.outing.lives):
            try:
                self.one_life(f"{self.name}-{life}")
            except Exception as fault:
                self.diary.unexpected.append("".join(traceback.format_exception(fault)))

    def one_life(self, key: str) -> None:
        drawn = self.random.random()
        if self.outing.script == "rush":
            self.book(key)
        elif drawn < 0.08:
            sweep(ORG, now=self.now)
        elif drawn < 0.14 and self.outing.script == "everything and resizing":
            self.resize()
        elif drawn < 0.4:
            booking = self.book(key)
            if booking and self.random.random() < 0.5:
                self.leave(booking)
        else:
            self.be_invited(key)

    def booking(self, kind: str, key: str) -> Booking:
        party = self.random.choice(self.outing.parties)
        made = Booking(derived(kind, ORG, self.session, key), party)
        self.diary.bookings.append(made)
        return made

    def book(self, key: str) -> Booking | None:
        booking = self.booking("register", key)
        try:
            self.diary.timed(lambda: registered(self.session, f"{key}@example.org", party=booking.party, key=key, now=self.now))
        except SessionFull:
            booking.told = "full"
            return None
        except Busy:
            return None
        booking.told = "in"
        return booking

    def leave(self, booking: Booking, registration: str = "") -> None:
        booking.told = "busy"
        public_id = named(self.session, registration or booking.id)
        self.diary.timed(lambda: remove_registration(ORG, public_id, by="staff", now=self.now))
        booking.told = "out"

    def be_invited(self, key: str) -> None:
        booking = self.booking("invitation", key)
        soon = self.now + timedelta(seconds=self.random.uniform(10, 90))
        over = self.random.random() < 0.1

        def ask() -> Invitation:
            return invited(
                self.session, f"{key}@example.org", party=booking.party, key=key, now=self.now, over=over, expires_at=soon
            ).invitation

        try:
            invitation = self.diary.timed(ask)
        except (SessionFull, TooManyExtras):
            booking.told = "full"
            return
        except ExpiresInThePast:
            return
        self.hold(booking, invitation)
        self.answer(booking, invitation, key)

    def hold(self, booking: Booking, invitation: Invitation) -> None:
        booking.told, booking.until = "held", invitation.expires_at

    def answer(self, booking: Booking, invitation: Invitation, key: str) -> None:
        choice = self.random.choice(["accept", "accept", "accept and leave", "decline", "cancel", "cancel and revive", "forget"])
        time.sleep(self.random.uniform(0, 0.2))
        if choice.startswith("accept"):
            self.come(booking, invitation, leave="leave" in choice)
        elif choice == "decline":
            self.end(booking, lambda: decline(invitation_token(invitation), now=self.now))
        elif choice.startswith("cancel"):
            self.end(booking, lambda: cancel_invitation(ORG, named(self.session, invitation.id), by="staff", now=self.now))
            if "revive" in choice and booking.told == "out":
                self.revive(booking, key)

    def come(self, booking: Booking, invitation: Invitation, *, leave: bool) -> None:
        before, booking.told = booking.told, "busy"
        forwarded_to = self.random.choice(["", f"friend-of-{invitation.email}"])
        try:
            done = self.diary.timed(lambda: accepted(invitation, forwarded_to, now=self.now))
        except InvitationOver:
            booking.told = before
            return
        booking.told = "in"
        if leave:
            self.leave(booking, done.registration.id)

    def end(self, booking: Booking, do: Callable[[], object]) -> None:
        before, booking.told = booking.told, "busy"
        try:
            self.diary.timed(do)
        except InvitationOver:
            booking.told = before
            return
        booking.told = "out"

    def revive(self, booking: Booking, key: str) -> None:
        public_id = named(self.session, booking.id)
        booking.told = "busy"
        try:
            done = self.diary.timed(lambda: revive(ORG, public_id, Reviving(), by="staff", key=f"again {key}", now=self.now))
        except SessionFull:
            booking.told = "out"
            return
        self.hold(booking, done.invitation)
        self.come(booking, done.invitation, leave=False)

    def resize(self) -> None:
        by = self.random.choice([-3, -2, -1, 1, 2, 3])

        def change() -> None:
            total = max(1, sessions.get(ORG, self.session).spots_total + by)
            edit_session(ORG, self.session, SessionChanges(spots_total=total, confirm_below_use=True), expected=None, now=self.now)

        self.diary.timed(change)
