"""R2: the process is killed (SIGKILL) after each request of everything that people do; then somebody tries again, or nobody does.

Before a request is after the one before it, as far as the database can tell; and before the first, nothing has happened.
"""

import pytest

from chalicelib.operations.invitations import sweep
from chalicelib.operations.reconciling import reconcile_session
from chalicelib.rules.ledger import Spots
from tests.live.ledger import tally
from tests.live.ledger.deeds import DEEDS, prepared
from tests.live.ledger.scene import ORG, assert_lawful, invited, later, spots_of
from tests.live.ledger.starting import crashed
from tests.live.ledger.wire import counted

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]
LATER = later(days=30)


def requests_of(name: str) -> tuple[int, Spots, Spots]:
    """Do the deed undisturbed; return how many requests it takes, and the spots before and after it."""
    session, subject = prepared(DEEDS[name])
    when = DEEDS[name].when
    before = spots_of(session, when)
    with counted() as counts:
        DEEDS[name].do(session, subject)
    return counts.total(), before, spots_of(session, when)


@pytest.mark.parametrize("name", DEEDS)
def test_whoever_is_killed_can_try_again_and_whoever_does_not_leaves_no_spot_behind(name: str) -> None:
    count, before, done = requests_of(name)
    for step in range(1, count + 1):
        session, subject = crashed(DEEDS[name], step)
        DEEDS[name].do(session, subject)
        assert spots_of(session, DEEDS[name].when) == done, f"request {step}, tried again"
        assert_lawful(session)

        session, _ = crashed(DEEDS[name], step)
        sweep(ORG, now=LATER)
        reconcile_session(ORG, session, now=LATER, repair=True)
        assert reconcile_session(ORG, session, now=LATER, repair=False) == []
        left = spots_of(session, LATER)
        assert left.held == 0
        assert (left.total, left.taken) in {(before.total, before.taken), (done.total, done.taken)}, f"request {step}, left alone"
        fill_up(session, left.free)
        assert_lawful(session)
    tally.say(f"killed after each of {count} requests, tried again, and left alone: {name}: nothing lost")


def fill_up(session: str, free: int) -> None:
    """Whoever comes later gets all that is free."""
    if free:
        invited(session, party=free, now=LATER)
    assert spots_of(session, LATER).free == 0
