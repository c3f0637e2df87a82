"""The versions of Python that functions may run on: 3.13 is what the guide asks for, and 3.11 what the tests run on."""

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest
from chalice.cli.factory import CLIFactory
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from infra.deployment import stage_config, wheels
from infra.deployment.stage import PROJECT
from infra.local.npm import PackageMissingError
from tests.live.deployed import packages

NEWEST = "3.13"
SOURCE_ONLY = {"font-roboto"}
"""Published without a wheel, and pure."""
NOT_UPLOADED = {*packages.BUILDERS}
Version = namedtuple("Version", "major minor micro releaselevel serial")
IMPORT_ALL = """
import pkgutil, sys
sys.path[:] = [place for place in sys.path if "site-packages" not in place] + sys.argv[1:]
import app, chalicelib
from importlib import import_module
for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
    import_module(module.name)
from tests.http import call
assert call("GET", "/v1/health").status == 200
assert "paths" in call("GET", "/v1/openapi.json").json
print(sys.version_info[:2])
"""


def fetched(architecture: str, python: str) -> Path:
    """Return the folder of the packages. Required where CI is set."""
    try:
        return packages.fetched(architecture, python)
    except PackageMissingError as reason:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(reason))


def newest() -> str | None:
    """Return a Python of that version which starts, that of pyenv too; None without one."""
    known = [shutil.which(f"python{NEWEST}"), *map(str, Path.home().glob(f".pyenv/versions/{NEWEST}.*/bin/python{NEWEST}"))]
    return next((path for path in known if path and not subprocess.run([path, "-V"], capture_output=True, check=False).returncode), None)


def link(name: str, folder: Path) -> None:
    """Put an installed package of pure Python into a folder."""
    origin = Path(str(getattr(find_spec(name), "origin", "")))
    source = origin.parent if origin.name == "__init__.py" else origin
    (folder / source.name).symlink_to(source)


@pytest.mark.parametrize("architecture", wheels.MACHINES)
def test_the_lock_has_a_wheel_of_each_package_for_python_3_13(architecture: str) -> None:
    """pip has compared their hashes with those of the lock."""
    files = [path.name for path in fetched(architecture, NEWEST).iterdir()]
    sources = {parse_sdist_filename(name)[0] for name in files if name.endswith(".tar.gz")}
    found = {parse_wheel_filename(name)[0]: parse_wheel_filename(name)[3] for name in files if name.endswith(".whl")}
    assert sources == SOURCE_ONLY
    assert found.keys() | sources == {canonicalize_name(name) for name in wheels.locked()} | NOT_UPLOADED
    tags = {tag for some in found.values() for tag in some}
    assert {tag.abi for tag in tags} <= {"none", "abi3", "cp313"}
    assert {tag.platform for tag in tags if tag.platform != "any" and not tag.platform.endswith(wheels.MACHINES[architecture])} == set()


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_functions_run_on_the_python_that_deploys(monkeypatch: pytest.MonkeyPatch, minor: int) -> None:
    monkeypatch.setattr(sys, "version_info", Version(3, minor, 0, "final", 0))
    monkeypatch.setattr(CLIFactory, "load_project_config", lambda _: stage_config.chalice_config())
    config = CLIFactory(str(PROJECT), environ={}).create_config_obj(chalice_stage_name="dev")
    assert config.lambda_python_version == f"python3.{minor}"


def test_the_application_runs_on_python_3_13_with_its_own_packages_alone(tmp_path: Path) -> None:
    python = newest()
    if not python:
        pytest.skip(f"There is no Python {NEWEST} on this computer.")
    for wheel in fetched(packages.ARCHITECTURE, NEWEST).glob("*.whl"):
        with ZipFile(wheel) as opened:
            opened.extractall(tmp_path / "packages")
    (tmp_path / "runtime").mkdir()
    for name in (*wheels.OF_THE_RUNTIME, "chalice", *(source.replace("-", "_") for source in SOURCE_ONLY)):
        link(name, tmp_path / "runtime")
    places = [str(PROJECT), str(tmp_path / "packages"), str(tmp_path / "runtime")]
    ran = subprocess.run([python, "-B", "-c", IMPORT_ALL, *places], cwd=tmp_path, env={**os.environ}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "(3, 13)"
