"""One module per command of `python -m infra`: its docstring is the help, `add` declares its options, `run` returns the exit status."""

import pkgutil
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from importlib import import_module
from typing import Protocol, cast


class Command(Protocol):
    """A module of this package."""

    __doc__: str | None

    def add(self, parser: ArgumentParser) -> None:
        """Declare the command's options."""

    def run(self, options: Namespace) -> int:
        """Run the command, and return 0, or 1 when something needs attention."""


def every() -> Iterator[tuple[str, Command]]:
    """Return the commands by name: `send_test.py` is `send-test`."""
    for module in pkgutil.iter_modules(__path__):
        yield module.name.replace("_", "-"), cast(Command, import_module(f"{__name__}.{module.name}"))
