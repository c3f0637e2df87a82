"""The packages that a deployment uploads, fetched once. pip compares the hashes at each deployment all the same."""

import hashlib
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.deployment import wheels
from infra.local.npm import CACHE, PackageMissingError, keep

BUILDERS = ("setuptools", "wheel")
"""What pip builds a package with that is published as source only."""
ARCHITECTURE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"


THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def environment() -> dict[str, str]:
    """Return the environment in which pip finds the packages in a folder, and asks no index. Raises PackageMissingError."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(fetched(ARCHITECTURE, THIS_PYTHON))}


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
