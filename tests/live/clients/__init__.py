"""Clients that are generated from the OpenAPI document, and the linter of the document. All is fetched, pinned, and not shipped."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.local import npm
from infra.local.npm import CACHE, PackageMissingError

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[2] / "examples"
STRICT = ["--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "nodenext"]
SETTINGS = """\
content_type_overrides:
  text/csv: application/octet-stream
  application/pdf: application/octet-stream
  image/svg+xml: application/octet-stream
post_hooks: []
"""
"""Files are bytes to the Python client, and what is generated is not formatted."""


def node_modules() -> Path:
    """Return the folder of Redocly's linter, TypeScript and its generator, installed on first use. Raises PackageMissingError."""
    if not shutil.which("node"):
        raise PackageMissingError("node was not found. Install Node.js.")
    return npm.installed("clients", HERE / "package.json")


def python_packages() -> Path:
    """Return the folder of openapi-python-client and what it needs, installed on first use. Raises PackageMissingError."""
    wanted = HERE / "requirements.txt"
    home = CACHE / f"openapi-python-client-{hashlib.sha256(wanted.read_bytes()).hexdigest()[:10]}"
    if not home.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            target = Path(folder) / "packages"
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--target", str(target), "-r", str(wanted)]
            done = subprocess.run(pip, capture_output=True, text=True)
            if done.returncode:
                raise PackageMissingError(f"pip could not install openapi-python-client: {done.stderr.strip()}")
            npm.keep(target, home)
    return home


def lint(document: Path) -> str:
    """Return what `redocly lint` says about the document; it ends with an exit status other than 0 for an error."""
    return _run(["node", str(node_modules() / "@redocly/cli/bin/cli.js"), "lint", document.name, "--format=stylish"], document.parent)


def typescript_client(document: Path) -> list[str]:
    """Generate the types, compile the example against them, and return the command that runs it with its arguments."""
    folder = document.parent / "typescript"
    folder.mkdir()
    (folder / "node_modules").symlink_to(node_modules())
    (folder / "package.json").write_text('{"type": "module"}')
    shutil.copy(EXAMPLES / "typescript" / "main_job.ts", folder)
    _run(["node", "node_modules/openapi-typescript/bin/cli.js", str(document), "-o", "schema.d.ts"], folder)
    _run(["node", "node_modules/typescript/bin/tsc", *STRICT, "main_job.ts"], folder)
    return ["node", str(folder / "main_job.js")]


def python_client(document: Path) -> list[str]:
    """Generate the package `rollbook` beside the document, and return the command that runs the example with its arguments."""
    settings = document.parent / "settings.yaml"
    settings.write_text(SETTINGS)
    generate = [
        "generate",
        "--path",
        document.name,
        "--meta",
        "none",
        "--output-path",
        "rollbook",
        "--config",
        settings.name,
        "--fail-on-warning",
    ]
    _run([sys.executable, "-m", "openapi_python_client", *generate], document.parent)
    return [sys.executable, str(EXAMPLES / "python" / "main_job.py")]


def run(command: Sequence[str], *arguments: str, document: Path) -> list[str]:
    """Run an example with its arguments and return the lines that it prints."""
    return _run([*command, *arguments], document.parent).splitlines()


def _run(command: Sequence[str], folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(python_packages())])}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, timeout=180)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
