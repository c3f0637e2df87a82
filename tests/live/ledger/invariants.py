"""Invariants of the ledger after a load: no spot sold twice, none lost, no refusal without a reason."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib import clients
from chalicelib.operations.invitations import sweep
from chalicelib.rules import ledger as rules
from chalicelib.rules.ledger import MOST_EXTRA, Chunk, Hold, SessionFull
from chalicelib.tables import ledger, sessions
from tests.live.ledger.load import Booking, ClientLog
from tests.live.ledger.scenario import NOW, ORG, chunks_of

MUCH_LATER = NOW + timedelta(days=30)


@dataclass
class Watch:
    """Reads the ledger again and again during a load, and records every breach of its invariants."""

    session: str
    may_owe: bool
    checks: int = 0
    breaches: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Watch":
        clients.dynamodb()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        """Look at once, however soon the load is over, and then for a fifth of the time, which leaves the rest of it to the load."""
        while True:
            began = time.monotonic()
            self.checks += 1
            self.breaches += self.check()
            if self._over.wait(max(0.03, 4 * (time.monotonic() - began))):
                return

    def check(self) -> list[str]:
        return [breach for chunk in chunks_of(self.session) for breach in breaches(chunk, may_owe=self.may_owe)]


def breaches(chunk: Chunk, *, may_owe: bool) -> list[str]:
    found = [f"chunk {chunk.number} breaks its law: {fault}" for fault in rules.faults(chunk)]
    if chunk.spots < 0 and not may_owe:
        found.append(f"chunk {chunk.number} has given {-chunk.spots} spots too many")
    if chunk.extra > MOST_EXTRA:
        found.append(f"{chunk.extra} extra spots")
    return found


@dataclass
class Verdict:
    """The numbers of one race."""

    attempts: int = 0
    winners: int = 0
    oversold: int = 0
    leaked: int = 0
    falsely_refused: int = 0
    lost_replies: int = 0
    other_faults: int = 0
    busy: int = 0
    slowest: float = 0.0
    checks: int = 0
    breaches: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.oversold or self.leaked or self.falsely_refused or self.breaches)


def judge(session: str, logs: Sequence[ClientLog], watch: Watch, *, latest: datetime, others: int = 0) -> Verdict:
    """Compare all answers with the ledger. `others` spots were taken before the load, by holds called `before…`."""
    bookings = [booking for log in logs for booking in log.bookings]
    random_faults = sum((Counter(log.random_faults) for log in logs), Counter[str]())
    verdict = Verdict(
        attempts=len(bookings),
        winners=sum(booking.outcome in {"in", "held"} for booking in bookings),
        lost_replies=random_faults["lost"],
        other_faults=random_faults["conflicts"] + random_faults["throttled"] + random_faults["faults"],
        busy=sum(log.busy for log in logs),
        slowest=max(log.slowest for log in logs),
        checks=watch.checks,
        breaches=[*watch.breaches, *(unexpected for log in logs for unexpected in log.unexpected)],
    )
    _each_as_answered(session, bookings, verdict, latest)
    sweep(ORG, now=MUCH_LATER)
    _counted_right(session, bookings, verdict, others, may_owe=watch.may_owe)
    _filled_to_the_brim(session, verdict)
    return verdict


def _each_as_answered(session: str, bookings: Sequence[Booking], verdict: Verdict, latest: datetime) -> None:
    found: dict[str, Hold] = {}
    for chunk in chunks_of(session):
        verdict.leaked += len(found.keys() & chunk.holds.keys())
        found |= chunk.holds
    for booking in bookings:
        hold = found.get(booking.id)
        if booking.outcome == "in" and not (hold and hold.is_taken and hold.spots == booking.party):
            verdict.breaches.append(f"{booking} was told yes and has {hold}")
        if booking.outcome in {"out", "full"} and hold:
            verdict.leaked += hold.spots
            verdict.breaches.append(f"{booking} was told no and has {hold}")
        if booking.outcome == "held" and booking.until and booking.until > latest and not (hold and hold.spots == booking.party):
            verdict.breaches.append(f"{booking} should be held and is {hold}")
    strangers = {id for id in found if not id.startswith("before")} - {booking.id for booking in bookings}
    verdict.breaches += [f"unknown hold {id}" for id in strangers]


def _counted_right(session: str, bookings: Sequence[Booking], verdict: Verdict, others: int, *, may_owe: bool) -> None:
    """Check that, after all unconfirmed holds have ended, the counts equal the confirmed bookings."""
    chunks = chunks_of(session)
    spots = rules.count(chunks, MUCH_LATER)
    total = sessions.get(ORG, session).spots_total
    sure = others + sum(booking.party for booking in bookings if booking.outcome == "in")
    perhaps = sum(booking.party for booking in bookings if booking.outcome == "busy")
    if not may_owe:
        verdict.oversold += max(0, spots.taken - spots.extra - total)
    verdict.leaked += abs(total - spots.total) + abs(total - (spots.taken - spots.extra) - sum(chunk.spots for chunk in chunks))
    if spots.held or not sure <= spots.taken <= sure + perhaps:
        verdict.leaked += spots.held
        verdict.breaches.append(f"{sure} spots were given (and {perhaps} perhaps), the ledger says {spots}")


def _filled_to_the_brim(session: str, verdict: Verdict) -> None:
    """Check that exactly the free spots can still be booked, in whichever chunks they are."""
    free = rules.count(chunks_of(session), MUCH_LATER).free
    chunks = len(chunks_of(session))
    taken = 0
    for index, party in enumerate([*([50] * (free // 50)), *([1] * (free % 50)), 1]):
        try:
            ledger.claim(ORG, session, f"brim{index}", Hold(spots=party, state="taken", nonce="brim"), chunks=chunks, now=MUCH_LATER)
        except SessionFull:
            break
        taken += party
    verdict.oversold += max(0, taken - free)
    verdict.falsely_refused += max(0, free - taken)
