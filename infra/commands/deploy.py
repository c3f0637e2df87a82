"""Deploy the stage: stack, functions, wire, check, stopping at the first failure. It may be repeated."""

from argparse import ArgumentParser, Namespace

from infra.commands import check, functions, stack, wire
from infra.deployment.stage import DeployingError

FAULTS = "The stage is deployed, but not as it must be: do what check says, then run check again."


def add(parser: ArgumentParser) -> None:
    stack.add(parser)


def run(options: Namespace) -> int:
    """Run every step, or with --plan show the changes of each."""
    return _plan(options) if options.plan else _deploy(options)


def _deploy(options: Namespace) -> int:
    for name, step in {"stack": stack, "functions": functions, "wire": wire, "check": check}.items():
        print(f"\n── {name}", flush=True)
        if step.run(options):
            print(FAULTS if step is check else f"Stopped at {name}. Once that is mended, deploy again: nothing is done twice.")
            return 1
    return 0


def _plan(options: Namespace) -> int:
    try:
        return stack.run(options) or functions.run(options) or wire.run(options)
    except DeployingError as error:
        print(f"What follows cannot be seen before the steps above are taken. {error}")
        return 0
