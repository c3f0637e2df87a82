"""R1 and R2 for codes: races for uses and spots. No use too many, none without its spots, no refusal without a reason."""

from contextlib import ExitStack

import pytest

from tests.live.codes.invariants import CodesWatch, judged
from tests.live.codes.load import BookableSession, Party, run_load
from tests.live.codes.scenario import code_for
from tests.live.ledger import race_report
from tests.live.ledger.invariants import Verdict
from tests.live.ledger.load import SPEED
from tests.live.ledger.scenario import open_session, spots_of

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
INDEXES = {"due"}
THREADS = 64


def bookable(spots: int, *uses: int) -> BookableSession:
    """Open a session with these spots, and create codes with these numbers of uses for it."""
    session = open_session(spots)
    return BookableSession(session, [code_for(session, uses=each) for each in uses])


def race(name: str, party: Party, *, seed: int) -> Verdict:
    watches = [CodesWatch(at.session, at.codes) for at in party.sessions]
    with ExitStack() as stack:
        for watch in watches:
            stack.enter_context(watch)
        log = run_load(party, seed)
    verdict = judged(party, log, watches)
    race_report.note(name, verdict)
    assert verdict.is_clean, verdict
    assert verdict.slowest < 10 or not party.random_faults
    assert verdict.checks
    return verdict


def test_a_code_of_one_use_goes_to_one_of_sixty_four() -> None:
    at = bookable(30, 1)
    verdict = race("codes: one use, 64 threads", Party([at], THREADS, 1, [1], random_faults=False), seed=1)
    assert (verdict.winners, spots_of(at.session).taken) == (1, 1)


def test_a_code_of_a_hundred_uses_is_used_up_under_network_faults() -> None:
    at = bookable(150, 100)
    verdict = race("codes: 100 uses, 150 spots, 64 threads, network faults", Party([at], THREADS, 2, [1]), seed=2)
    assert verdict.winners == 100
    assert verdict.lost_replies > 50, "the seed loses so many of any 400 requests, four for each winner"


def test_fewer_spots_than_uses_under_network_faults() -> None:
    at = bookable(20, 100)
    verdict = race("codes: 100 uses, 20 spots, 64 threads, network faults", Party([at], THREADS, 1, [1]), seed=3)
    assert verdict.winners == 20


def test_many_codes_on_several_sessions_while_people_leave_and_codes_are_returned() -> None:
    sessions = [bookable(60, 100, 1, 1, 1, 10), bookable(12, 100, 1), bookable(120, 12, 1, 1, 1, 1, 1)]
    party = Party(sessions, THREADS, 2, [1, 1, 2, 3], leaving=0.5, speed=SPEED)
    verdict = race("codes: 13 codes, 3 sessions, parties of 1–3, cancels and returns, 64 threads, network faults", party, seed=4)
    assert verdict.attempts > verdict.winners > 0
    assert verdict.lost_replies > 20, "the seed loses so many of any 128 requests, one for each booking"
