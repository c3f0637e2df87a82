"""The Nu HTML checker. It is fetched with npm, not shipped, and needs Java."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from infra.local import npm
from infra.local.dynamodb_local import SHORT_LIVED

PACKAGE = "vnu-jar@26.9.27"
INTEGRITY = "sha512-TkQd5DFfOaWC9ebtvozTsrH2Vaod3jYg+vrOeREzIXxBexLz9+rS2DNtjn7+RPUiZhgli0SghgBX6RJRNea0KA=="


def provide() -> Path:
    """Return the program, fetched on first use. Raises PackageMissingError where it could not run."""
    jar = npm.unpacked(PACKAGE, INTEGRITY) / "build/dist/vnu.jar"
    if not shutil.which("java"):
        raise npm.PackageMissingError("java was not found. Install a Java 17 runtime.")
    return jar


def mistakes(documents: Mapping[str, str], folder: Path) -> dict[str, list[str]]:
    """Return the errors and warnings about these documents, by their names. They are written to the folder and checked in one run."""
    files = {f"{number:04}.html": name for number, name in enumerate(documents)}
    for file, name in files.items():
        (folder / file).write_text(documents[name], encoding="utf-8")
    command = ["java", *SHORT_LIVED, "-Xss4m", "-jar", str(provide()), "--format", "json", "--stdout", "--exit-zero-always", *files]
    checked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = {}
    for message in json.loads(checked.stdout)["messages"]:
        name = files[message["url"].rpartition("/")[2]]
        found.setdefault(name, []).append(f"{message['message']} {message.get('extract', '')!r}")
    return found
