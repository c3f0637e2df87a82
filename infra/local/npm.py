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


def installed(name: str, manifest: Path) -> Path:
    """Return the folder `node_modules` of a manifest, which lies beside its lock file, installed on first use.

    Each package is checked against the lock file, and none runs a script. Raises PackageMissingError.
    """
    lock = manifest.with_name("package-lock.json")
    home = CACHE / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:10]}"
    if not home.exists():
        _install(name, (manifest, lock), home)
    return home / "node_modules"


def _install(name: str, files: tuple[Path, ...], home: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        raise PackageMissingError(f"npm was not found. Install npm, which fetches {name}.")
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
        folder = Path(temporary) / "installed"
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder)
        done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise PackageMissingError(f"npm could not install {name}: {done.stderr.strip()}")
        keep(folder, home)


def _fetch(package: str, integrity: str, home: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        raise PackageMissingError(f"npm was not found. Install npm, which fetches {package}.")
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
        fetched = subprocess.run(
            [npm, "pack", package, "--silent", "--pack-destination", temporary], cwd=temporary, capture_output=True, text=True
        )
        archives = list(Path(temporary).glob("*.tgz"))
        if fetched.returncode or not archives:
            raise PackageMissingError(f"npm could not fetch {package}: {fetched.stderr.strip()}")
        _check(archives[0], package, integrity)
        with tarfile.open(archives[0]) as archive:
            archive.extractall(Path(temporary) / "unpacked", filter="data")
        keep(Path(temporary) / "unpacked", home)


def keep(unpacked: Path, home: Path) -> None:
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
