"""The pace of one invocation's e-mails: the account's rate, a pause when SES throttles, and an end.

Other invocations send at the same time. They share the account's rate without knowing of each other: each halves its pace when SES
throttles and comes back to the full one as its e-mails are accepted.
"""

import time
from collections.abc import Callable
from math import ceil
from threading import Lock

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.rules.messages import Mail, MailDelayed, MailThrottled

SECONDS = 40.0
"""The time of an invocation for sending. Lambda ends it after 60; the last e-mail may have to wait for SES and for its mark."""
USUAL_RATE = 14.0
"""E-mails in a second, where AWS does not say: its first rate outside the sandbox."""
SECONDS_EACH = 0.25
"""One e-mail takes this long at most, as a rule. It decides how many at once use the rate; more would only wait."""
MOST_AT_ONCE = 8
SLOWEST = 4.0
"""Seconds between two e-mails, at most: the sandbox allows one a second, to all invocations together."""
PAUSE, LONGEST_PAUSE = 0.25, 2.0
"""Seconds without an e-mail after the first throttled one, and at most; each pause is twice the one before."""
PAUSES = 6
"""After so many pauses without an accepted e-mail the invocation gives up: the clock calls again in a minute."""
RECOVERY = 0.97
"""The factor by which an accepted e-mail shortens the time between two."""


class Pace:
    """Gives each e-mail its moment. Safe to use from several threads."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._end = time.monotonic() + seconds
        self._lock = Lock()
        self._last: float | None = None
        self._gap = self._shortest = 0.0
        self._paused_until = 0.0
        self._pauses = 0
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """Whether no e-mail gets a moment any more."""
        return self._is_over or time.monotonic() >= self._end

    @property
    def at_once(self) -> int:
        """How many e-mails at once use the account's rate."""
        return min(MOST_AT_ONCE, ceil(_rate() * SECONDS_EACH))

    def post(self, mail: Mail, send: Callable[[Mail], str]) -> str:
        """Send the e-mail at its moment, after a pause again if SES throttles, and return what `send` returns.

        Raises MailDelayed if no time is left, or when SES goes on throttling; and whatever else `send` raises.
        """
        while True:
            self._wait()
            try:
                id = send(mail)
            except MailThrottled as throttled:
                self._slow_down(throttled)
            else:
                self._speed_up()
                return id

    def _wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            moment = max(now, self._paused_until, self._last + self._between() if self._last else 0.0)
            if moment > self._end:
                self._is_over = True
            if self._is_over:
                raise MailDelayed("no_time_left")
            self._last = moment
        if moment > now:
            time.sleep(moment - now)

    def _between(self) -> float:
        """Return the seconds between two e-mails. The rate is read when the second one of an invocation waits."""
        if not self._gap:
            self._gap = self._shortest = 1 / _rate()
        return self._gap

    def _slow_down(self, throttled: MailThrottled) -> None:
        """Pause. E-mails that were on their way together make one pause."""
        with self._lock:
            now = time.monotonic()
            if now >= self._paused_until:
                self._gap = min(self._between() * 2, SLOWEST)
                self._paused_until = now + min(PAUSE * 2**self._pauses, LONGEST_PAUSE)
                self._pauses += 1
            if self._pauses > PAUSES:
                self._is_over = True
            if self._is_over:
                raise throttled

    def _speed_up(self) -> None:
        with self._lock:
            self._pauses = 0
            self._gap = max(self._gap * RECOVERY, self._shortest)


def _rate() -> float:
    # Imported here, as where e-mails are sent: the module loads the address check.
    from chalicelib.operations.messages.ses import max_send_rate

    try:
        rate = max_send_rate()
    except (BotoCoreError, ClientError):
        return USUAL_RATE
    return rate if rate > 0 else USUAL_RATE
