"""Lighthouse over public pages of a local stack, as on a phone: `make lighthouse`. It is fetched, pinned, and not shipped."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.figures import Figure, at_least, at_most
from bench.stack import Running, running
from infra.local import npm
from infra.local.npm import PackageMissingError
from tests.provide import chromium

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST, MOST_BYTES = 95, 60_000
RESULTS = Path(__file__).with_name("results.json")
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update"


def measure() -> Iterator[Figure]:
    """Yield the four categories of the public list and of a session's page, and what they load without pictures.

    Raises PackageMissingError without Lighthouse or Chromium.
    """
    program, browser = _program(), chromium()
    if browser is None:
        raise PackageMissingError("Chromium was not found. Install Debian's package chromium-headless-shell.")
    with TemporaryDirectory() as folder, running(Path(folder) / "state") as stack:
        for name, path in _pages(stack).items():
            report = _report(program, browser, stack.url + path, Path(folder) / "report.json")
            for category in CATEGORIES:
                yield at_least("P9", f"Lighthouse, {name}: {category}", report["categories"][category]["score"] * 100, LEAST, "points")
            yield at_most("P9", f"{name}: loaded without pictures", _bytes_of(report), MOST_BYTES, "bytes")


def _program() -> Path:
    """Return Lighthouse's program, installed on first use. Raises PackageMissingError."""
    if not shutil.which("node"):
        raise PackageMissingError("node was not found. Install Node.js.")
    return npm.installed("lighthouse", Path(__file__).with_name("package.json")) / "lighthouse/cli/index.js"


def _pages(stack: Running) -> dict[str, str]:
    first = stack.call("/v1/portal/demo/sessions?limit=1")["items"][0]["id"]
    return {"public list": "/p/demo", "page of a session": f"/p/demo/sessions/{first}"}


def _report(program: Path, browser: str, url: str, report: Path) -> Mapping[str, Any]:
    """Return Lighthouse's report about a page, on its simulated phone."""
    arguments = [
        url,
        "--quiet",
        "--output=json",
        f"--output-path={report}",
        f"--chrome-flags={FLAGS}",
        f"--only-categories={','.join(CATEGORIES)}",
    ]
    subprocess.run(["node", str(program), *arguments], check=True, env={**os.environ, "CHROME_PATH": browser})
    found: Mapping[str, Any] = json.loads(report.read_text())
    return found


def _bytes_of(report: Mapping[str, Any]) -> int:
    """Return the bytes that a first visit transfers, without pictures."""
    requests = report["audits"]["network-requests"]["details"]["items"]
    return sum(one["transferSize"] for one in requests if one.get("resourceType") != "Image")
