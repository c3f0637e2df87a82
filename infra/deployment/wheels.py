"""The packages that are uploaded: exactly those of `requirements.lock`, whose hashes pip compares. Chalice itself compares none.

Chalice calls pip twice: for this computer, and for Lambda's where that differs. Both calls find the verified files, and nothing else.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.deployment import stage_config
from infra.deployment.stage import CHALICE, PROJECT, Stage

LOCK = PROJECT / "requirements.lock"
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's architectures, as wheels name them."""
OLDEST_GLIBC, NEWEST_GLIBC = 17, 26
"""The minor versions of glibc 2 that wheels may need; 26 is that of the oldest runtime, Amazon Linux 2."""

OF_THE_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
"""The packages that Lambda provides beside a function's own, as they are imported."""


@contextmanager
def verified(stage: Stage) -> Iterator[dict[str, str]]:
    """Fetch the locked packages for the stage's architecture, and yield the environment in which pip finds no others.

    Packages that were built before are deleted. Raises CalledProcessError if a hash differs or a file is missing.
    """
    architecture = stage_config.architecture(stage)
    shutil.rmtree(CHALICE / "deployments", ignore_errors=True)
    with TemporaryDirectory(prefix="rollbook-wheels-") as folder:
        fetch(architecture, Path(folder))
        _build(Path(folder))
        yield {
            **os.environ,
            **_target(architecture),
            "PIP_ONLY_BINARY": ":all:",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": folder,
            "PIP_CONFIG_FILE": os.devnull,
        }


def fetch(architecture: str, folder: Path, *, python: str = "") -> None:
    """Fetch the locked packages for an architecture of Lambda, and for a version of Python, that of this process without one.

    Raises CalledProcessError if a hash differs or a file is missing.
    """
    options = ["--quiet", "--require-hashes", "--no-deps", "--requirement", str(LOCK), "--dest", str(folder)]
    target = _target(architecture) | ({"PIP_PYTHON_VERSION": python} if python else {})
    subprocess.run([sys.executable, "-m", "pip", "download", *options], env=os.environ | target, check=True)


def _target(architecture: str) -> dict[str, str]:
    return {"PIP_PLATFORM": " ".join(platforms(architecture)), "PIP_IMPLEMENTATION": "cp", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _build(folder: Path) -> None:
    """Build wheels of the packages that are published as source only."""
    for source in folder.glob("*.tar.gz"):
        subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source)], check=True)
        source.unlink()


def platforms(architecture: str) -> list[str]:
    """Return the platforms of wheels that run on Lambda, as pip takes them."""
    machine = MACHINES[architecture]
    return [*(f"manylinux_2_{minor}_{machine}" for minor in range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1)), f"manylinux2014_{machine}"]


def locked(lock: Path = LOCK) -> dict[str, str]:
    """Return the locked versions, by the names of the packages."""
    lines = lock.read_text().splitlines()
    return dict(line.removesuffix("\\").split(";")[0].strip().split("==") for line in lines if "==" in line)
