"""Packages from npm, fetched by several processes at once."""

from pathlib import Path

import pytest

from infra.local import npm


def package(folder: Path) -> Path:
    (folder / "package").mkdir(parents=True)
    return folder


def test_a_package_that_another_process_has_fetched_is_used(tmp_path: Path) -> None:
    home = package(tmp_path / "home")
    npm.keep(package(tmp_path / "unpacked"), home)
    assert (home / "package").is_dir()


def test_a_package_that_cannot_be_moved_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="home"):
        npm.keep(package(tmp_path / "unpacked"), tmp_path / "missing" / "home")
