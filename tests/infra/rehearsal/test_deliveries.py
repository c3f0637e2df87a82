"""How the stand-in repeats what a function did not handle: by the settings, except for what was never run."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.rehearsal import deliveries
from infra.rehearsal.deliveries import deliver, repeat

FAILED, REFUSED, DONE = {"error": True}, {"error": True, "throttle": True}, {"error": False}
PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 2}


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(deliveries, "time", made)
    return made


def played(*results: dict[str, Any]) -> tuple[Callable[[], dict[str, Any]], list[dict[str, Any]]]:
    """Return a function with these results, the last one again and again, and the list of those that were given."""
    given: list[dict[str, Any]] = []

    def run() -> dict[str, Any]:
        given.append(results[min(len(given), len(results) - 1)])
        return given[-1]

    return run, given


def test_an_event_has_its_attempts() -> None:
    run, given = played(FAILED)
    assert repeat(run, attempts=3, seconds=3600) == FAILED
    assert len(given) == 3


def test_a_refusal_is_no_attempt_of_an_event() -> None:
    run, given = played(*[REFUSED] * 20, FAILED, DONE)
    assert repeat(run, attempts=2, seconds=3600) == DONE
    assert len(given) == 22


def test_an_event_that_finds_no_room_in_its_time_is_given_up(clock: Clock) -> None:
    run, _ = played(REFUSED)
    assert repeat(run, attempts=1, seconds=60) == REFUSED
    assert 50 < clock.now <= 60


def records(number: int) -> list[dict[str, Any]]:
    return [{"dynamodb": {"SequenceNumber": str(position)}} for position in range(number)]


def numbers(batch: list[dict[str, Any]]) -> list[int]:
    return [int(record["dynamodb"]["SequenceNumber"]) for record in batch]


def test_a_batch_that_finds_no_room_is_left_to_the_next_time() -> None:
    lost: list[list[int]] = []
    result = deliver(PARTIAL, records(3), lambda _: REFUSED, lambda _mapping, batch, _result: lost.append(numbers(batch)))
    assert (result, lost) == (REFUSED, [])


def test_a_record_that_fails_is_set_aside_alone_after_its_attempts() -> None:
    tried: list[list[int]] = []
    lost: list[list[int]] = []

    def run(batch: list[dict[str, Any]]) -> dict[str, Any]:
        tried.append(numbers(batch))
        return {"body": {"batchItemFailures": [{"itemIdentifier": "2"}] if 2 in numbers(batch) else []}}

    result = deliver(PARTIAL, records(5), run, lambda _mapping, batch, _result: lost.append(numbers(batch)))
    assert (result["error"], lost) == (False, [[2]])
    assert tried.count([2]) == 3, "the first attempt and two more"
    assert {3, 4} <= {number for batch in tried for number in batch}


def test_without_the_flag_what_was_returned_as_failed_is_lost() -> None:
    lost: list[list[int]] = []
    told = {"body": {"batchItemFailures": [{"itemIdentifier": "0"}]}}
    result = deliver({"MaximumRetryAttempts": 2}, records(2), lambda _: told, lambda _mapping, batch, _result: lost.append(numbers(batch)))
    assert (result["error"], lost) == (False, [])
