"""`make quick`: the tests that need no AWS, in one process. An import of moto fails, as does a test that needs it."""

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


class WithoutAws:
    """A plugin that deselects the tests whose fixtures need moto."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        on_aws = [item for item in items if needs_aws(item)]
        config.hook.pytest_deselected(items=on_aws)
        items[:] = [item for item in items if not needs_aws(item)]


def needs_aws(item: pytest.Item) -> bool:
    return "tables" in getattr(item, "fixturenames", ())


def main(*options: str) -> int:
    """Run the quick tests with pytest's `options` and return its exit status."""
    sys.modules["moto"] = None  # type: ignore[assignment]
    return pytest.main([*PATHS, *options], plugins=[WithoutAws()])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
