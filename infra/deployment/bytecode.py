"""The compiled modules of the package. A function cannot write where it lies: without them each cold start compiles what it imports.

A build of the same files makes the same bytes, so that a package that Lambda has already is recognised.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chalice.deploy.packager import BaseLambdaDeploymentPackager, LambdaDeploymentPackager

FOLDER, READABLE = "__pycache__", 0o644
LEFT_OUT = ("PIL/", "dns/", "reportlab/")
"""Large libraries that few requests load: their compiled modules would take the package close to the most that Lambda accepts."""
COMPILE = (*(sys.executable, "-m", "compileall", "-qq", "-j", "1", "--invalidation-mode", "unchecked-hash"), "-d", "/var/task", ".")
"""In one process, since what is written depends on what was compiled before it. Lambda has no other source that a check could find."""

_create, _own = LambdaDeploymentPackager.create_deployment_package, BaseLambdaDeploymentPackager._iter_app_filenames


def compile_packages() -> None:
    """Have Chalice put the compiled modules into each package that it makes, in place of those that this computer happens to have."""
    BaseLambdaDeploymentPackager._iter_app_filenames = _without_compiled
    LambdaDeploymentPackager.create_deployment_package = _create_compiled


def _without_compiled(packager: BaseLambdaDeploymentPackager, project: str) -> Iterator[tuple[str, str]]:
    yield from ((file, name) for file, name in _own(packager, project) if FOLDER not in Path(name).parts)


def _create_compiled(packager: LambdaDeploymentPackager, project: str, python: str) -> str:
    package: str = _create(packager, project, python)
    add_to(Path(package))
    return package


def add_to(package: Path) -> None:
    """Add the compiled modules to a package, unless it has them. What does not compile is left to fail when it is imported."""
    with TemporaryDirectory(prefix="rollbook-bytecode-") as folder:
        with ZipFile(package) as opened:
            names = opened.namelist()
            if any(FOLDER in name for name in names):
                return
            opened.extractall(folder, _worth_compiling(names))
        subprocess.run(COMPILE, cwd=folder, env=os.environ | {"PYTHONHASHSEED": "0"}, check=False)
        with ZipFile(package, "a") as opened:
            for file in sorted(Path(folder).rglob("*.pyc")):
                opened.writestr(_readable(str(file.relative_to(folder))), file.read_bytes(), ZIP_DEFLATED)


def _worth_compiling(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.endswith(".py") and not name.startswith(LEFT_OUT)]


def _readable(name: str) -> ZipInfo:
    """Return the head of a file that everybody may read, with the same time in each build."""
    head = ZipInfo(name)
    head.external_attr = READABLE << 16
    return head
