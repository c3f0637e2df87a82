"""Concurrent load on codes: threads book with codes, leave again, and have uses returned, each with its own clock."""

import random
import threading
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.operations import codes
from chalicelib.operations.codes import reclaim
from chalicelib.operations.identity import derived
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.codes import CodeSpent, NothingToReturn, TooFewUses
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Busy
from tests.live.codes.scenario import booked, seen
from tests.live.ledger.load import SKEW_SECONDS, Booking, ClientLog, Outcome
from tests.live.ledger.network_faults import RandomFaults, on_the_wire
from tests.live.ledger.scenario import NOW, ORG, named


class BookableSession(NamedTuple):
    """A session, and the codes that book it."""

    session: str
    codes: Sequence[str]


class Party(NamedTuple):
    """The plan of a load: the number of threads, of bookings for each, and the places."""

    sessions: Sequence[BookableSession]
    threads: int
    rounds: int
    sizes: Sequence[int]
    leaving: float = 0.0
    speed: float = 1.0
    """Scenario seconds per real second."""
    random_faults: bool = True


@dataclass
class CodeBooking(Booking):
    """A booking with a code, as its client knows it."""

    session: str = ""
    code: str = ""


def run_load(party: Party, seed: int) -> ClientLog:
    """Run the load on the places, in this process."""
    log, random_faults, began = ClientLog(), RandomFaults(seed), time.monotonic()
    people = [Person(party, log, f"{seed}-{number}", began) for number in range(party.threads)]
    with ExitStack() as stack:
        if party.random_faults:
            stack.enter_context(on_the_wire(random_faults))
        threads = [threading.Thread(target=person.live) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    log.random_faults = dict(random_faults.counts)
    return log


class Person:
    """A thread of the load. It has its own source address, since failed codes are counted by address."""

    def __init__(self, party: Party, log: ClientLog, name: str, began: float) -> None:
        self.party, self.log, self.name, self.began = party, log, name, began
        self.random = random.Random(name)
        self.skew = self.random.uniform(-SKEW_SECONDS, SKEW_SECONDS)

    def live(self) -> None:
        for life in range(self.party.rounds):
            try:
                self.one_round(f"{self.name}-{life}")
            except Exception as fault:
                self.log.unexpected.append("".join(traceback.format_exception(fault)))

    def one_round(self, key: str) -> None:
        bookable = self.random.choice(self.party.sessions)
        code = self.random.choice(bookable.codes)
        drawn = self.random.random() / self.party.leaving if self.party.leaving else 2.0
        if drawn < 0.1:
            self.log.timed(lambda: reclaim.reclaim_open_uses(seen(code), now=self.now))
        elif drawn < 0.2:
            self.log.timed(lambda: reconcile_session(ORG, bookable.session, now=self.now, repair=True))
        else:
            booking = self.book(bookable.session, code, key)
            if booking.outcome == "in" and drawn < 1:
                self.leave(booking)

    @property
    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.party.speed * (time.monotonic() - self.began) + self.skew)

    def book(self, session: str, code: str, key: str) -> CodeBooking:
        booking = CodeBooking(derived("register", ORG, session, key), self.random.choice(self.party.sizes), session=session, code=code)
        self.log.bookings.append(booking)
        if self.random.random() < 0.1:
            self.press_twice(booking, key)
        else:
            booking.outcome = self.outcome(booking, key)
        return booking

    def press_twice(self, booking: CodeBooking, key: str) -> None:
        """Send the same request twice and see one of the answers: success if either succeeds."""
        with ThreadPoolExecutor(2) as fingers:
            outcomes = [pressed.result() for pressed in [fingers.submit(self.outcome, booking, key) for _ in range(2)]]
        booking.outcome = "in" if "in" in outcomes else outcomes[0]

    def outcome(self, booking: CodeBooking, key: str) -> Outcome:
        def ask() -> object:
            return booked(
                booking.session, booking.code, email=f"{key}@example.org", party=booking.party, key=key, source=self.name, now=self.now
            )

        try:
            self.log.timed(ask)
        except (SessionFull, CodeSpent, TooFewUses):
            return "full"
        except Busy:
            return "busy"
        return "in"

    def leave(self, booking: CodeBooking) -> None:
        booking.outcome = "busy"
        self.log.timed(lambda: remove_registration(ORG, named(booking.session, booking.id), by="staff", now=self.now))
        booking.outcome = "out"
        if self.random.random() < 0.7:
            self.give_back(booking.code)

    def give_back(self, code: str) -> None:
        """Return all returnable uses, as staff; another thread may already have done so."""
        contract = seen(code).contract
        try:
            self.log.timed(lambda: codes.return_code(ORG, contract, code, now=self.now))
        except (NothingToReturn, Busy):
            return
