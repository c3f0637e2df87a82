"""P16: the processor time of a local stack while nobody uses it. Other programs may run meanwhile: theirs is not counted."""

import time
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.stack import Running

MOST = 3
SETTLES_SECONDS, SECONDS = 90, 60
"""The last change is saved within a minute, as saving takes at most a twentieth of a processor. The clock runs each minute."""


def figures(stack: Running) -> Iterator[Figure]:
    """Yield the processor time of all its programs in percent of one core, once it has settled."""
    time.sleep(SETTLES_SECONDS)
    before, began = stack.processor_seconds(), time.monotonic()
    time.sleep(SECONDS)
    used = stack.processor_seconds() - before
    yield at_most("P16", "an idle local stack", 100 * used / (time.monotonic() - began), MOST, "% of a core")
