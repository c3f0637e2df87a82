"""axe-core, which finds what keeps people from using a page. Fetched once, with npm, into `.cache/`; it is no part of what we ship."""

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

PACKAGE = "axe-core@4.14.1"
KEPT = Path(__file__).parents[3] / ".cache" / PACKAGE.replace("@", "-") / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

COLOURS = ["color-contrast", "link-in-text-block"]


class AxeMissingError(Exception):
    """There is no axe-core; the message says what would help."""


@cache
def source() -> str:
    """Return the script, fetched when it is not there yet. Raises AxeMissingError."""
    if not KEPT.exists():
        _fetch()
    return KEPT.read_text(encoding="utf-8")


def violations(page: Page, within: str = "html", *, rules: Sequence[str] = RULES) -> list[str]:
    """Return what is wrong with the page as it is now, or with a part of it: rule, sentence and where."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(source())
    found: dict[str, Any] = page.evaluate("([within, rules]) => axe.run(within, {runOnly: rules})", [within, rules])
    assert len(found["passes"]) > (3 if rules is RULES else 0), "axe looked at nothing"
    return [f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']]}" for one in found["violations"]]


def _fetch() -> None:
    npm = shutil.which("npm")
    if not npm:
        raise AxeMissingError("Install npm, which fetches axe-core.")
    with tempfile.TemporaryDirectory() as place:
        fetched = subprocess.run([npm, "pack", PACKAGE, "--silent", "--pack-destination", place], cwd=place, capture_output=True, text=True)
        if fetched.returncode:
            raise AxeMissingError(f"npm could not fetch {PACKAGE}: {fetched.stderr.strip()}")
        with tarfile.open(next(Path(place).glob("*.tgz"))) as archive:
            script = archive.extractfile("package/axe.min.js")
            assert script
            KEPT.parent.mkdir(parents=True, exist_ok=True)
            KEPT.write_bytes(script.read())
