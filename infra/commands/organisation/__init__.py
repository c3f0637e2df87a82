"""The organisations of a stage, or of the local stack: create, list, show, give one an owner, suspend, resume."""

import pkgutil
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from importlib import import_module
from typing import cast

from infra.commands import Command
from infra.operation import target


def add(parser: ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="what", required=True)
    for name, command in every():
        one = kinds.add_parser(name, help=command.__doc__, description=command.__doc__)
        target.add_options(one)
        command.add(one)


def run(options: Namespace) -> int:
    """Run the command on the stage or the local stack."""
    target.use(options)
    return dict(every())[options.what].run(options)


def every() -> Iterator[tuple[str, Command]]:
    """Return the commands by name, one module each; `import_.py` is `import`."""
    for module in pkgutil.iter_modules(__path__):
        yield module.name.rstrip("_"), cast(Command, import_module(f"{__name__}.{module.name}"))
