"""Going back a version, and forth again: each works on the rows that the other one wrote, and loses nothing of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.deployment.stage import PROJECT
from tests.api.tenants import Office
from tests.infra.commands import work_on_rows

BEFORE = "a7b72b1f"
"""The earliest version to which docs/deployment.md says that one can go back. Its parent fails here: it loses what it does not know."""
PARTS = ("app.py", "chalicelib", "infra", "tests", "pyproject.toml", ".chalice")
WITHOUT = ("-p", "no:cacheprovider", "-p", "no:xdist")
SECONDS = 600


def version(folder: Path) -> Path:
    """Write the files of the version before, and return where. It is required where CI is set."""
    command = ["git", "archive", BEFORE, *PARTS]
    packed = subprocess.run(command, cwd=PROJECT, capture_output=True, check=False) if shutil.which("git") else None
    if not packed or packed.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"This clone has no {BEFORE}: install git, and git fetch --unshallow")
    folder.mkdir()
    subprocess.run(["tar", "-x"], cwd=folder, input=packed.stdout, check=True)
    return folder


def test_the_version_before_works_on_rows_of_this_one_and_this_one_on_its(demo: Office, tmp_path: Path) -> None:
    there = version(tmp_path / "before")
    (there / "tests" / "api" / "test_work_on_rows.py").write_text(Path(work_on_rows.__file__).read_text())
    work_on_rows.plant()
    work_on_rows.save(tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", *WITHOUT, "tests/api/test_work_on_rows.py"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ROLLBOOK_", "AWS_", "PYTEST_", "POWERTOOLS_"))}
    environment = kept | {work_on_rows.FOLDER: str(tmp_path)}
    ran = subprocess.run(command, cwd=there, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ran.returncode == 0, ran.stdout[-4000:]
    work_on_rows.load(tmp_path)
    work_on_rows.work(demo.tokens["owner"], "lou")


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_its_history_ci_fails_and_others_go_on(
    ci: str, outcome: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setitem(globals(), "BEFORE", "0" * 40)
    with pytest.raises(outcome, match="unshallow"):
        version(tmp_path / "before")
