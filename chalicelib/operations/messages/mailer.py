"""The mailer of one invocation: sends several e-mails at once, at the account's rate, until its time is over.

Messages that it does not reach stay queued, and in the index of unsent messages: the clock calls for them again.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from itertools import takewhile
from threading import Lock
from typing import TypeVar

from chalicelib import telemetry
from chalicelib.operations.messages.outbox import OVERDUE, send
from chalicelib.operations.messages.pace import MOST_AT_ONCE, Pace
from chalicelib.rules.actor import CLOCK
from chalicelib.rules.messages import MailDelayed, MailPaused
from chalicelib.tables import messages
from chalicelib.tables.actor import acting

T = TypeVar("T")
MessageRef = tuple[str, str]
"""A message by its organisation and id."""


class Mailer:
    """Sends within one time. `clock` gives the real time, by which leases run."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._pace = Pace()
        self._lock = Lock()
        self._paused: set[str] = set()

    def send_new(self, queued: Iterable[Sequence[MessageRef]]) -> dict[MessageRef, Exception]:
        """Send the messages of each recipient in their order, and return the faults of single ones.

        A lack of time, or a refusal of SES for now, is no fault.
        """
        faults: dict[MessageRef, Exception] = {}

        def attempt(line: Sequence[MessageRef]) -> None:
            for ref in takewhile(lambda _: not self._pace.is_over, line):
                try:
                    self._send(ref)
                except Exception as fault:
                    faults[ref] = fault

        waiting = list(queued)
        self._work(attempt, iter(waiting), most=len(waiting))
        return faults

    def send_overdue(self, organisations: Iterable[str]) -> int:
        """Send the messages that have waited for more than a minute, oldest first, the organisations in turns; return how many were sent.

        A fault concerns one message only, and is logged.
        """
        sent: list[MessageRef] = []

        def attempt(ref: MessageRef) -> None:
            try:
                if self._send(ref):
                    sent.append(ref)
            except Exception:
                telemetry.record_failure(org=ref[0], mail=ref[1])

        lines = deque((org, messages.unsent(org, self._clock() - OVERDUE)) for org in organisations)
        self._work(attempt, self._in_turns(lines), most=MOST_AT_ONCE if lines else 0)
        return len(sent)

    def _work(self, attempt: Callable[[T], None], waiting: Iterator[T], *, most: int) -> None:
        """Attempt what waits, as many at once as use the account's rate."""
        threads = min(most, self._pace.at_once) if most > 1 else most
        if threads <= 1:
            self._attempt_each(attempt, waiting)
            return
        with ThreadPoolExecutor(threads) as pool:
            for ended in [pool.submit(copy_context().run, self._attempt_each, attempt, waiting) for _ in range(threads)]:
                ended.result()

    def _attempt_each(self, attempt: Callable[[T], None], waiting: Iterator[T]) -> None:
        with acting(CLOCK):
            while not self._pace.is_over and (next_one := self._next(waiting)):
                attempt(next_one)

    def _next(self, waiting: Iterator[T]) -> T | None:
        with self._lock:
            return next(waiting, None)

    def _send(self, ref: MessageRef) -> bool:
        """Send one message and return whether it has left."""
        org, id = ref
        if org in self._paused:
            return False
        try:
            return send(org, id, now=self._clock(), pace=self._pace) == "sent"
        except MailDelayed as delayed:
            telemetry.logger.warning("mail_delayed", extra={"org": org, "mail": id, "reason": delayed.reason})
            if isinstance(delayed, MailPaused):
                self._paused.add(org)
            return False

    def _in_turns(self, lines: deque[tuple[str, Iterator[str]]]) -> Iterator[MessageRef]:
        """Yield one message of each organisation in turn, except of those whose sending SES has paused."""
        while lines:
            org, ids = lines.popleft()
            id = None if org in self._paused else self._first(org, ids)
            if id:
                lines.append((org, ids))
                yield org, id

    def _first(self, org: str, ids: Iterator[str]) -> str | None:
        try:
            return next(ids, None)
        except Exception:
            telemetry.record_failure(org=org)
            return None
