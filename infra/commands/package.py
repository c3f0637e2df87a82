"""Build the package that Chalice uploads, in build/, and lint every template; print the size and the start-up time."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from statistics import median
from zipfile import ZipFile

import boto3

from infra.commands.functions import CHALICE
from infra.deployment import compose, merge_template, stacks, stage_config, wheels
from infra.deployment.compose import Template
from infra.deployment.stage import PROJECT, Stage

BUILD = PROJECT / "build"
MOST_ZIPPED, MOST_UNPACKED = 50 * 1024**2, 250 * 1024**2
"""The most bytes that Lambda accepts."""
STARTS = 5
TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
START = TIMED.format("import app; from chalicelib import clients; clients.dynamodb()")


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", default="dev")


def run(options: Namespace) -> int:
    """Lint, build and measure."""
    BUILD.mkdir(exist_ok=True)
    stage, stack = Stage(options.stage), BUILD / "stack.json"
    stack.write_text(compose.body(stage))
    os.environ.setdefault("AWS_DEFAULT_REGION", boto3.Session().region_name or "eu-central-1")
    subprocess.run([_lint(), *map(str, compose.files()), str(stack)], cwd=PROJECT, check=True)
    merged = BUILD / "merge.json"
    merged.write_text(json.dumps(_additions(stage)))
    with wheels.verified(stage) as environment:
        command = [*CHALICE, "package", "--stage", stage.name, "--merge-template", str(merged), str(BUILD)]
        subprocess.run(command, cwd=PROJECT, env=environment, check=True)
    zipped, unpacked = sizes(BUILD / "deployment.zip")
    print(f"build/deployment.zip: {zipped / 1024**2:.1f} MB of 50; unpacked {unpacked / 1024**2:.0f} MB of 250")
    print(f"cold start: {median(_starts()) * 1000:.0f} ms on this computer, to app.py and a client (median of {STARTS})")
    return 0 if zipped < MOST_ZIPPED and unpacked < MOST_UNPACKED else 1


def sizes(package: Path) -> tuple[int, int]:
    """Return the size of a zip and of its unpacked content, in bytes."""
    with ZipFile(package) as opened:
        return package.stat().st_size, sum(file.file_size for file in opened.infolist())


def _additions(stage: Stage) -> Template:
    """Return the resources that are merged into Chalice's template: everything for a stage that `stack` has configured, else the names."""
    if not stage_config.configured(stage).get(stage_config.NEEDED[-1]):
        return merge_template.names(stage)
    return merge_template.complete(stage, stacks.outputs(stage))


def _lint() -> str:
    return str(Path(sys.executable).with_name("cfn-lint"))


def _starts() -> list[float]:
    runs = [subprocess.run([sys.executable, "-c", START], cwd=PROJECT, capture_output=True, text=True, check=True) for _ in range(STARTS)]
    return [float(run.stdout) for run in runs]
