"""The versions of Python that functions may run on: 3.13 is what the guide asks for, and what tests/live/deployed deploys where it is."""

import os
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from chalice.cli.factory import CLIFactory
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from infra.deployment import stage_config, wheels
from infra.deployment.stage import PROJECT
from infra.local.npm import PackageMissingError
from tests.live.deployed import packages
from tests.live.deployed.packages import NEWEST

SOURCE_ONLY = {"font-roboto"}
"""Published without a wheel, and pure."""
NOT_UPLOADED = {*packages.BUILDERS}
Version = namedtuple("Version", "major minor micro releaselevel serial")


def fetched(architecture: str, python: str) -> Path:
    """Return the folder of the packages. Required where CI is set."""
    try:
        return packages.fetched(architecture, python)
    except PackageMissingError as reason:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(reason))


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
