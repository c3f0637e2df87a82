"""The clock of the local stack: runs the application's schedules every minute, and at once when asked."""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from infra.local.http_server import Request, Response, json_response, problem_response
from infra.local.streams import Pump

RUN_NOW = "/_local/run-schedules"
EVERY_SECONDS = 60
DRAIN_SECONDS = 10
log = logging.getLogger(__name__)

STREAMS_BEHIND = problem_response(503, "streams_behind", "The schedules ran, but the streams are behind.", headers=(("Retry-After", "5"),))

Run = Callable[[datetime], dict[str, int]]


class Scheduler:
    """Runs the schedules, one run at a time.

    When asked, it drains the pumps in the order given before and after: a clock set ahead finds everything settled and leaves it so.
    """

    def __init__(self, run: Run, pumps: Sequence[Pump]) -> None:
        self._run = run
        self._pumps = pumps
        self._one_at_a_time = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="schedules", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def respond(self, request: Request) -> Response:
        """Run the schedules at the time in the request, or now, and answer after their stream records were handled."""
        if not request.is_local:
            return problem_response(403, "other_origin", "Only pages of this local stack may run its schedules.")
        if request.method != "POST":
            return problem_response(405, "method_not_allowed", "Send a POST.", headers=(("Allow", "POST"),))
        try:
            now = _clock(request.body)
        except (ValueError, OverflowError, RecursionError):
            return problem_response(400, "bad_clock", 'The body may be empty, or {"now": a time such as "2030-05-01T09:00:00Z"}.')
        with self._one_at_a_time:
            self._drained()
            counts = self._run(now)
        return json_response(200, counts) if self._drained() else STREAMS_BEHIND

    def _drained(self) -> bool:
        return all(pump.drain(DRAIN_SECONDS) for pump in self._pumps)

    def _tick(self) -> None:
        while not self._stopping.wait(EVERY_SECONDS):
            try:
                with self._one_at_a_time:
                    self._run(datetime.now(UTC))
            except Exception:
                log.exception("the schedules failed")


def _clock(body: bytes) -> datetime:
    """Return the time that the body names, now for an empty one, or raise ValueError."""
    wanted = json.loads(body) if body else {}
    if not isinstance(wanted, dict) or set(wanted) - {"now"}:
        raise ValueError
    return _time(wanted["now"]) if "now" in wanted else datetime.now(UTC)


def _time(text: Any) -> datetime:
    if not isinstance(text, str) or "T" not in text.upper():
        raise ValueError
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)
