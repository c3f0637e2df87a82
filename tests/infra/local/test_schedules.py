import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.http_server import Request
from infra.local.schedules import Scheduler


class ExportRequest:
    """Schedules that record the clock they were run with, and a stream that is or is not drained."""

    def __init__(self, drained: bool = True) -> None:
        self.clocks: list[datetime] = []
        self.steps: list[str] = []
        self.drained = drained
        self.scheduler = Scheduler(self.run, [self])  # type: ignore[list-item]

    def run(self, now: datetime) -> dict[str, int]:
        self.clocks.append(now)
        self.steps.append("run")
        return {"swept": len(self.clocks)}

    def drain(self, seconds: float) -> bool:
        self.steps.append("drain")
        return self.drained

    def post(self, body: bytes = b"", method: str = "POST", **headers: str) -> tuple[int, Any]:
        response = self.scheduler.respond(Request(method, "/", body=body, headers=(("Host", "127.0.0.1:8000"), *headers.items())))
        return response.status, json.loads(response.body)


def test_without_a_body_the_real_clock_is_used() -> None:
    request = ExportRequest()
    before = datetime.now(UTC)
    assert request.post() == (200, {"swept": 1})
    assert before <= request.clocks[0] <= datetime.now(UTC)
    assert request.steps == ["drain", "run", "drain"], "streams are drained before and after the schedules run"


@pytest.mark.parametrize("now", ["2030-05-01T09:00:00Z", "2030-05-01t09:00:00.000z", "2030-05-01T11:00:00+02:00"])
def test_the_body_names_the_clock(now: str) -> None:
    request = ExportRequest()
    assert request.post(json.dumps({"now": now}).encode())[0] == 200
    assert request.clocks == [datetime(2030, 5, 1, 9, tzinfo=UTC)]


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"[]", b"1", b"\xff", b"[" * 100_000, b'{"then": 1}', b'{"now": 1}', b'{"now": null}'),
        *(b'{"now": "2030-05-01"}', b'{"now": "2030-05-01T09:00:00"}', b'{"now": "0001-01-01T00:00:00+01:00"}'),
    ],
)
def test_a_bad_body_runs_nothing(body: bytes) -> None:
    request = ExportRequest()
    status, problem = request.post(body)
    assert (status, problem["code"], request.clocks) == (400, "bad_clock", [])


def test_other_methods_and_other_origins_run_nothing() -> None:
    request = ExportRequest()
    assert request.post(method="GET")[0] == 405
    assert request.post(Origin="https://example.org")[0] == 403
    assert request.post(Host="evil.example", Origin="http://evil.example")[0] == 403
    assert request.clocks == []
    assert request.post(Origin="http://127.0.0.1:8000")[0] == 200


def test_streams_that_are_not_drained_are_reported() -> None:
    assert ExportRequest(drained=False).post()[1]["code"] == "streams_behind"
