"""Carries stream records to their handlers, as Lambda's event source mapping does: in order, in batches, retried, and none is lost."""

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from infra.local.activity import Activity
from infra.local.stream_records import Record, Stream

BATCH = 100
"""As the mappings of a deployment have it."""
RETRIES = 5
POLL_SECONDS = 0.1
GATHER_SECONDS = 0.05
"""A stream in use is read after so long again: what a booking writes then comes in one batch. Lambda reads four times a second."""
FIRST_BACKOFF_SECONDS = 0.1
FAULT_SECONDS = 1.0
log = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any]], Any]


class Pump:
    """Delivers one stream to one handler, in a thread that no exception ends."""

    def __init__(self, name: str, stream: Stream, handler: Handler, *, failed: Path, activity: Activity) -> None:
        self._name = name
        self._stream = stream
        self._handler = handler
        self._failed = failed
        self._activity = activity
        self._round = 0
        self._last_empty_round = 0
        self._rounds = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{name} stream", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = 1) -> None:
        """End after the present batch."""
        self._stopping.set()
        self._activity.note()
        self._thread.join(seconds)

    def drain(self, seconds: float) -> bool:
        """Wait until all records from before this call are handled; return whether this was in time."""
        with self._rounds:
            target = self._round + 1
            self._activity.note()
            return self._rounds.wait_for(lambda: self._last_empty_round >= target, seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                worked = self._handle_batch()
            except Exception:
                log.exception("the %s stream could not be read", self._name)
                self._stream.reread()
                self._stopping.wait(FAULT_SECONDS)
                continue
            if worked:
                self._stopping.wait(GATHER_SECONDS)
            else:
                self._activity.pause(POLL_SECONDS, self._stopping)

    def _handle_batch(self) -> bool:
        """Handle the records that can be read at once; return whether there were any."""
        with self._rounds:
            self._round += 1
        batch = self._stream.read(BATCH)
        if batch:
            self._deliver(*batch)
            return True
        with self._rounds:
            self._last_empty_round = self._round
            self._rounds.notify_all()
        return False

    def _deliver(self, shard: str, records: Sequence[Record]) -> None:
        """Call the handler with the records until each has been handled or, after its retries, set aside."""
        size, attempts = len(records), 0
        while records and not self._stopping.is_set():
            batch = records[:size]
            handled, crashed = self._handled(batch)
            if handled:
                self._stream.done(shard, batch[handled - 1])
                records, attempts = records[handled:], 0
            if handled == len(batch):
                size = len(records)
            elif crashed and len(batch) > 1:
                size = len(batch) // 2
            elif attempts < RETRIES:
                self._stopping.wait(FIRST_BACKOFF_SECONDS * 2**attempts)
                attempts += 1
            else:
                self._set_aside(records[0])
                self._stream.done(shard, records[0])
                records, size, attempts = records[1:], len(records) - 1, 0
        if records:
            self._stream.reread()

    def _handled(self, batch: Sequence[Record]) -> tuple[int, bool]:
        """Return how many records from the front of the batch were handled, and whether the handler crashed."""
        try:
            result = self._handler({"Records": list(batch)})
        except Exception:
            log.warning("the handler of the %s stream failed", self._name, exc_info=True)
            return 0, True
        failures = {failure["itemIdentifier"] for failure in (result or {}).get("batchItemFailures", [])}
        return next((index for index, record in enumerate(batch) if _number(record) in failures), len(batch)), False

    def _set_aside(self, record: Record) -> None:
        log.error("gave up on a record of the %s stream after %s retries: see %s", self._name, RETRIES, self._failed)
        with self._failed.open("a") as failed:
            failed.write(json.dumps({"stream": self._name, "at": time.time(), "record": record}) + "\n")


def _number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])
