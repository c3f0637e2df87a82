"""The Python that deploys, and the packages that a deployment uploads, fetched once. pip compares their hashes at each deployment.

The guide asks for Python 3.13, so that is tried where it is installed, whatever runs the tests.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from infra.deployment import wheels
from infra.deployment.stage import PROJECT
from infra.local.npm import CACHE, PackageMissingError, keep

NEWEST = "3.13"
BUILDERS = ("setuptools", "wheel")
"""What pip builds a package with that is published as source only."""
ARCHITECTURE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
REQUIREMENTS = (PROJECT / "requirements.txt", PROJECT / "requirements-local.txt")


def version() -> str:
    """Return the version of the Python that deploys, and runs the functions."""
    return NEWEST if newest() else f"{sys.version_info.major}.{sys.version_info.minor}"


@cache
def newest() -> str | None:
    """Return a Python of the newest version which starts, that of pyenv too; None without one."""
    known = [shutil.which(f"python{NEWEST}"), *map(str, Path.home().glob(f".pyenv/versions/{NEWEST}.*/bin/python{NEWEST}"))]
    return next((path for path in known if path and not subprocess.run([path, "-V"], capture_output=True, check=False).returncode), None)


def operators_python() -> Path:
    """Return the folder of the environment that deploys, which is made once, or that of the tests. Raises PackageMissingError."""
    python = newest()
    if not python:
        return Path(sys.prefix)
    needed = b"".join(path.read_bytes() for path in REQUIREMENTS)
    home = CACHE / f"python-{NEWEST}-{hashlib.sha256(needed).hexdigest()[:10]}"
    if not home.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            keep(_install(python, Path(folder) / "python"), home)
    return home


def _install(python: str, folder: Path) -> Path:
    links = ["--find-links", str(fetched(ARCHITECTURE, NEWEST))]
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    try:
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        subprocess.run([*pip, *links, "--requirement", str(REQUIREMENTS[-1])], check=True)
    except subprocess.CalledProcessError as failed:
        raise PackageMissingError(f"Packages for Python {NEWEST} cannot be installed: {failed}") from failed
    return folder


def environment() -> dict[str, str]:
    """Return the environment in which pip finds the packages in a folder, and asks no index. Raises PackageMissingError."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(fetched(ARCHITECTURE, version()))}


def fetched(architecture: str, python: str) -> Path:
    """Return the folder of the locked packages for an architecture and a version of Python, fetched once. Raises PackageMissingError."""
    home = CACHE / f"wheels-{python}-{architecture}-{hashlib.sha256(wheels.LOCK.read_bytes()).hexdigest()[:10]}"
    if not home.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            keep(_fetch(Path(folder) / "wheels", architecture, python), home)
    return home


def _fetch(folder: Path, architecture: str, python: str) -> Path:
    builders = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), *BUILDERS]
    try:
        wheels.fetch(architecture, folder, python=python)
        subprocess.run(builders, check=True)
    except subprocess.CalledProcessError as failed:
        raise PackageMissingError(f"Packages cannot be fetched: {failed}") from failed
    return folder
