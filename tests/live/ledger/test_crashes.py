"""R2: the process is killed (SIGKILL) after each request of every action and the action retried; or it stops there, and is left alone.

For the database, a crash before a request is the same as one after the request before it; before the first, nothing has happened.
"""

from contextlib import suppress

import pytest

from chalicelib.operations.invitations import sweep
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.rules.ledger import Spots
from tests.live.ledger import race_report
from tests.live.ledger.actions import ACTIONS, prepared
from tests.live.ledger.fork_server import crashed
from tests.live.ledger.network_faults import CrashedError, counted, crash
from tests.live.ledger.scenario import ORG, assert_lawful, invited, later, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]
INDEXES = {"due"}
LATER = later(days=30)


def requests_of(name: str) -> tuple[int, Spots, Spots]:
    """Run the action undisturbed; return its number of requests, and the spots before and after it."""
    session, subject = prepared(ACTIONS[name])
    when = ACTIONS[name].when
    before = spots_of(session, when)
    with counted() as counts:
        ACTIONS[name].do(session, subject)
    return counts.total(), before, spots_of(session, when)


@pytest.mark.parametrize("name", ACTIONS)
def test_a_killed_action_can_be_retried_and_leaves_no_spot_behind_otherwise(name: str) -> None:
    count, before, done = requests_of(name)
    for step in range(1, count + 1):
        session, subject = crashed(ACTIONS[name], step)
        ACTIONS[name].do(session, subject)
        assert spots_of(session, ACTIONS[name].when) == done, f"request {step}, tried again"
        assert_lawful(session)

        session, subject = prepared(ACTIONS[name])
        with suppress(CrashedError), crash(step, after=True):
            ACTIONS[name].do(session, subject)
        sweep(ORG, now=LATER)
        reconcile_session(ORG, session, now=LATER, repair=True)
        assert reconcile_session(ORG, session, now=LATER, repair=False) == []
        left = spots_of(session, LATER)
        assert left.held == 0
        assert (left.total, left.taken) in {(before.total, before.taken), (done.total, done.taken)}, f"request {step}, left alone"
        fill_up(session, left.free)
        assert_lawful(session)
    race_report.say(f"killed after each of {count} requests, tried again, and left alone: {name}: nothing lost")


def fill_up(session: str, free: int) -> None:
    """Check that later clients can book all free spots."""
    if free:
        invited(session, party=free, now=LATER)
    assert spots_of(session, LATER).free == 0
