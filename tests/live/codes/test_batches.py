"""A batch that is made by a job: its worker dies in the middle of a step, or two do the same step, and every code is there once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.events.jobs import WORK
from chalicelib.operations import jobs
from chalicelib.operations.jobs import starting, working
from chalicelib.rules.codes import Batch
from chalicelib.tables import codes as table
from chalicelib.tables import jobs as job_table
from tests.live.codes.scene import batch, booked, contract, price, seen
from tests.live.ledger import tally
from tests.live.ledger.scene import NOW, ORG, open_session
from tests.live.ledger.wire import CrashedError, crash

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs that were woken; there is no queue here."""
    called: list[str] = []
    for module in (starting, working):
        monkeypatch.setattr(module, "wake", lambda job: called.append(job.id))
    return called


def step(made: Batch) -> None:
    jobs.go_on(ORG, made.job, WORK, now=NOW)


def died(made: Batch, *, after: int) -> None:
    """Begin a step, and die once so many of its requests are executed: two to look, and one for each hundred codes."""
    with pytest.raises(CrashedError), crash(after, after=True):
        step(made)


def two_at_once(made: Batch) -> None:
    with ThreadPoolExecutor(2) as workers:
        for worker in [workers.submit(step, made) for _ in range(2)]:
            worker.result()


def stored_of(made: Batch) -> list[tuple[int, str]]:
    found = table.stretch(ORG, made.contract, batch=made, limit=10_000, start=None)[0]
    return sorted((code.place, code.code) for code in found)


def test_three_thousand_codes_are_three_thousand_whoever_dies_and_whoever_does_a_step_twice(woken: list[str]) -> None:
    session = open_session(1)
    made = batch(price(contract(), session), 3000, width=6, key="k").batch
    assert woken == [made.job]
    died(made, after=6)
    early = stored_of(made)
    assert len(early) == 400
    booked(session, early[0][1])
    two_at_once(made)
    two_at_once(made)
    died(made, after=12)
    assert job_table.get(ORG, made.job).done == 2000
    step(made)
    job = job_table.get(ORG, made.job)
    found = stored_of(made)
    assert (job.status, job.done, job.failures) == ("done", 3000, ())
    assert [place for place, _ in found] == list(range(3000))
    assert len({code for _, code in found}) == 3000
    assert found[:400] == early
    assert seen(early[0][1]).left == 0
    tally.say(
        "a batch of 3,000: killed twice in the middle of a step, two steps done by two workers at once: 3,000 codes, no gap, no double"
    )


def test_a_step_done_again_makes_the_same_codes() -> None:
    at = price(contract(), tag="health")
    first = batch(at, 30, width=6, key="k")
    again = batch(at, 30, width=6, key="k")
    assert [code.code for code in again.codes] == [code.code for code in first.codes]
    assert stored_of(first.batch) == [(code.place, code.code) for code in first.codes]
