"""The programs that pretix needs: its own environment from PyPI, installed on first use, and PostgreSQL and redis from Debian."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from infra.local.npm import CACHE, PackageMissingError

LOCK = Path(__file__).with_name("requirements.lock")
HOME = CACHE / f"pretix-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:10]}"
"""The environment, and a database with all of pretix's migrations."""
DEBIAN = {"redis-server": "redis-server", "setpriv": "util-linux"}
"""The packages of programs; the others belong to PostgreSQL."""


def python() -> Path:
    """Return the Python of pretix's environment. Raises PackageMissingError."""
    if not (HOME / "installed").exists():
        _install()
    return HOME / "venv/bin/python"


def program(name: str) -> str:
    """Return the path of a program. Debian keeps those of PostgreSQL's newest version outside PATH. Raises PackageMissingError."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]), reverse=True)
    found = shutil.which(name) or next(map(str, newest_first), None)
    if found is None:
        raise PackageMissingError(f"{name} was not found. Install Debian's package {DEBIAN.get(name, 'postgresql')}.")
    return found


def version(command: str) -> str:
    """Return what a program says of its version."""
    return subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout.strip()


def pinned(name: str) -> str:
    """Return the version of a package in the lock file."""
    found = re.search(rf"^{name}==(\S+)", LOCK.read_text(), re.MULTILINE)
    assert found
    return found[1]


def _install() -> None:
    """Install the environment where it stays, since it cannot be moved; what an interrupted installation left is removed."""
    shutil.rmtree(HOME / "venv", ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", HOME / "venv"], check=True)
    arguments = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r", str(LOCK)]
    done = subprocess.run([HOME / "venv/bin/python", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise PackageMissingError(f"pip could not install pretix: {done.stderr.strip()[-2000:]}")
    (HOME / "installed").touch()
