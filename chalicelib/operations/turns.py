"""Turns: the organisations take them, so that the large work of one delays none of the others, and the fault of one stops none."""

import time
from collections.abc import Callable, Iterable, Sequence

from chalicelib import telemetry
from chalicelib.tables.clock import Due
from chalicelib.tables.keys import Key

SECONDS = 45.0
"""The time of all work of a run, which starts each minute. The rest waits for the next one."""
SHARE = 3
"""One kind of work takes at most this part of the time that is left."""


class Turns:
    """The work of one run. `failed`: how many rows could not be worked on; the log names them."""

    def __init__(self, seconds: float = SECONDS, *, parts: int = SHARE) -> None:
        self._end, self._parts = time.monotonic() + seconds, parts
        self.failed = 0

    def take(self, what: str, due: Iterable[Due], act: Callable[[str, Sequence[Key]], int], *, at_once: int = 1) -> int:
        """Work on due rows, `at_once` rows of an organisation in each of its turns, and return the sum of what `act` returns.

        Rows that failed together are tried one by one: `act` must be safe to repeat.
        """
        until, done = self._share(), 0
        waiting = {org: _parts(rows, at_once) for org, rows in _by_organisation(due).items()}
        while waiting:
            for org, left in list(waiting.items()):
                if time.monotonic() > until:
                    return done
                done += self._act(what, org, left.pop(0), act)
                if not left:
                    del waiting[org]
        return done

    def alone(self, what: str, act: Callable[[], int | None]) -> int:
        """Do work of all organisations together. Its fault stops no other work."""
        try:
            return act() or 0
        except Exception:
            self._note(work=what)
            return 0

    def _act(self, what: str, org: str, rows: Sequence[Key], act: Callable[[str, Sequence[Key]], int]) -> int:
        try:
            return act(org, rows)
        except Exception:
            if len(rows) > 1:
                return sum(self._act(what, org, [row], act) for row in rows)
            self._note(work=what, org=org, row="#".join(rows[0]))
            return 0

    def _note(self, **about: str) -> None:
        telemetry.record_failure(**about)
        self.failed += 1

    def _share(self) -> float:
        now = time.monotonic()
        return now + max(self._end - now, 0) / self._parts


def _by_organisation(due: Iterable[Due]) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for one in due:
        found.setdefault(one.org, []).append(one.key)
    return found


def _parts(rows: Sequence[Key], size: int) -> list[Sequence[Key]]:
    return [rows[first : first + size] for first in range(0, len(rows), size)]
