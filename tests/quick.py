"""`make quick`: the tests that need no AWS, in two processes. An import of moto fails, as does a test that needs it.

It is a plugin of pytest, so that the processes that share the tests have it too.
"""

import sys

import pytest

PATHS = (
    "tests/rules",
    "tests/emails",
    "tests/web",
    "tests/tables",
    "tests/test_architecture.py",
    "tests/test_i18n.py",
    "tests/test_names.py",
    "tests/test_tree.py",
)


def pytest_configure() -> None:
    """Let each import of moto fail."""
    sys.modules["moto"] = None  # type: ignore[assignment]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests whose fixtures need moto."""
    on_aws = [item for item in items if needs_aws(item)]
    config.hook.pytest_deselected(items=on_aws)
    items[:] = [item for item in items if not needs_aws(item)]


def needs_aws(item: pytest.Item) -> bool:
    return "tables" in getattr(item, "fixturenames", ())


if __name__ == "__main__":
    sys.exit(pytest.main([*PATHS, "-p", "tests.quick", "-n", "2", "--dist", "loadscope", *sys.argv[1:]]))
