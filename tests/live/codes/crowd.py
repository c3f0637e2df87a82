"""A crowd that books with codes, leaves again, and gets its codes back, many at once, each by a clock of their own."""

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
from chalicelib.operations.codes import settling
from chalicelib.operations.identity import derived
from chalicelib.operations.reconciling import reconcile_session
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.codes import CodeSpent, NothingToReturn, TooFewUses
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import Busy
from tests.live.codes.scene import booked, seen
from tests.live.ledger.crowd import SKEW_SECONDS, Booking, Diary, Told
from tests.live.ledger.scene import NOW, ORG, named
from tests.live.ledger.wire import Weather, on_the_wire


class Place(NamedTuple):
    """A session, and the codes that book it."""

    session: str
    codes: Sequence[str]


class Party(NamedTuple):
    """What the crowd does: so many people live so many lives each, at these places."""

    places: Sequence[Place]
    threads: int
    lives: int
    sizes: Sequence[int]
    leaving: float = 0.0
    speed: float = 1.0
    """Seconds of the scene in a real one."""
    weather: bool = True


@dataclass
class CodeBooking(Booking):
    """One booking with a code, as whoever made it knows it."""

    session: str = ""
    code: str = ""


def go_out(party: Party, seed: int) -> Diary:
    """Let the crowd loose on the places, in this process."""
    diary, weather, began = Diary(), Weather(seed), time.monotonic()
    people = [Person(party, diary, f"{seed}-{number}", began) for number in range(party.threads)]
    with ExitStack() as stack:
        if party.weather:
            stack.enter_context(on_the_wire(weather))
        threads = [threading.Thread(target=person.live) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    diary.weather = dict(weather.counts)
    return diary


class Person:
    """A thread of the crowd. Its address on the network is its own, since wrong codes would be counted by it."""

    def __init__(self, party: Party, diary: Diary, name: str, began: float) -> None:
        self.party, self.diary, self.name, self.began = party, diary, name, began
        self.random = random.Random(name)
        self.skew = self.random.uniform(-SKEW_SECONDS, SKEW_SECONDS)

    def live(self) -> None:
        for life in range(self.party.lives):
            try:
                self.one_life(f"{self.name}-{life}")
            except Exception as fault:
                self.diary.unexpected.append("".join(traceback.format_exception(fault)))

    def one_life(self, key: str) -> None:
        place = self.random.choice(self.party.places)
        code = self.random.choice(place.codes)
        drawn = self.random.random() / self.party.leaving if self.party.leaving else 2.0
        if drawn < 0.1:
            self.diary.timed(lambda: settling.settle(seen(code), now=self.now))
        elif drawn < 0.2:
            self.diary.timed(lambda: reconcile_session(ORG, place.session, now=self.now, repair=True))
        else:
            booking = self.book(place.session, code, key)
            if booking.told == "in" and drawn < 1:
                self.leave(booking)

    @property
    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.party.speed * (time.monotonic() - self.began) + self.skew)

    def book(self, session: str, code: str, key: str) -> CodeBooking:
        booking = CodeBooking(derived("register", ORG, session, key), self.random.choice(self.party.sizes), session=session, code=code)
        self.diary.bookings.append(booking)
        if self.random.random() < 0.1:
            self.press_twice(booking, key)
        else:
            booking.told = self.told(booking, key)
        return booking

    def press_twice(self, booking: CodeBooking, key: str) -> None:
        """The button is pressed twice, and one of the two answers is seen: yes, if either says so."""
        with ThreadPoolExecutor(2) as fingers:
            answers = [pressed.result() for pressed in [fingers.submit(self.told, booking, key) for _ in range(2)]]
        booking.told = "in" if "in" in answers else answers[0]

    def told(self, booking: CodeBooking, key: str) -> Told:
        def ask() -> object:
            return booked(
                booking.session, booking.code, email=f"{key}@example.org", party=booking.party, key=key, source=self.name, now=self.now
            )

        try:
            self.diary.timed(ask)
        except (SessionFull, CodeSpent, TooFewUses):
            return "full"
        except Busy:
            return "busy"
        return "in"

    def leave(self, booking: CodeBooking) -> None:
        booking.told = "busy"
        self.diary.timed(lambda: remove_registration(ORG, named(booking.session, booking.id), by="staff", now=self.now))
        booking.told = "out"
        if self.random.random() < 0.7:
            self.give_back(booking.code)

    def give_back(self, code: str) -> None:
        """Staff return whatever can be; somebody else may have done so."""
        contract = seen(code).contract
        try:
            self.diary.timed(lambda: codes.return_code(ORG, contract, code, now=self.now))
        except (NothingToReturn, Busy):
            return
