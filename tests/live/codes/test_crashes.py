"""R2: the process is killed (SIGKILL) after each request of everything that is done with a code; somebody tries again, or nobody does."""

from contextlib import suppress

import pytest

from chalicelib.operations.reconciling import reconcile_session
from chalicelib.tables import codes as table
from tests.live.codes.deeds import DEEDS, USES
from tests.live.codes.judging import settled, unlike
from tests.live.codes.scene import seen
from tests.live.ledger import tally
from tests.live.ledger.deeds import prepared
from tests.live.ledger.scene import ORG, assert_lawful, later, spots_of
from tests.live.ledger.starting import crashed
from tests.live.ledger.wire import CrashedError, counted, crash, reply_lost

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage", "small_chunks")]
AFTER_THE_HOLD = later(minutes=8)
KILLED = [name for name in DEEDS if name != "book with uses and spots that a dead booking has"]
"""A process costs a second: the longest deed only loses its replies, and the state machine dies in it."""


def code_of(subject: object) -> str:
    return subject[0] if isinstance(subject, tuple) else str(subject)


def after(name: str, session: str, subject: object) -> tuple[object, int, int]:
    """Return all that a deed changes: spots, uses that are left, and how many registrations have some."""
    code = seen(code_of(subject))
    return spots_of(session, DEEDS[name].when), code.left, len(code.uses)


def undisturbed(name: str) -> tuple[int, tuple[object, int, int]]:
    session, subject = prepared(DEEDS[name])
    with counted() as counts:
        DEEDS[name].do(session, subject)
    return counts.total(), after(name, session, subject)


@pytest.mark.parametrize("name", KILLED)
def test_who_is_killed_leaves_no_use_without_its_spots_behind_and_can_try_again(name: str) -> None:
    count, done = undisturbed(name)
    for step in range(1, count + 1):
        session, subject = crashed(DEEDS[name], step)
        assert left_alone(session, code_of(subject)) == [], f"request {step}, left alone"
        assert_lawful(session)

        session, subject = prepared(DEEDS[name])
        with suppress(CrashedError), crash(step, after=True):
            DEEDS[name].do(session, subject)
        DEEDS[name].do(session, subject)
        assert after(name, session, subject) == done, f"request {step}, tried again"
        assert_lawful(session)
    tally.say(f"killed after each of {count} requests, left alone, and tried again: {name}: no use without its spots")


def left_alone(session: str, code: str) -> list[str]:
    """Return what is wrong once the hold has run out and the reconciler has passed; and that all that is free can be had."""
    reconcile_session(ORG, session, now=AFTER_THE_HOLD, repair=True)
    before_staff = seen(code)
    assert before_staff.left + sum(use.n for use in before_staff.uses.values()) == USES
    settled([session], [code])
    return unlike([session], [code])


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_whose_reply_is_lost_is_done_all_the_same(name: str) -> None:
    count, done = undisturbed(name)
    for step in range(1, count + 1):
        session, subject = prepared(DEEDS[name])
        with reply_lost(step):
            DEEDS[name].do(session, subject)
        assert after(name, session, subject) == done, f"request {step}"
        assert [code.code for code in table.find(ORG, [code_of(subject)])] == [code_of(subject)]
    tally.say(f"the reply to each of {count} requests lost: {name}: done once")
