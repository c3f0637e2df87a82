"""P5: the time of `import app` compared with that of its required dependencies, and the modules that it must not import."""

import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from bench.figures import Figure, at_most

ROUNDS = 9
TIMED = (
    "import time; began, used = time.perf_counter(), time.process_time(); {code}; "
    "print(time.perf_counter() - began, time.process_time() - used)"
)
"""Prints the seconds that passed, and those of the processor."""
BARE = "import chalice, pydantic, boto3; pydantic.create_model('M', a=(int, 1)); boto3.client('dynamodb')"
OURS = "import app; from chalicelib import clients; clients.dynamodb()"
UNWANTED = ("aws_xray_sdk", "jinja2", "babel", "cryptography", "jwt", "chalicelib.emails")
ENVIRONMENT = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_REGION": "eu-central-1"}
COMPILED_ONCE = "PYTHONDONTWRITEBYTECODE"


def figures() -> Iterator[Figure]:
    pairs = [(_seconds(BARE), _seconds(OURS)) for _ in range(ROUNDS)]
    for clock, what in enumerate(("cold start", "cold start, processor time")):
        bare, ours = (median(times[clock] for times in of) for of in zip(*pairs, strict=True))
        yield at_most("P5", f"{what}: to chalice + pydantic + boto3 + client", ours / bare, 1.15, "×")
        yield Figure("P5", what, round(ours * 1000), "ms")
    found = _run(f"import app, sys; print(sum(name in sys.modules for name in {UNWANTED!r}))")
    yield at_most("P5", f"imported at the start of {', '.join(UNWANTED)}", float(found), 0, "modules")


def _seconds(code: str) -> list[float]:
    return [float(seconds) for seconds in _run(TIMED.format(code=code)).split()]


def _run(code: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != COMPILED_ONCE} | ENVIRONMENT
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]
