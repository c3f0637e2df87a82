"""R1 and R2: threads and processes race for spots, in fair weather and in foul. Nothing is sold twice, lost, or refused for nothing."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from chalicelib.rules.ledger import Hold
from chalicelib.settings import settings
from chalicelib.tables import ledger
from tests.live.ledger import starting, tally
from tests.live.ledger.crowd import SKEW_SECONDS, Diary, Outing, Script, go_out, scene_time
from tests.live.ledger.judging import Verdict, Watch, judge
from tests.live.ledger.scene import NOW, ORG, chunks_of, later, open_session

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
PARTIES = (1, 1, 2, 3, 4)
PROCESSES = 3


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(PROCESSES, mp_context=starting.processes()) as executor:
        yield executor


def outings(session: str, script: Script, *, crowd: Sequence[int], lives: int, parties: tuple[int, ...], weather: bool) -> list[Outing]:
    """Return the plan of each process: `crowd` has its number of threads."""
    began = time.monotonic()
    return [
        Outing(starting.environment(), session, script, seed, threads, lives, parties, began, weather)
        for seed, threads in enumerate(crowd, start=1)
    ]


def race(executor: Executor, plans: Sequence[Outing], *, may_owe: bool = False, others: int = 0) -> Verdict:
    with Watch(plans[0].session, may_owe) as watch:
        diaries: list[Diary] = list(executor.map(go_out, plans))
    settings.cache_clear()
    latest = scene_time(plans[0].began, SKEW_SECONDS)
    return judge(plans[0].session, diaries, watch, latest=latest, others=others)


def nearly_full(spots: int) -> tuple[str, int]:
    """Return a session that has a spot or two left in each of its chunks, and how many spots are taken."""
    session = open_session(spots)
    chunks = chunks_of(session)
    for chunk in chunks:
        party = chunk.cap - 1 - chunk.number % 2
        own = next(own for own in (f"before{chunk.number}-{n}" for n in range(10**6)) if ledger.preferred(own, len(chunks)) == chunk.number)
        ledger.claim(ORG, session, own, Hold(n=party, s="C", v="before"), chunks=len(chunks), now=NOW)
    return session, sum(chunk.cap - chunk.spots for chunk in chunks_of(session))


def checked(name: str, verdict: Verdict) -> Verdict:
    tally.note(name, verdict)
    assert verdict.spotless, verdict
    assert verdict.attempts
    assert verdict.looks
    return verdict


@pytest.mark.parametrize(("spots", "lives"), [(1, 4), (30, 8), (500, 34)])
def test_a_rush_of_single_people_sells_every_spot_once(spots: int, lives: int) -> None:
    with ThreadPoolExecutor(1) as here:
        verdict = race(here, outings(open_session(spots), "rush", crowd=[16], lives=lives, parties=(1,), weather=False))
    checked(f"rush, {spots} spots, parties of 1, 16 threads", verdict)
    assert verdict.attempts > verdict.winners == spots


@pytest.mark.parametrize(("spots", "lives"), [(30, 6), (500, 14), (2000, 56)])
def test_a_rush_of_parties_from_several_processes(processes: Executor, spots: int, lives: int) -> None:
    plans = outings(open_session(spots), "rush", crowd=[6] * PROCESSES, lives=lives, parties=PARTIES, weather=False)
    verdict = checked(f"rush, {spots} spots, parties of 1–4, {PROCESSES}×6 threads", race(processes, plans))
    assert verdict.attempts > verdict.winners


@pytest.mark.parametrize("spots", [1, 30])
def test_everything_at_once(spots: int) -> None:
    with ThreadPoolExecutor(1) as here:
        verdict = race(here, outings(open_session(spots), "everything", crowd=[16], lives=8, parties=PARTIES, weather=False))
    checked(f"everything, {spots} spots, 16 threads", verdict)


@pytest.mark.parametrize("spots", [500, 2000])
def test_everything_at_once_on_the_last_spots_of_many_chunks(processes: Executor, spots: int) -> None:
    session, others = nearly_full(spots)
    plans = outings(session, "everything", crowd=[5] * PROCESSES, lives=8, parties=PARTIES, weather=False)
    checked(f"everything, last of {spots} spots, {PROCESSES}×5 threads", race(processes, plans, others=others))


@pytest.mark.parametrize("spots", [30, 500])
def test_everything_while_the_session_changes_its_size(processes: Executor, spots: int) -> None:
    session, others = nearly_full(spots)
    plans = outings(session, "everything and resizing", crowd=[5] * PROCESSES, lives=8, parties=PARTIES, weather=False)
    checked(f"… and resizing, last of {spots} spots, {PROCESSES}×5 threads", race(processes, plans, others=others, may_owe=True))


def test_a_rush_in_foul_weather() -> None:
    with ThreadPoolExecutor(1) as here:
        verdict = race(here, outings(open_session(30), "rush", crowd=[16], lives=4, parties=(1,), weather=True))
    checked("foul weather: rush, 30 spots, 16 threads", verdict)
    assert verdict.winners == 30
    assert verdict.slowest < 10


@pytest.mark.parametrize("spots", [30, 500])
def test_everything_in_foul_weather(processes: Executor, spots: int) -> None:
    session, others = nearly_full(spots)
    plans = outings(session, "everything and resizing", crowd=[5] * PROCESSES, lives=6, parties=PARTIES, weather=True)
    verdict = checked(
        f"foul weather: everything, last of {spots} spots, {PROCESSES}×5 threads", race(processes, plans, others=others, may_owe=True)
    )
    assert verdict.lost_replies > 20
    assert verdict.slowest < 10


def test_holds_that_run_out_together_are_taken_over_by_as_many() -> None:
    session = open_session(30)
    for place in range(30):
        ledger.claim(
            ORG, session, f"old{place}", Hold(n=1, s="H", v="v", e=int(later(seconds=-60).timestamp())), chunks=1, now=later(hours=-1)
        )
    with ThreadPoolExecutor(1) as here:
        verdict = race(here, outings(session, "rush", crowd=[16], lives=3, parties=(1,), weather=False))
    checked("rush, 30 spots that ran out, 16 threads", verdict)
    assert verdict.winners == 30
    assert verdict.busy == 0
