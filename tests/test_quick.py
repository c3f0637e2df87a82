"""`make quick` runs at least a thousand tests, none of which can import moto; tests of pure rules import no AWS client either."""

import subprocess
import sys

from tests import quick
from tests.permissions import PROJECT

COLLECT = """
import sys
import pytest
sys.modules.update(dict.fromkeys({blocked!r}))
sys.exit(pytest.main([*{paths!r}, "-p", "tests.quick", "--collect-only"]))
"""


def collect(*paths: str, blocked: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Collect the quick tests below `paths` in a new process, in which importing a module of `blocked` fails."""
    command = [sys.executable, "-c", COLLECT.format(blocked=blocked, paths=paths)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)


def test_a_thousand_tests_are_quick() -> None:
    done = collect(*quick.PATHS)
    assert done.returncode == 0, done.stdout[-2000:]
    assert done.stdout.count("::test_") >= 1_000


def test_pure_code_is_tested_without_clients() -> None:
    done = collect("tests/rules", "tests/emails", blocked=("boto3", "botocore", "chalice"))
    assert done.returncode == 0, done.stdout[-2000:]


def test_a_test_that_imports_moto_fails() -> None:
    done = collect("tests/test_config.py")
    assert done.returncode != 0
    assert "import of moto halted" in done.stdout
