"""The same work for each contender: the wall-clock and processor time that it took, and what came of it."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from bench import processes
from bench.pretix.contender import Contender

CLIENTS, SPOTS, CODES, PEOPLE, WAITING, FREED = 32, 100, 1_000, 500, 200, 50
INVITED, READINGS = 10, 5
LATE_SECONDS = 300
QUIET = 0.1
"""So much processor time in a second, or less, is that of an application that has nothing left to do."""


@dataclass
class Used:
    """Seconds, set at the end of the block: until the work was done, and of processor time until all that followed from it was done."""

    wall: float = 0
    processor: float = 0
    application: float = 0
    """Of the processor time, what the application alone used: on AWS, Rollbook's functions."""

    def each(self, times: int) -> "Used":
        """Return what each of several repetitions used."""
        return Used(self.wall / times, self.processor / times, self.application / times)


@contextmanager
def used(contender: Contender) -> Iterator[Used]:
    """Measure the block, which returns when a person would call its work done."""
    quiet(contender)
    found = Used()
    before, application_before, began = processes.processor_seconds(contender.processes), contender.application_seconds(), time.monotonic()
    yield found
    found.wall = time.monotonic() - began
    found.processor = quiet(contender) - before
    found.application = contender.application_seconds() - application_before


def quiet(contender: Contender) -> float:
    """Wait until the contender has nothing left to do, and return its processor time so far."""
    until = time.monotonic() + LATE_SECONDS
    before = processes.processor_seconds(contender.processes)
    while True:
        time.sleep(1)
        after = processes.processor_seconds(contender.processes)
        if after - before <= QUIET:
            return after
        if time.monotonic() > until:
            raise TimeoutError(f"{contender.name} does not come to rest.")
        before = after


@dataclass(frozen=True)
class Race:
    used: Used
    accepted: int
    booked: int


def race(contender: Contender, *, on_pages: bool = False) -> Race:
    """Let clients book until each has been refused once, and wait until everybody accepted has an e-mail."""
    session, tag = contender.session(SPOTS), _tag()
    book = contender.book_on_pages if on_pages else contender.book
    with used(contender) as found:
        accepted = _rush(lambda number: book(session, f"{tag}-{number}@example.org"))
        _wait_for_mail(contender, tag, accepted)
    return Race(found, accepted, contender.read_roster(session))


def _rush(book: Callable[[int], bool]) -> int:
    """Return how many bookings were accepted in all."""
    numbers = count()

    def until_refused(_: int) -> int:
        accepted = 0
        while book(next(numbers)):
            accepted += 1
        return accepted

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(until_refused, range(CLIENTS)))


def codes(contender: Contender) -> Used:
    session = contender.session(CODES)
    with used(contender) as found:
        made = contender.create_codes(session, CODES)
    assert made == CODES, f"{contender.name} made {made} codes"
    return found


def full_session(contender: Contender, people: int) -> str:
    """Return a session in which everybody has booked and nothing is left."""
    session, tag = contender.session(people), _tag()
    with ThreadPoolExecutor(CLIENTS) as pool:
        booked = list(pool.map(lambda number: contender.book(session, f"{tag}-{number}@example.org", confirmed=False), range(people)))
    assert all(booked)
    return session


def roster(contender: Contender, session: str) -> Used:
    """Read a roster, the mean of several readings."""
    with used(contender) as found:
        for _ in range(READINGS):
            read = contender.read_roster(session)
            assert read == PEOPLE, f"{contender.name} read {read} of {PEOPLE}"
    return found.each(READINGS)


def invitation(contender: Contender) -> Used:
    """Invite one address after the other and wait for each e-mail, the mean of several."""
    session, tag = contender.session(SPOTS), _tag()
    send = contender.invitation(session)
    with used(contender) as found:
        for number in range(INVITED):
            send(f"{tag}-{number}@example.org")
            _wait_for_mail(contender, tag, number + 1)
    return found.each(INVITED)


def waitlist(contender: Contender) -> tuple[Used, Used]:
    """Fill a waitlist, then free spots and wait until each is offered by e-mail: what both used."""
    session, tag = full_session(contender, 1), _tag()
    with used(contender) as joined:
        for number in range(WAITING):
            contender.join(session, f"{tag}-{number}@example.org")
    confirmed = _mailed(contender, tag)
    with used(contender) as offered:
        contender.offer(session, 1 + FREED)
        _wait_for_mail(contender, tag, confirmed + FREED)
    assert _mailed(contender, tag) == confirmed + FREED
    return joined, offered


def _tag() -> str:
    """Return a word for the addresses of one piece of work."""
    return f"w{uuid.uuid4().hex[:8]}"


def _mailed(contender: Contender, tag: str) -> int:
    return sum(address.startswith(tag) for address in contender.recipients())


def _wait_for_mail(contender: Contender, tag: str, number: int) -> None:
    until = time.monotonic() + LATE_SECONDS
    while (found := _mailed(contender, tag)) < number:
        if time.monotonic() > until:
            raise TimeoutError(f"{contender.name} has sent {found} of {number} e-mails.")
        time.sleep(0.02)
