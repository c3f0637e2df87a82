"""What operators see of requests to DynamoDB that were throttled, or given up."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib import telemetry
from chalicelib.rules.refusals import Busy
from chalicelib.tables import retries

CONFLICT = {"CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}]}
OF_AN_INDEX = {"CancellationReasons": [{"Code": "ThrottlingError"}, {"Code": "None"}]}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was counted. Pauses end at once, as if time had passed."""
    names: list[str] = []
    clock = [0.0]
    monkeypatch.setattr(telemetry, "count", names.append)
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    return names


def refusing(*faults: ClientError) -> Any:
    """Return a request that fails with each of these, then succeeds."""
    left: Iterator[ClientError] = iter(faults)

    def ask() -> str:
        for fault in left:
            raise fault
        return "done"

    return ask


def fault(code: str, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code}, **more}
    return ClientError(response, "TransactWriteItems")


@pytest.mark.parametrize(
    ("refused", "throttles"),
    [
        (fault("ProvisionedThroughputExceededException"), 1),
        (fault("ThrottlingException"), 1),
        (fault("TransactionCanceledException", **OF_AN_INDEX), 1),
        (fault("TransactionCanceledException", **CONFLICT), 0),
        (fault("InternalServerError"), 0),
    ],
)
def test_a_throttled_answer_is_counted_also_one_of_an_index_in_a_transaction(
    counted: list[str], refused: ClientError, throttles: int
) -> None:
    assert retries.with_retries(refusing(refused)) == "done"
    assert counted == ["Throttled"] * throttles


def test_a_request_that_is_given_up_is_counted_once(counted: list[str]) -> None:
    with pytest.raises(Busy):
        retries.with_retries(refusing(*[fault("TransactionCanceledException", **CONFLICT)] * 1000))
    assert counted == ["Busy"]
