"""P16: the processor time of a local stack while nobody uses it. Other programs may run meanwhile: theirs is not counted.

A copy of MiniStack saves what was changed, at most a twentieth of the time: the last save of a filled stack takes five seconds of
processor time, up to two minutes after the last change. It belongs to the use before, and is shown beside the rest, which begins after it.

As an hour begins, the clock has all sessions recounted: seconds of processor time once an hour, which two minutes would show thirty
times as large. The rest lies within an hour.
"""

import time
from collections.abc import Iterator

from bench import processes
from bench.figures import Figure, at_most
from bench.stack import Running

MOST = 3
SETTLES_SECONDS = 60
"""The streams have followed the last request by then."""
SAVES_SECONDS = 180
"""The last save has begun by then, if there was anything left to save."""
SECONDS = 120
"""Two runs of the clock. It is longer than the pause between saves: a stack that changes anything while nobody uses it saves in it."""
HOUR_SECONDS = 3600
RECOUNT_SECONDS = 60
"""All sessions are recounted by then, after the hour began."""


def figures(stack: Running) -> Iterator[Figure]:
    """Yield the processor time of all its programs in percent of one core, once it has saved, and that of the time before."""
    time.sleep(SETTLES_SECONDS + until_within_an_hour(time.time() + SETTLES_SECONDS))
    before = stack.processor_seconds()
    _wait_for_save(stack)
    saved, began = stack.processor_seconds(), time.monotonic()
    time.sleep(SECONDS)
    used = stack.processor_seconds() - saved
    yield at_most("P16", "an idle local stack", 100 * used / (time.monotonic() - began), MOST, "% of a core")
    yield Figure("P16", "the last save of a local stack before it idles", round(saved - before, 1), "s")


def until_within_an_hour(moment: float) -> float:
    """Return the seconds from the moment on until the last save and the rest fit between two recounts."""
    passed = moment % HOUR_SECONDS
    if passed < RECOUNT_SECONDS:
        return RECOUNT_SECONDS - passed
    fits = passed + SAVES_SECONDS + SECONDS <= HOUR_SECONDS
    return 0 if fits else HOUR_SECONDS - passed + RECOUNT_SECONDS


def _wait_for_save(stack: Running) -> None:
    """Wait until a copy that saves has come and gone, or none has come."""
    lasting, until = _programs(stack), time.monotonic() + SAVES_SECONDS
    while _programs(stack) <= lasting and time.monotonic() < until:
        time.sleep(1)
    while not _programs(stack) <= lasting:
        time.sleep(1)


def _programs(stack: Running) -> set[int]:
    return set(processes.family([stack.process]))
