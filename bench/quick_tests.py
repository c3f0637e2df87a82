"""P18: the tests that need no AWS, as `make quick` runs them. `make test` takes too long for a bench: CI's log has its time."""

import subprocess
import sys
import time
from collections.abc import Iterator

from bench.figures import Figure, at_most

MOST_SECONDS = 30


def figures() -> Iterator[Figure]:
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "tests.quick"], capture_output=True, check=True)
    yield at_most("P18", "make quick", time.monotonic() - began, MOST_SECONDS, "s")
