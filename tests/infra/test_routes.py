"""Addresses are known before any module that answers there is imported."""

import subprocess
import sys

from chalicelib.web.routes import ROUTES
from infra import routes


def test_the_committed_addresses_are_those_that_the_modules_declare() -> None:
    assert routes.declared() == ROUTES, "Run `python -m infra.routes` and commit chalicelib/web/routes.py"
    assert routes.WRITTEN.read_text() == routes.written(ROUTES)


def test_a_cold_start_imports_nothing_that_answers() -> None:
    answering = ("chalicelib.api", "chalicelib.pages", "chalicelib.operations")
    code = f"import sys, app; print([name for name in sys.modules if name.startswith({answering})])"
    started = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert started.stdout.strip() == "[]"


def test_an_address_is_declared_once() -> None:
    every = [route for of in ROUTES.values() for route in of]
    assert len(every) == len(set(every))
