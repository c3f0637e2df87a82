"""R1 and R2: threads and processes race for spots, with and without network faults. No spot is sold twice, lost, or wrongly refused."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from chalicelib.config import config
from chalicelib.rules.ledger import Hold
from chalicelib.tables import ledger, retries
from tests.live.ledger import fork_server, race_report
from tests.live.ledger.invariants import Verdict, Watch, judge
from tests.live.ledger.load import SKEW_SECONDS, ClientLog, LoadPlan, Script, run_load, scene_time
from tests.live.ledger.scenario import NOW, ORG, chunks_of, later, open_session

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
INDEXES = {"due"}
PARTIES = (1, 1, 2, 3, 4)
PROCESSES = 3


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(PROCESSES, mp_context=fork_server.processes()) as executor:
        yield executor


def load_plans(
    session: str, script: Script, *, threads: Sequence[int], rounds: int, parties: tuple[int, ...], random_faults: bool
) -> list[LoadPlan]:
    """Return the plan of each process; `threads` has a number of threads for each."""
    began = time.monotonic()
    return [
        LoadPlan(fork_server.environment(), session, script, seed, number, rounds, parties, began, random_faults)
        for seed, number in enumerate(threads, start=1)
    ]


def race(executor: Executor, plans: Sequence[LoadPlan], *, may_owe: bool = False, others: int = 0) -> Verdict:
    with Watch(plans[0].session, may_owe) as watch:
        logs: list[ClientLog] = list(executor.map(run_load, plans))
    config.cache_clear()
    latest = scene_time(plans[0].began, SKEW_SECONDS)
    return judge(plans[0].session, logs, watch, latest=latest, others=others)


def nearly_full(spots: int) -> tuple[str, int]:
    """Return a session with one or two spots left in each chunk, and the number of taken spots."""
    session = open_session(spots)
    chunks = chunks_of(session)
    for chunk in chunks:
        party = chunk.cap - 1 - chunk.number % 2
        id = next(id for id in (f"before{chunk.number}-{n}" for n in range(10**6)) if ledger.preferred(id, len(chunks)) == chunk.number)
        ledger.claim(ORG, session, id, Hold(spots=party, state="taken", nonce="before"), chunks=len(chunks), now=NOW)
    return session, sum(chunk.cap - chunk.spots for chunk in chunks_of(session))


def checked(name: str, verdict: Verdict) -> Verdict:
    race_report.note(name, verdict)
    assert verdict.is_clean, verdict
    assert verdict.attempts
    assert verdict.checks
    return verdict


@pytest.mark.parametrize(("spots", "rounds"), [(1, 4), (30, 8), (500, 34)])
def test_a_rush_of_single_people_sells_every_spot_once(spots: int, rounds: int) -> None:
    with ThreadPoolExecutor(1) as here:
        verdict = race(here, load_plans(open_session(spots), "rush", threads=[16], rounds=rounds, parties=(1,), random_faults=False))
    checked(f"rush, {spots} spots, parties of 1, 16 threads", verdict)
    assert verdict.attempts > verdict.winners == spots


@pytest.mark.parametrize(("spots", "rounds"), [(30, 6), (500, 14), (2000, 56)])
def test_a_rush_of_parties_from_several_processes(processes: Executor, spots: int, rounds: int) -> None:
    plans = load_plans(open_session(spots), "rush", threads=[6] * PROCESSES, rounds=rounds, parties=PARTIES, random_faults=False)
    verdict = checked(f"rush, {spots} spots, parties of 1–4, {PROCESSES}×6 threads", race(processes, plans))
    assert verdict.attempts > verdict.winners


@pytest.mark.parametrize("spots", [1, 30])
def test_everything_at_once(spots: int) -> None:
    with ThreadPoolExecutor(1) as here:
        verdict = race(here, load_plans(open_session(spots), "everything", threads=[16], rounds=8, parties=PARTIES, random_faults=False))
    checked(f"everything, {spots} spots, 16 threads", verdict)


@pytest.mark.parametrize("spots", [500, 2000])
def test_everything_at_once_on_the_last_spots_of_many_chunks(processes: Executor, spots: int) -> None:
    session, others = nearly_full(spots)
    plans = load_plans(session, "everything", threads=[5] * PROCESSES, rounds=8, parties=PARTIES, random_faults=False)
    checked(f"everything, last of {spots} spots, {PROCESSES}×5 threads", race(processes, plans, others=others))


@pytest.mark.parametrize("spots", [30, 500])
def test_everything_while_the_session_changes_its_size(processes: Executor, spots: int) -> None:
    session, others = nearly_full(spots)
    plans = load_plans(session, "everything and resizing", threads=[5] * PROCESSES, rounds=8, parties=PARTIES, random_faults=False)
    checked(f"… and resizing, last of {spots} spots, {PROCESSES}×5 threads", race(processes, plans, others=others, may_owe=True))


def test_a_rush_under_network_faults() -> None:
    with ThreadPoolExecutor(1) as here:
        verdict = race(here, load_plans(open_session(30), "rush", threads=[16], rounds=4, parties=(1,), random_faults=True))
    checked("network faults: rush, 30 spots, 16 threads", verdict)
    assert verdict.winners == 30
    assert verdict.slowest < 10


@pytest.mark.parametrize("spots", [30, 500])
def test_everything_under_network_faults(processes: Executor, spots: int) -> None:
    session, others = nearly_full(spots)
    plans = load_plans(session, "everything and resizing", threads=[5] * PROCESSES, rounds=6, parties=PARTIES, random_faults=True)
    verdict = checked(
        f"network faults: everything, last of {spots} spots, {PROCESSES}×5 threads", race(processes, plans, others=others, may_owe=True)
    )
    assert verdict.lost_replies > 5, "the seeds lose so many of any sixty requests"
    assert verdict.slowest < 10


def test_holds_that_expire_together_are_taken_over_by_as_many_claims() -> None:
    session = open_session(30)
    for index in range(30):
        ledger.claim(
            ORG,
            session,
            f"old{index}",
            Hold(spots=1, state="held", nonce="v", expires_at=int(later(seconds=-60).timestamp())),
            chunks=1,
            now=later(hours=-1),
        )
    with ThreadPoolExecutor(1) as here:
        verdict = race(here, load_plans(session, "rush", threads=[16], rounds=3, parties=(1,), random_faults=False))
    checked("rush, 30 spots that ran out, 16 threads", verdict)
    assert verdict.winners == 30
    assert verdict.busy == 0 or verdict.slowest > retries.DEADLINE_SECONDS, "claims give up only when their time is over"
