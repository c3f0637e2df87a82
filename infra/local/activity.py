"""Whether the local stack has anything to do: streams and queues are read often while it has, and seldom while nobody uses it."""

import threading
import time
from collections.abc import Callable
from typing import Any

SELDOM_SECONDS = 4.0
"""The longest pause between two readings. What another program writes into the tables or queues is found after it."""


class Activity:
    """Notes that something happens, and lets those who wait for it pause."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._latest = now()
        self._happens = threading.Condition()

    def note(self) -> None:
        """Note that something happened, or is about to, and wake all that pause."""
        with self._happens:
            self._latest = self._now()
            self._happens.notify_all()

    def pause(self, seconds: float, stopping: threading.Event) -> None:
        """Wait for so many seconds; after a quiet while for half as long again, but then only until something happens."""
        stopping.wait(seconds)
        with self._happens:
            quiet = self._now() - self._latest
            if quiet > seconds and not stopping.is_set():
                self._happens.wait(min(quiet / 2, SELDOM_SECONDS))

    def noting(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Return the handler; each call of it is noted when it ends, since what it wrote is to be followed."""

        def handle(*arguments: Any) -> Any:
            try:
                return handler(*arguments)
            finally:
                self.note()

        return handle
