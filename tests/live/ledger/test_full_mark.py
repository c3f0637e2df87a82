"""The mark of a full session, which functions without a memory share: it refuses a free spot for a bounded moment, and never staff."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.events import rosters
from chalicelib.events.records import RecordChange
from chalicelib.rules.ledger import Hold, SessionFull
from chalicelib.tables import dynamodb, keys, ledger
from chalicelib.tables.ledger import full_mark
from tests.live.ledger import race_report
from tests.live.ledger.fault_injection import Control, Patch, check_noticed
from tests.live.ledger.scenario import NOW, ORG, chunks_of, invited, open_session, registered, sell_out, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
SPOTS, FREED, LOSERS = 120, 12, 6
SOON = 1.0
"""Within these seconds of the stream's change, a freed spot is sold, on this machine."""


class Watch:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def time(self) -> float:
        return self.seconds


@contextmanager
def stopped_clock() -> Iterator[Watch]:
    with Patch.context() as patch:
        watch = Watch()
        patch.setattr(full_mark, "time", watch)
        yield watch


def full_session(spots: int = SPOTS) -> str:
    session = open_session(spots)
    sell_out(session)
    with pytest.raises(SessionFull):
        in_a_new_function(session)
    return session


def in_a_new_function(session: str, **parameters: Any) -> object:
    """Register in a function that has answered no request before."""
    ledger.full_cache._full.clear()
    return registered(session, **parameters)


def freed(session: str, *, chunk: int = 1, number: int = 0) -> RecordChange:
    """Free a spot in another function, and return the record that the stream will bring."""
    key = keys.chunk(ORG, session, chunk)
    old = dynamodb.get(config().rosters_table, key)
    ledger.release(ORG, session, f"sold{chunk}x{number}", Hold(spots=1, state="taken", nonce="sold"), chunk=chunk)
    return RecordChange(old, dynamodb.get(config().rosters_table, key))


def test_a_freed_spot_is_refused_for_five_seconds_at_most() -> None:
    with stopped_clock() as watch:
        session = full_session()
        freed(session)
        watch.seconds += 4.9
        with pytest.raises(SessionFull):
            in_a_new_function(session)
        watch.seconds += 0.2
        in_a_new_function(session)


def test_refusals_by_the_mark_do_not_extend_it() -> None:
    with stopped_clock() as watch:
        session = full_session()
        freed(session)
        for _ in range(5):
            watch.seconds += 0.9
            with pytest.raises(SessionFull):
                in_a_new_function(session)
        watch.seconds += 0.9
        in_a_new_function(session)


def test_a_freed_spot_is_found_once_the_stream_has_followed() -> None:
    session = full_session()
    rosters.react(freed(session), now=NOW)
    in_a_new_function(session)


def test_a_mark_of_a_clock_that_is_ahead_does_not_refuse_for_longer() -> None:
    with stopped_clock() as watch:
        watch.seconds += 30
        session = full_session()
        freed(session)
        watch.seconds -= 30
        in_a_new_function(session)


def test_a_mark_that_has_run_out_is_renewed_without_a_write_of_a_row() -> None:
    with stopped_clock() as watch:
        session = full_session()
        watch.seconds += 6
        with pytest.raises(SessionFull):
            in_a_new_function(session)
        context = dynamodb.get(config().memory_table, keys.full_session(ORG, session))
        mark = full_mark.full_mark_from(context)
        assert mark
        assert mark.until == watch.seconds + full_mark.SECONDS


def test_staff_are_not_refused_by_the_mark() -> None:
    session = full_session()
    freed(session)
    invited(session)
    assert spots_of(session).held == 1


def test_a_smaller_party_passes_the_mark() -> None:
    session = open_session(SPOTS)
    sell_out(session)
    rosters.react(freed(session), now=NOW)
    with pytest.raises(SessionFull):
        in_a_new_function(session, party=2)
    in_a_new_function(session)


def test_a_retry_of_a_request_that_has_its_spots_passes_the_mark() -> None:
    session = open_session(SPOTS)
    first = registered(session, "ana@example.org", key="once").registration
    for chunk in chunks_of(session):
        for index in range(chunk.spots):
            ledger.claim(ORG, session, f"more{chunk.number}x{index}", Hold(spots=1, state="taken", nonce="more"), chunks=3, now=NOW)
    with pytest.raises(SessionFull):
        in_a_new_function(session)
    assert in_a_new_function(session, email="ana@example.org", key="once").registration.id == first.id  # type: ignore[attr-defined]


def test_every_spot_freed_in_a_rush_is_sold_within_a_moment() -> None:
    """Losers in functions without a memory keep the mark alive, while another function frees spots and the stream follows."""
    session = full_session()
    waited, sold = list[float](), threading.Semaphore(0)
    over = threading.Event()

    def lose() -> int:
        won = 0
        while not over.is_set():
            try:
                in_a_new_function(session)
            except SessionFull:
                continue
            won += 1
            sold.release()
        return won

    with ThreadPoolExecutor(LOSERS) as pool:
        losers = [pool.submit(lose) for _ in range(LOSERS)]
        for index in range(FREED):
            change = freed(session, chunk=index % 3, number=index)
            rosters.react(change, now=NOW)
            began = time.monotonic()
            found = sold.acquire(timeout=full_mark.SECONDS + SOON)
            waited.append(time.monotonic() - began)
            if not found:
                break
        over.set()
        winners = sum(loser.result() for loser in losers)
    race_report.say(f"mark of a full session: {winners} freed spots sold, the slowest after {max(waited):.2f} s")
    assert winners == FREED
    assert max(waited) <= full_mark.SECONDS + SOON
    assert spots_of(session).free == 0


def never_removed(patch: Patch) -> None:
    patch.setattr(ledger, "remove_full_mark", lambda *_: None)


def never_over(patch: Patch) -> None:
    """It is neither removed nor does it run out: somebody is refused although spots are free."""
    never_removed(patch)
    patch.setattr(full_mark.FullMark, "is_current", property(lambda mark: True))


def clocks_ignored(patch: Patch) -> None:
    patch.setattr(full_mark.FullMark, "is_current", property(lambda mark: full_mark.moment() < mark.until))


CONTROLS: dict[str, Control] = {
    "a mark that runs out late": Control(
        lambda patch: patch.setattr(full_mark, "SECONDS", 60.0), test_a_freed_spot_is_refused_for_five_seconds_at_most
    ),
    "a mark that the stream leaves": Control(never_removed, test_a_freed_spot_is_found_once_the_stream_has_followed),
    "a mark of a clock that is ahead": Control(clocks_ignored, test_a_mark_of_a_clock_that_is_ahead_does_not_refuse_for_longer),
    "a mark without an end, in a rush": Control(never_over, test_every_spot_freed_in_a_rush_is_sold_within_a_moment),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
