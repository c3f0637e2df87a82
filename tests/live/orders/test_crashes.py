"""R16: the process ends, or a reply is lost, at each request of placing a basket: every line is booked or none, and every use with it."""

from contextlib import suppress

import pytest

from tests.live.ledger import race_report
from tests.live.ledger.network_faults import CrashedError, counted, crash, reply_lost
from tests.live.ledger.scenario import fresh, later
from tests.live.orders.scenario import BOOKED, UNTOUCHED, everything, placed, settled, shop, state

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
INDEXES = {"due", "orders"}
HOLDS_STAND, HOLDS_ARE_OVER = later(minutes=5), later(minutes=13)


@pytest.fixture
def requests() -> int:
    """How many requests the basket with a line of each kind takes."""
    at = shop()
    with counted() as counts:
        placed(everything(at))
    assert state(at) == BOOKED
    return counts.total()


def test_a_killed_request_leaves_everything_or_nothing(requests: int) -> None:
    outcomes = []
    for step in range(1, requests + 1):
        at = shop()
        with suppress(CrashedError), crash(step, after=True):
            placed(everything(at))
        if step % 2:
            settled(*at.sessions, now=HOLDS_STAND)
        settled(*at.sessions, now=HOLDS_ARE_OVER)
        outcomes.append(state(at, HOLDS_ARE_OVER))
        assert outcomes[-1] in {UNTOUCHED, BOOKED}, f"request {step}"
    assert {UNTOUCHED, BOOKED} == set(outcomes)
    race_report.say(f"R16: a basket of three killed after each of {requests} requests: everything or nothing")


def test_a_killed_request_can_be_sent_again(requests: int) -> None:
    for step in range(1, requests + 1):
        at, key, now = shop(), fresh("key"), later(seconds=5) if step % 2 else later(minutes=20)
        with suppress(CrashedError), crash(step, after=True):
            placed(everything(at), key=key)
        again = placed(everything(at), key=key, now=now)
        assert (state(at, now), len(again.registrations)) == (BOOKED, 3), f"request {step}"
        settled(*at.sessions, now=later(minutes=35))


def test_a_lost_reply_changes_nothing(requests: int) -> None:
    for step in range(1, requests + 1):
        at = shop()
        with reply_lost(step):
            placed(everything(at))
        assert state(at) == BOOKED, f"request {step}"
        settled(*at.sessions, now=HOLDS_ARE_OVER)
    race_report.say(f"R16: the reply to each of {requests} requests of a basket lost: booked once")
