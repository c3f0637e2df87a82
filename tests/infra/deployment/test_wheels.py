"""The lock of the packages that are uploaded."""

import re
from importlib.metadata import requires, version
from itertools import pairwise

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from infra.deployment import wheels
from infra.deployment.stage import PROJECT

LINES = re.compile(r"[a-z0-9-]+==[\w.]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
OF_LAMBDA = {"boto3", "botocore"}


def test_the_lock_has_the_versions_of_the_requirements() -> None:
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    pins = {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}
    assert pins.items() <= wheels.locked().items()


def test_the_lock_has_everything_that_these_need() -> None:
    locked = wheels.locked()
    needed = [Requirement(line) for name in locked for line in requires(name) or ()]
    missing = {canonicalize_name(need.name) for need in needed if need.marker is None or need.marker.evaluate({"extra": ""})} - {*locked}
    assert missing <= OF_LAMBDA


def test_what_is_uploaded_is_what_was_tested() -> None:
    assert {name for name, locked in wheels.locked().items() if Version(locked) != Version(version(name))} == set()


def test_the_lock_has_a_hash_for_each_package_and_no_address() -> None:
    lines = wheels.LOCK.read_text().splitlines()
    assert [line for line in lines if not LINES.fullmatch(line)] == []
    assert all("--hash" in after for line, after in pairwise(lines) if "==" in line)


def test_wheels_are_those_of_lambda() -> None:
    assert wheels.platforms("arm64")[0] == "manylinux_2_26_aarch64"
    assert wheels.platforms("x86_64")[-1] == "manylinux2014_x86_64"
