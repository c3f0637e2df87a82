"""Installs what live tests need besides Python: DynamoDB Local, Chromium, axe-core, the HTML checker, the generators of clients.

CI=true: fails if one is missing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from infra.local import dynamodb_local
from infra.local.npm import PackageMissingError
from tests.live import clients
from tests.live.browser import axe
from tests.live.http import html_checker

JAVA_AND_NPM = {"java": "default-jre-headless", "npm": "npm"}
SHELL = "chromium-headless-shell"
CHROMIUM = (SHELL, "chromium", "chromium-browser", "google-chrome")
"""Chromium by its programs. The one without windows comes first: it opens a page in half the time."""


def main() -> int:
    missing = [reason for reason in (_dynamodb_local(), _chromium(), _axe(), _checker(), _clients()) if reason]
    for reason in missing:
        print(f"Not available: {reason}")
    return 1 if missing and os.environ.get("CI") == "true" else 0


def _dynamodb_local() -> str | None:
    """Install DynamoDB Local. Return the reason if that fails."""
    _install(*(package for program, package in JAVA_AND_NPM.items() if not shutil.which(program)))
    try:
        dynamodb_local.provide()
    except dynamodb_local.DynamoDBLocalMissingError as missing:
        return f"DynamoDB Local, so races and state machines are not tested. {missing}"
    return None


def _chromium() -> str | None:
    """Install Chromium, as Debian's package or Playwright's download. Return the reason if both fail."""
    if not shutil.which(SHELL):
        _install(SHELL)
    if not chromium():
        _install("chromium")
    if not chromium():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, capture_output=True)
    return None if chromium() else f"Chromium, so pages are not tried in a browser. Install Debian's package {SHELL}."


def _axe() -> str | None:
    """Fetch axe-core. Return the reason if that fails."""
    try:
        axe.source()
    except PackageMissingError as missing:
        return f"axe-core, so pages are not searched for what keeps people from using them. {missing}"
    return None


def _checker() -> str | None:
    """Fetch the HTML checker. Return the reason if that fails."""
    try:
        html_checker.provide()
    except PackageMissingError as missing:
        return f"The Nu HTML checker, so pages and e-mails are not validated. {missing}"
    return None


def _clients() -> str | None:
    """Fetch the generators of clients. Return the reason if that fails."""
    try:
        clients.node_modules()
        clients.python_packages()
    except PackageMissingError as missing:
        return f"Generators of clients, so no client is generated from the OpenAPI document. {missing}"
    return None


def chromium() -> str | None:
    """Return the path of a Chromium that starts, the system's or Playwright's; None without one."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install(*packages: str) -> None:
    """Install Debian packages, if this process may."""
    if packages and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", *packages], check=False, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
