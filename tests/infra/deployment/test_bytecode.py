"""The package has the compiled modules, as Lambda's Python takes them, and the same bytes after each build."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
from chalice.deploy.packager import BaseLambdaDeploymentPackager, LambdaDeploymentPackager
from chalice.utils import UI, OSUtils

from infra.deployment import bytecode

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
TAG = sys.implementation.cache_tag
SOURCES = {"app.py": "from chalicelib import words\nprint(words.SAID)\n", "chalicelib/words.py": "SAID = 'compiled'\n"}
LIBRARIES = {"small.py": "ONE = 1\n", "reportlab/large.py": "TWO = 2\n", "for_another_python.py": "print 'hello'\n"}
Build = Callable[[str], Path]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Return a function that has Chalice build the package of a small project in a folder of this name."""
    for packager, name in ((BaseLambdaDeploymentPackager, "_iter_app_filenames"), (LambdaDeploymentPackager, "create_deployment_package")):
        monkeypatch.setattr(packager, name, getattr(packager, name))
    bytecode.compile_packages()
    libraries: Any = SimpleNamespace(build_site_packages=lambda _abi, _requirements, folder: write(Path(folder), LIBRARIES))

    def built(name: str) -> Path:
        project = tmp_path / name
        write(project, SOURCES | {"requirements.txt": ""})
        return Path(LambdaDeploymentPackager(OSUtils(), libraries, UI()).create_deployment_package(str(project), PYTHON))

    return built


def names(package: Path) -> list[str]:
    return ZipFile(package).namelist()


def said(package: Path, folder: Path) -> str:
    """Return what the package prints when it is imported where it lies."""
    ran = subprocess.run([sys.executable, "-B", "-c", "import app"], cwd=folder, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_a_function_runs_what_was_compiled(build: Build, tmp_path: Path) -> None:
    package, there = build("project"), tmp_path / "task"
    ZipFile(package).extractall(there)
    assert f"__pycache__/small.{TAG}.pyc" in names(package)
    (there / "chalicelib" / "words.py").write_text("SAID = 'the source was compiled again'\n")
    assert said(package, there) == "compiled"


def test_large_libraries_and_what_does_not_compile_stay_as_they_are(build: Build) -> None:
    compiled = [name for name in names(build("project")) if name.endswith(".pyc")]
    assert not any("large" in name or "another" in name for name in compiled)


def test_each_build_makes_the_same_bytes_whatever_this_computer_has_compiled(build: Build, tmp_path: Path) -> None:
    first = build("first")
    write(tmp_path / "second", {f"chalicelib/__pycache__/words.{TAG}.pyc": "of this computer"})
    second = build("second")
    assert second.read_bytes() == first.read_bytes()
    assert build("second").read_bytes() == first.read_bytes(), "a package that is there already is left as it is"
    assert {ZipFile(first).getinfo(name).external_attr >> 16 for name in names(first) if name.endswith(".pyc")} == {0o644}
