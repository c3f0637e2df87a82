"""Routes are known before the modules that declare them are imported."""

import subprocess
import sys

from chalicelib.web.routes import ROUTES
from infra import routes


def test_the_committed_routes_are_those_that_the_modules_declare() -> None:
    assert routes.declared() == ROUTES, "Run `make routes` and commit chalicelib/web/routes.py"
    assert routes.FILE.read_text() == routes.source(ROUTES)


def test_tags_and_operation_ids_stay_as_published() -> None:
    """Generated clients depend on them, so no line of the file may change."""
    assert sorted(routes.operations()) == routes.OPERATIONS.read_text().splitlines(), "Run `make routes`; a published line stays"


def test_a_cold_start_imports_no_module_with_routes() -> None:
    packages = ("chalicelib.api", "chalicelib.pages", "chalicelib.operations")
    code = f"import sys, app; print([name for name in sys.modules if name.startswith({packages})])"
    started = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert started.stdout.strip() == "[]"


def test_a_route_is_declared_once() -> None:
    every = [route for of in ROUTES.values() for route in of]
    assert len(every) == len(set(every))
