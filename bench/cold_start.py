"""P5: the duration of `import app` compared with that of its required dependencies, and the modules that it must not import."""

import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from bench.figures import Figure, at_most

ROUNDS = 9
TIMED = "import time; began = time.perf_counter(); {code}; print(time.perf_counter() - began)"
BARE = "import chalice, pydantic, boto3; pydantic.create_model('M', a=(int, 1)); boto3.client('dynamodb')"
OURS = "import app; from chalicelib import clients; clients.dynamodb()"
UNWANTED = ("aws_xray_sdk", "jinja2", "babel", "cryptography", "jwt", "chalicelib.emails")
ENVIRONMENT = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_REGION": "eu-central-1"}
COMPILED_ONCE = "PYTHONDONTWRITEBYTECODE"


def figures() -> Iterator[Figure]:
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(float(_run(TIMED.format(code=BARE))))
        ours.append(float(_run(TIMED.format(code=OURS))))
    yield at_most("P5", "cold start to chalice + pydantic + boto3 + client", median(ours) / median(bare), 1.15, "×")
    yield Figure("P5", "cold start", round(median(ours) * 1000), "ms")
    found = _run(f"import app, sys; print(sum(name in sys.modules for name in {UNWANTED!r}))")
    yield at_most("P5", f"imported at the start of {', '.join(UNWANTED)}", float(found), 0, "modules")


def _run(code: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != COMPILED_ONCE} | ENVIRONMENT
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]
