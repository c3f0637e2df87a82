"""Whether the local stack has anything to do: streams and queues are read often while it has, and seldom while nobody uses it."""

import threading
import time
from collections.abc import Callable
from typing import Any

LIVELY_SECONDS = 3.0
"""How long after the latest request or event streams and queues are read as often as in a busy stack."""
SELDOM_SECONDS = 4.0
"""The pause between two readings otherwise. What another program writes into the tables or queues is found after it."""


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
        """Wait for so many seconds while the stack is used; otherwise longer, but only until something happens."""
        with self._happens:
            if self._now() - self._latest >= LIVELY_SECONDS and not stopping.is_set():
                self._happens.wait(SELDOM_SECONDS)
                return
        stopping.wait(seconds)

    def noting(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Return the handler; each call of it is noted when it ends, since what it wrote is to be followed."""

        def handle(*asked: Any) -> Any:
            try:
                return handler(*asked)
            finally:
                self.note()

        return handle
