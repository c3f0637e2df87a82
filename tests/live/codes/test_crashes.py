"""R2: the process is killed (SIGKILL) after each request of every action on codes, with and without a retry."""

from contextlib import suppress

import pytest

from chalicelib.operations.reconcile import reconcile_session
from chalicelib.tables import codes as table
from tests.live.codes.actions import ACTIONS, USES
from tests.live.codes.invariants import settled, unlike
from tests.live.codes.scenario import seen
from tests.live.ledger import race_report
from tests.live.ledger.actions import prepared
from tests.live.ledger.fork_server import crashed
from tests.live.ledger.network_faults import CrashedError, counted, crash, reply_lost
from tests.live.ledger.scenario import ORG, assert_lawful, later, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]
INDEXES = {"due"}
AFTER_THE_HOLD = later(minutes=8)
KILLED = [name for name in ACTIONS if name != "book with uses and spots that a dead booking has"]
"""A process takes a second, so the longest action only loses its replies here; the state machine crashes within it."""


def code_of(subject: object) -> str:
    return subject[0] if isinstance(subject, tuple) else str(subject)


def after(name: str, session: str, subject: object) -> tuple[object, int, int]:
    """Return the state that an action changes: spots, remaining uses, and the number of registrations with uses."""
    code = seen(code_of(subject))
    return spots_of(session, ACTIONS[name].when), code.left, len(code.uses)


def undisturbed(name: str) -> tuple[int, tuple[object, int, int]]:
    session, subject = prepared(ACTIONS[name])
    with counted() as counts:
        ACTIONS[name].do(session, subject)
    return counts.total(), after(name, session, subject)


@pytest.mark.parametrize("name", KILLED)
def test_a_killed_action_leaves_no_use_without_spots_and_can_be_retried(name: str) -> None:
    count, done = undisturbed(name)
    for step in range(1, count + 1):
        session, subject = crashed(ACTIONS[name], step)
        assert left_alone(session, code_of(subject)) == [], f"request {step}, left alone"
        assert_lawful(session)

        session, subject = prepared(ACTIONS[name])
        with suppress(CrashedError), crash(step, after=True):
            ACTIONS[name].do(session, subject)
        ACTIONS[name].do(session, subject)
        assert after(name, session, subject) == done, f"request {step}, tried again"
        assert_lawful(session)
    race_report.say(f"killed after each of {count} requests, left alone, and tried again: {name}: no use without its spots")


def left_alone(session: str, code: str) -> list[str]:
    """Return the faults after the hold has expired and the reconciler has run, and check that all free spots can be booked."""
    reconcile_session(ORG, session, now=AFTER_THE_HOLD, repair=True)
    before_staff = seen(code)
    assert before_staff.left + sum(use.redemptions for use in before_staff.uses.values()) == USES
    settled([session], [code])
    return unlike([session], [code])


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_whose_reply_is_lost_is_done_once(name: str) -> None:
    count, done = undisturbed(name)
    for step in range(1, count + 1):
        session, subject = prepared(ACTIONS[name])
        with reply_lost(step):
            ACTIONS[name].do(session, subject)
        assert after(name, session, subject) == done, f"request {step}"
        assert [code.code for code in table.find(ORG, [code_of(subject)])] == [code_of(subject)]
    race_report.say(f"the reply to each of {count} requests lost: {name}: done once")
