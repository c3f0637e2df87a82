"""A long outage of DynamoDB: every client is told in time to retry, and succeeds afterwards."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial

import pytest

from chalicelib.operations.invitations import cancel_invitation, revive
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.inputs.invitations import ReviveInput
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.tables.retries import shared_deadline
from tests.live.ledger.network_faults import RandomFaults, on_the_wire
from tests.live.ledger.scenario import NOW, ORG, accepted, assert_lawful, invited, named, open_session, registered, resized, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
INDEXES = {"due"}


def everything(session: str) -> list[Callable[[], object]]:
    """Return one action of each kind, ready to run."""
    here = [invited(session, key=f"before {n}").invitation for n in range(3)]
    cancel_invitation(ORG, named(session, here[2].id), by="staff", now=NOW)
    taken = registered(session).registration
    return [
        partial(invited, session, "ana@example.org", key="a"),
        partial(accepted, here[0]),
        partial(cancel_invitation, ORG, named(session, here[1].id), by="staff", now=NOW),
        partial(revive, ORG, named(session, here[2].id), ReviveInput(), by="staff", key="b", now=NOW),
        partial(registered, session, "bob@example.org", key="c"),
        partial(remove_registration, ORG, named(session, taken.id), by="staff", now=NOW),
        partial(resized, session, 150),
    ]


def outcome(do: Callable[[], object]) -> tuple[str, float]:
    began = time.monotonic()
    try:
        with shared_deadline():
            do()
    except (Busy, ChangedMeanwhile) as busy:
        return type(busy).__name__, time.monotonic() - began
    return "done", time.monotonic() - began


@pytest.mark.parametrize(
    "random_faults",
    [
        RandomFaults(1, lost=0, conflicts=0, throttled=1, faults=0),
        RandomFaults(2, lost=0, conflicts=0, throttled=0, faults=1),
        RandomFaults(3, lost=0, conflicts=1, throttled=0, faults=0),
        RandomFaults(4, lost=1, conflicts=0, throttled=0, faults=0),
        RandomFaults(5, lost=0.3, conflicts=0.3, throttled=0.1, faults=0.1),
    ],
    ids=["throttled", "faults", "conflicts", "every reply lost", "nearly everything"],
)
def test_every_request_is_answered_within_ten_seconds_and_succeeds_afterwards(random_faults: RandomFaults) -> None:
    session = open_session(120)
    wishes = everything(session)
    with on_the_wire(random_faults), ThreadPoolExecutor(len(wishes)) as executor:
        outcomes = [told.result() for told in [executor.submit(copy_context().run, outcome, wish) for wish in wishes]]
    assert max(seconds for _, seconds in outcomes) < 10, outcomes
    if "throttled" in repr(random_faults) and random_faults.throttled == 1:
        assert {told for told, _ in outcomes} == {"Busy"}
    for wish in wishes:
        assert outcome(wish)[0] == "done"
    assert spots_of(session) == (150, 2, 2, 0, 146)
    assert_lawful(session)
